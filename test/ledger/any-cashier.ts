/** Random events of the cashier, for `any-book.ts`. */
import type { Deposit, Hold, LedgerObject, Payload } from "../../src/ledger/index.ts";
import type { AnyBook, Step } from "./any-book.ts";

const RAIL = "test-card";

function eur(any: AnyBook, most = 100) {
  return any.money(most, any.chance(85) ? "EUR" : "USD");
}

function objects<Kind extends LedgerObject["object"]>(any: AnyBook, kind: Kind) {
  any.book.commit();
  type Own = Extract<LedgerObject, { object: Kind }>;
  const all = [...any.book.state.objects()].map(([, one]) => one);
  return all.filter((one): one is Own => one.object === kind);
}

/** A deposit that is open, or now and then any name. */
function deposit(any: AnyBook, may: (one: Deposit) => boolean = () => true) {
  const one = any.pick(objects(any, "deposit").filter(may));
  const externalId = one === undefined || any.chance(5) ? any.name("d") : one.key.split("\0")[1]!;
  return { one, externalId };
}

/** One that was captured: it has left memory. */
function captured(any: AnyBook) {
  const record = any.record("deposit_captured", "suspense_matched", "deposit_captured");
  const change = record?.outcome.changes?.find(({ object }) => object === "deposit");
  const one = change as Deposit | undefined;
  return { one, externalId: one?.key.split("\0")[1] ?? any.name("d") };
}

function part(any: AnyBook, most: bigint | undefined): bigint {
  if (most === undefined || most <= 0n || any.chance(8)) return any.minor();
  return any.chance(40) ? most : 1n + BigInt(any.random(Number(most > 1_000n ? 1_000n : most)));
}

function hold(any: AnyBook, may: (one: Hold) => boolean) {
  const one = any.pick(objects(any, "hold").filter(may));
  return { one, withdrawalId: one === undefined || any.chance(5) ? any.name("w") : one.key };
}

const capture: Step = (any) => {
  const { one, externalId } = any.chance(40)
    ? deposit(any)
    : { one: undefined, externalId: any.name("d") };
  const isNamed = any.chance(60);
  const amount = { minor: any.minor(200), currency: one?.currency ?? eur(any).currency };
  return {
    playerRef: one?.ref || any.player(),
    payload: {
      type: "deposit_captured",
      amount,
      rail: RAIL,
      externalId: isNamed ? externalId : "",
      partial: any.chance(25),
    },
  };
};

const advance: Step = (any) => {
  const { one, externalId } = any.chance(60)
    ? deposit(any)
    : { one: undefined, externalId: any.name("d") };
  const minor = one === undefined || one.expected === 0n ? any.minor() : one.expected;
  const currency = one?.currency ?? eur(any).currency;
  const stage = any.one(1, 2, 3, 6, 7, 8) as 1 | 2 | 3 | 6 | 7 | 8;
  const payload = {
    type: "deposit_advanced",
    rail: RAIL,
    externalId,
    stage: one === undefined ? any.one(1, 2, 3) : stage,
    amount: { minor, currency },
    reason: "",
    scaStatus: "",
    scaEci: "",
  } as const;
  return { playerRef: one === undefined ? any.player() : any.maybe(one.ref), payload };
};

function goingBack(type: "deposit_refunded" | "deposit_charged_back"): Step {
  return (any) => {
    const { one, externalId } = any.chance(80) ? captured(any) : deposit(any);
    if (one === undefined && any.chance(80)) return undefined;
    if (type === "deposit_charged_back" && any.chance(50)) drain(any, one);
    const minor = part(any, one === undefined ? undefined : one.captured - one.returned);
    const amount = { minor, currency: one?.currency ?? "EUR" };
    return {
      playerRef: any.maybe(one?.ref ?? ""),
      payload: { type, rail: RAIL, externalId, amount, reason: "r" },
    };
  };
}

/** Takes all cash of a deposit's player, so that it comes to owe what it had. */
function drain(any: AnyBook, one: Deposit | undefined): void {
  const { ref: playerRef = "", currency = "EUR" } = one ?? {};
  const minor = any.book.draft.account(playerRef, currency)?.available ?? 0n;
  if (minor > 0n) any.send({ playerRef, payload: adjustment({ minor, currency }, true) });
}

function adjustment(amount: { minor: bigint; currency: string }, debit: boolean): Payload {
  const approvers = ["ann", "bob"];
  return { type: "adjustment_posted", amount, debit, reason: "r", approvers, correctionOf: 0 };
}

const suspend: Step = (any) => {
  const { one, externalId } = any.chance(40)
    ? deposit(any)
    : { one: undefined, externalId: any.name("d") };
  const amount = { minor: any.minor(), currency: one?.currency ?? eur(any).currency };
  return { payload: { type: "deposit_suspended", rail: RAIL, externalId, amount, reason: "r" } };
};

const match: Step = (any) => {
  const { one, externalId } = deposit(any, ({ suspended }) => suspended > 0n);
  const amount = { minor: part(any, one?.suspended), currency: one?.currency ?? "EUR" };
  const playerRef = one?.ref || any.player();
  return { playerRef, payload: { type: "suspense_matched", rail: RAIL, externalId, amount } };
};

