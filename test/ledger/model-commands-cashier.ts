/** Random commands of the cashier: deposits, debts, withdrawals, adjustments, exchanges, fees. */
import { DepositStage, type Payload, WithdrawalStage } from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import type { Caller, Sent } from "./model-caller.ts";
import type { Make } from "./model-commands.ts";
import { roomOf } from "./model-limits.ts";
import { MAX, type World } from "./model-world.ts";

function railFor(caller: Caller, currency: string): string {
  const { chance } = caller;
  if (chance.in(2)) return chance.pick(["", "play", "test-card", "nobody's"]);
  if (currency === "FUN") return chance.pick(["", "play"]);
  return chance.in(95) ? "test-card" : "test-crypto";
}

/** What the player's account can still take. */
function left({ world }: Caller, ref: string, currency: string): bigint {
  const { available, bonus, held } = world.row(ref, currency);
  return MAX - available - bonus - held;
}

function depositEdges(caller: Caller, ref: string, currency: string): (bigint | undefined)[] {
  const { world } = caller;
  const bounds = world.rules.get(ref)?.bounds.find((one) => one.currency === currency);
  const ceiling = (bounds?.ceiling ?? 0n) - world.row(ref, currency).available;
  const all = ref === refOf(3) ? left(caller, ref, currency) : undefined;
  return [world.owed(ref, currency), ceiling, roomOf(world, ref, 1, currency), all];
}

const { CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED } = DepositStage;
const ADVANCES = [CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED];

type Named = Exclude<
  Extract<Payload["type"], `deposit_${string}` | "suspense_matched">,
  "deposit_captured"
>;

export const deposit: Make = (caller) => {
  const { chance } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  if (chance.in(35)) return known(caller, "deposit_captured");
  const currency = caller.currency();
  const minor = caller.much(...depositEdges(caller, ref, currency));
  const externalId = chance.in(40) ? "" : caller.fresh("x");
  const rail = railFor(caller, currency);
  const rest = { rail, externalId, partial: chance.in(30) };
  const payload = { type: "deposit_captured" as const, amount: { minor, currency }, ...rest };
  return caller.about(operatorId, ref, payload);
};

/** An event about a payment that is in the book, in a stage that chance picks, or isn't. */
function known(caller: Caller, type: Named | "deposit_captured"): Sent {
  const { chance, world } = caller;
  const all = [...world.deposits];
  const placeOf = ({ stage, suspended }: (typeof all)[number][1]): string => {
    return `${stage} ${suspended > 0n}`;
  };
  const places = [...new Set(all.map(([, one]) => placeOf(one)))];
  const place = chance.pick(places);
  const those = all.filter(([, one]) => placeOf(one) === place);
  const found = those.length > 0 && chance.in(93) ? chance.pick(those) : undefined;
  const operatorId =
    found === undefined ? caller.operator() : (JSON.parse(found[0]) as string[])[0]!;
  const before = found?.[1];
  const [rail = "", externalId = ""] = before?.key.split("\0") ?? [];
  const currency = before !== undefined && chance.in(96) ? before.currency : caller.currency();
  const named = before === undefined ? caller.fresh("x") : externalId;
  const by = before === undefined ? railFor(caller, currency) : rail;
  const who = before?.ref ?? "";
  const ref = who !== "" && chance.in(93) ? who : caller.other(operatorId);
  const kept = (before?.captured ?? 0n) - (before?.returned ?? 0n);
  const edges = [kept, before?.suspended, ...depositEdges(caller, ref, currency)];
  const minor = chance.in(30) ? caller.most(kept, before?.suspended) : caller.much(...edges);
  const rest = { rail: by, externalId: named, amount: { minor, currency } };
  if (type === "deposit_captured") {
    return caller.about(operatorId, ref, { type, ...rest, partial: chance.in(40) });
  }
  if (type === "suspense_matched") return caller.about(operatorId, ref, { type, ...rest });
  if (type === "deposit_advanced") {
    const isSame = before !== undefined && before.expected > 0n && chance.in(80);
    const amount = { minor: isSame ? before.expected : chance.in(30) ? 0n : minor, currency };
    const more = { stage: chance.pick(ADVANCES), reason: "", scaStatus: "", scaEci: "" };
    const payload = { type, ...rest, amount, ...more };
    const isAlone = before !== undefined && chance.in(50);
    return isAlone ? caller.sent({ operatorId, payload }) : caller.about(operatorId, ref, payload);
  }
  const payload = { type, ...rest, reason: "" } as Payload;
  const isNobodys = type === "deposit_suspended" ? !chance.in(1) : chance.in(70);
  return isNobodys ? caller.sent({ operatorId, payload }) : caller.about(operatorId, ref, payload);
}

export const advance: Make = (caller) => known(caller, "deposit_advanced");
export const refund: Make = (caller) => known(caller, "deposit_refunded");
export const chargeBack: Make = (caller) => known(caller, "deposit_charged_back");
export const suspend: Make = (caller) => known(caller, "deposit_suspended");
export const match: Make = (caller) => known(caller, "suspense_matched");

export const endDebt: Make = (caller) => {
  const { chance, world } = caller;
  const owing = [...world.debts].filter(([, owed]) => owed > 0n);
  const [ref, currency] =
    owing.length > 0 && chance.in(85)
      ? (JSON.parse(chance.pick(owing)[0]) as [string, string])
      : [caller.player("demo"), caller.currency()];
  const operatorId = world.players.get(ref)?.operator ?? "demo";
  const minor = caller.much(world.owed(ref, currency), world.row(ref, currency).available);
  const type = chance.pick(["debt_written_off", "debt_recovered"] as const);
  const amount = { minor, currency };
  const payload = type === "debt_recovered" ? { type, amount } : { type, amount, reason: "" };
  return caller.about(operatorId, ref, payload as Payload);
};

