/** Stories of withdrawals under review, and of payments that are announced. */
import { DepositStage, type Payload, WithdrawalStage } from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import type { Caller } from "./model-caller.ts";
import { captured, say, type Story } from "./model-stories.ts";

/** A withdrawal under review, and whatever may happen to it there. */
function underReview(caller: Caller): Story {
  const ref = refOf(1 + caller.chance.upTo(3));
  const w = caller.fresh("w");
  const eur = (minor: bigint) => ({ minor, currency: "EUR" });
  const expiresAt = caller.chance.in(50) ? 0 : caller.world.now + 60_000_000;
  const rest = { rail: "test-card", destinationHash: "", expiresAt };
  const requested = { type: "withdrawal_requested", amount: eur(9n), ...rest } as const;
  const advance: Story[number] = (inner) => {
    const stage = inner.chance.pick(Object.values(WithdrawalStage));
    const more = { stage, approvers: [], reason: "" };
    return inner.sent({ payload: { type: "withdrawal_advanced", withdrawalId: w, ...more } });
  };
  const act: Story[number] = (inner) => {
    const { chance, world } = inner;
    if (chance.in(15)) world.laterUs += 60_000_000;
    if (chance.in(12)) return inner.sent({ playerRef: ref, txnId: w, payload: requested });
    const amount = chance.in(40) ? undefined : eur(BigInt(1 + chance.upTo(9)));
    const some = { withdrawalId: w, amount };
    const later = expiresAt + chance.pick([0, 5, -1]);
    const payload = chance.pick<Payload>([
      { type: "withdrawal_submitted", ...some, spendId: "" },
      { type: "withdrawal_submitted", ...some, spendId: "" },
      { type: "withdrawal_settled", ...some, networkFeeMinor: 1n },
      { type: "withdrawal_failed", ...some, reason: "" },
      { type: "withdrawal_released", ...some, reason: "" },
      { type: "withdrawal_reversed", ...some, reason: "" },
      { type: "withdrawal_expired", withdrawalId: w },
      { type: "withdrawal_extended", withdrawalId: w, expiresAt: Math.max(0, later) },
    ]);
    return inner.sent({ playerRef: chance.in(10) ? inner.other("demo") : "", payload });
  };
  return [
    (inner) => captured(inner, "demo", ref, eur(20n)),
    say(ref, () => requested, { txnId: w }),
    advance,
    (inner) => (inner.chance.in(40) ? advance(inner) : undefined),
    act,
    act,
    advance,
    act,
    act,
    act,
  ];
}

/** A payment announced, and whatever may happen to it then. */
function payment(caller: Caller): Story {
  const ref = refOf(1 + caller.chance.upTo(3));
  const externalId = caller.fresh("x");
  const eur = (minor: bigint) => ({ minor, currency: "EUR" });
  const named = { rail: "test-card", externalId };
  const { CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED } = DepositStage;
  const advance =
    (stages: readonly DepositStage[]): Story[number] =>
    (inner) => {
      const amount = eur(0n);
      const more = { stage: inner.chance.pick(stages), reason: "", scaStatus: "", scaEci: "" };
      const payload = { type: "deposit_advanced", ...named, amount, ...more } as const;
      return inner.sent({ playerRef: ref, payload });
    };
  const act: Story[number] = (inner) => {
    const { chance } = inner;
    const amount = { minor: BigInt(1 + chance.upTo(6)), currency: chance.in(95) ? "EUR" : "TON" };
    const some = { ...named, amount, reason: "" };
    if (chance.in(20)) return advance([SETTLED, EXPIRED, FAILED, AUTHORIZED])(inner);
    const partial = chance.in(60);
    const payload = chance.pick<Payload>([
      { type: "deposit_captured", ...named, amount, partial },
      { type: "deposit_refunded", ...some },
      { type: "deposit_charged_back", ...some },
      { type: "deposit_suspended", ...some },
      { type: "suspense_matched", ...named, amount },
    ]);
    const isNobodys = payload.type === "deposit_suspended";
    return inner.sent({ playerRef: isNobodys ? "" : ref, payload });
  };
  return [
    advance([CREATED, CREATED, PENDING, AUTHORIZED]),
    (inner) => (inner.chance.in(40) ? advance([PENDING, AUTHORIZED])(inner) : undefined),
    act,
    (inner) => (inner.chance.in(30) ? advance([EXPIRED, FAILED, SETTLED])(inner) : undefined),
    act,
    act,
    act,
    act,
  ];
}

export const OBJECT_STORIES = [underReview, underReview, payment, payment];