function debt(type: "debt_recovered" | "debt_written_off"): Step {
  return (any) => {
    any.book.commit();
    const owing = any.players.filter((ref) => any.book.state.player(ref)?.extras?.debts.length);
    const playerRef = any.pick(owing) ?? any.player();
    const owed = any.pick(any.book.state.player(playerRef)?.extras?.debts ?? []);
    const amount = { minor: part(any, owed?.owed), currency: owed?.currency ?? "EUR" };
    if (owed === undefined && any.chance(90)) return undefined;
    // A deposit would pay the debt at once.
    if (type === "debt_recovered") {
      any.send({ playerRef, payload: adjustment(amount, false) });
    }
    const payload = type === "debt_recovered" ? { type, amount } : { type, amount, reason: "r" };
    return { playerRef, payload: payload as Payload };
  };
}

const request: Step = (any) => ({
  playerRef: any.player(),
  txnId: any.name("w"),
  payload: {
    type: "withdrawal_requested",
    amount: eur(any),
    rail: RAIL,
    destinationHash: "x",
    expiresAt: any.soon(),
  },
});

type Part = "remaining" | "inTransit" | "settled";

/** A move of the money in a part of a hold; sometimes of all of it, without an amount. */
function move(type: string, from: Part, more: object = {}): Step {
  return (any) => {
    const may = (one: Hold) => one[from] > 0n;
    const isSettled = from === "settled";
    const past = isSettled ? any.record("withdrawal_settled", "withdrawal_submitted") : undefined;
    const change = past?.outcome.changes?.find(({ object }) => object === "hold") as
      Hold | undefined;
    const { one, withdrawalId } =
      isSettled && change !== undefined
        ? { one: change, withdrawalId: change.key }
        : hold(any, may);
    const isAll = any.chance(30) && !isSettled;
    const currency = one?.currency ?? "EUR";
    const amount = isAll ? undefined : { minor: part(any, one?.[from]), currency };
    const payload = { type, withdrawalId, amount, ...more } as unknown as Payload;
    return { playerRef: any.maybe(one?.ref ?? ""), payload };
  };
}

export const cashierSteps: Readonly<Record<string, readonly [weight: number, make: Step]>> = {
  play: [
    6,
    (any) => ({
      playerRef: any.player(),
      payload: {
        type: "deposit_captured",
        amount: any.money(200, "FUN"),
        rail: "play",
        externalId: "",
      },
    }),
  ],
  capture: [14, capture],
  advance: [10, advance],
  refund: [9, goingBack("deposit_refunded")],
  chargeBack: [9, goingBack("deposit_charged_back")],
  suspend: [5, suspend],
  match: [6, match],
  recover: [14, debt("debt_recovered")],
  writeOff: [14, debt("debt_written_off")],
  pspFee: [
    1,
    (any) => ({
      payload: { type: "psp_fee_charged", rail: RAIL, amount: eur(any), externalId: "" },
    }),
  ],
  remit: [
    1,
    (any) => ({
      payload: { type: "psp_remitted", rail: RAIL, amount: eur(any), reference: "x" },
    }),
  ],
  request: [9, request],
  stage: [
    6,
    (any) => {
      const { one, withdrawalId } = hold(any, ({ remaining }) => remaining > 0n);
      const stage = any.one(1, 2, 3, 4, 4, 5) as 1 | 2 | 3 | 4 | 5;
      const payload = {
        type: "withdrawal_advanced",
        withdrawalId,
        stage,
        approvers: [],
        reason: "",
      } as const;
      return { playerRef: any.maybe(one?.ref ?? ""), payload };
    },
  ],
  submit: [8, move("withdrawal_submitted", "remaining", { spendId: "s" })],
  settleHold: [
    5,
    (any) => {
      const networkFeeMinor = any.chance(50) ? 0n : any.minor(5);
      return move("withdrawal_settled", "inTransit", { networkFeeMinor })(any);
    },
  ],
  fail: [3, move("withdrawal_failed", "inTransit", { reason: "r" })],
  release: [3, move("withdrawal_released", "remaining", { reason: "r" })],
  reverse: [9, move("withdrawal_reversed", "settled", { reason: "r" })],
  expireHold: [
    4,
    (any) => {
      const due = ({ expiresAt, remaining }: Hold) =>
        expiresAt !== 0 && expiresAt <= any.now && remaining > 0n;
      const { one, withdrawalId } = hold(any, any.chance(80) ? due : () => true);
      const payload = { type: "withdrawal_expired", withdrawalId } as const;
      return { playerRef: any.maybe(one?.ref ?? ""), payload };
    },
  ],
  extend: [
    10,
    (any) => {
      const { one, withdrawalId } = hold(
        any,
        ({ remaining, expiresAt }) => remaining > 0n && expiresAt > any.now,
      );
      const expiresAt = any.chance(30) ? 0 : (one?.expiresAt || any.now) + any.random(100_000_000);
      return {
        playerRef: any.maybe(one?.ref ?? ""),
        payload: { type: "withdrawal_extended", withdrawalId, expiresAt },
      };
    },
  ],
  adjust: [
    5,
    (any) => ({
      playerRef: any.player(),
      payload: {
        type: "adjustment_posted",
        amount: any.money(),
        debit: any.chance(40),
        reason: "r",
        approvers: ["ann", "bob"],
        correctionOf: any.chance(60) ? 0 : any.random(any.book.records.length + 5),
      },
    }),
  ],
  exchange: [
    5,
    (any) => {
      const [sell, buy] = any.chance(50) ? ["EUR", "USD"] : ["USD", "EUR"];
      const payload = {
        type: "currency_exchanged",
        sell: any.money(60, sell),
        buy: any.money(60, buy),
        quoteId: "q",
      } as const;
      return { playerRef: any.player(), payload };
    },
  ],
  fee: [
    1,
    (any) => ({
      payload: { type: "fee_accrued", kind: any.one(1, 2, 3), payee: "x", amount: any.money() },
    }),
  ],
};