export const adjust: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  const currency = caller.currency();
  const debit = chance.in(50);
  const row = world.row(ref, currency);
  const edge = debit ? row.available : ref === refOf(3) ? left(caller, ref, currency) : undefined;
  const correctionOf = chance.in(60) ? 0 : chance.upTo(world.seq + 3);
  const approvers = chance.in(2) ? ["ann", "ann"] : ["ann", "bob"];
  const amount = { minor: caller.much(edge, edge), currency };
  const rest = { debit, reason: "", approvers, correctionOf };
  return caller.about(operatorId, ref, { type: "adjustment_posted", amount, ...rest });
};

export const exchange: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  const [x, y] = chance.in(2)
    ? ["FUN", "EUR"]
    : chance.pick([["EUR", "TON"] as const, ["TON", "EUR"]]);
  const sell = { minor: caller.much(world.row(ref, x!).available), currency: x! };
  const to = chance.in(1) ? x! : y!;
  const edge = chance.in(20) || ref === refOf(3) ? left(caller, ref, to) : undefined;
  const buy = { minor: caller.much(edge, edge), currency: to };
  return caller.about(operatorId, ref, { type: "currency_exchanged", sell, buy, quoteId: "" });
};

export const houseOnly: Make = (caller) => {
  const { chance } = caller;
  const operatorId = caller.operator();
  const currency = chance.in(10) ? "FUN" : chance.pick(["EUR", "TON"]);
  const amount = { minor: caller.much(), currency };
  const rail = railFor(caller, currency);
  const fee = { type: "fee_accrued" as const, kind: 1 + chance.upTo(3), payee: caller.fresh("p") };
  const payload = chance.pick<Payload>([
    { ...fee, amount },
    { type: "psp_fee_charged", rail, amount, externalId: "" },
    { type: "psp_remitted", rail, amount, reference: "" },
  ]);
  return caller.sent({ operatorId, payload });
};

export const request: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  const currency = chance.in(2) ? caller.currency() : chance.pick(["EUR", "EUR", "TON"]);
  const row = world.row(ref, currency);
  const bounds = world.rules.get(ref)?.bounds.find((one) => one.currency === currency);
  const minor = caller.much(row.available, row.available - (bounds?.floor ?? 0n));
  const old = [...world.holds.values()];
  const txnId = old.length > 0 && chance.in(12) ? chance.pick(old).key : caller.fresh("w");
  const rest = { rail: railFor(caller, currency), destinationHash: "d", expiresAt: caller.end() };
  const payload = { type: "withdrawal_requested" as const, amount: { minor, currency }, ...rest };
  return caller.about(operatorId, ref, payload, { txnId });
};

type Moved = Exclude<Extract<Payload["type"], `withdrawal_${string}`>, "withdrawal_requested">;

/** How far along a withdrawal is, as coarsely as the rules ask. */
export function placeOf(world: World, key: string): string {
  const hold = world.holds.get(key);
  if (hold === undefined) return "unseen";
  const { remaining, inTransit, expiresAt, stage } = hold;
  if (remaining === 0n) return inTransit > 0n ? "out" : "over";
  if (expiresAt !== 0 && expiresAt <= world.now) return "late";
  return Object.entries(WithdrawalStage).find(([, number]) => number === stage)![0];
}

const moves =
  (type: Moved): Make =>
  (caller) => {
    const { chance, world } = caller;
    const all = [...world.holds];
    const places = [...new Set(all.map(([key]) => placeOf(world, key)))];
    const place = chance.pick(places);
    const those = all.filter(([key]) => placeOf(world, key) === place);
    const found = those.length > 0 && chance.in(95) ? chance.pick(those) : undefined;
    const operatorId =
      found === undefined ? caller.operator() : (JSON.parse(found[0]) as string[])[0]!;
    const hold = found?.[1];
    const withdrawalId = hold?.key ?? caller.fresh("w");
    const playerRef = chance.in(70)
      ? ""
      : chance.in(80)
        ? (hold?.ref ?? "")
        : caller.other(operatorId);
    const sentBy = (payload: Payload): Sent => caller.sent({ operatorId, playerRef, payload });
    if (type === "withdrawal_advanced") {
      const rest = {
        stage: chance.pick(Object.values(WithdrawalStage)),
        approvers: [],
        reason: "",
      };
      return sentBy({ type, withdrawalId, ...rest });
    }
    if (type === "withdrawal_extended") {
      const later = chance.in(40) ? 0 : Math.max(0, (hold?.expiresAt ?? 0) + chance.upTo(20) - 2);
      return sentBy({ type, withdrawalId, expiresAt: later });
    }
    if (type === "withdrawal_expired") return sentBy({ type, withdrawalId });
    const currency = chance.in(95) ? (hold?.currency ?? "EUR") : caller.currency();
    const minor = caller.much(hold?.remaining, hold?.inTransit, hold?.settled);
    const amount = chance.in(50) ? undefined : { minor, currency };
    if (type === "withdrawal_settled") {
      const networkFeeMinor = chance.in(80) ? 0n : caller.much();
      return sentBy({ type, withdrawalId, amount, networkFeeMinor });
    }
    if (type === "withdrawal_submitted") return sentBy({ type, withdrawalId, amount, spendId: "" });
    return sentBy({ type, withdrawalId, amount, reason: "" });
  };

export const HOLD_MOVES: readonly Make[] = (
  [
    "withdrawal_advanced",
    "withdrawal_extended",
    "withdrawal_submitted",
    "withdrawal_submitted",
    "withdrawal_settled",
    "withdrawal_failed",
    "withdrawal_released",
    "withdrawal_expired",
    "withdrawal_reversed",
  ] as const
).map(moves);
