/**
 * Goal: an acceptance that the rules forbid is found, and so is a refusal that they don't ask for,
 * also when every number in the record is right.
 * Method: two books that differ in one event, which decides how a later one must be answered; then
 * the later record of one is put into the other. The ledger made each of them; only together they
 * are wrong.
 */
import { describe, expect, test } from "bun:test";
import { Code, type Command, type Payload } from "../../src/ledger/index.ts";
import { Book, type CommandInit } from "../ledger/book.ts";
import { recordBytes } from "../ledger/book-bytes.ts";
import { say } from "../ledger/cashier.ts";
import { auditBook } from "./any-audit.ts";

const DAY_US = 86_400_000_000;
const eur = (minor: bigint) => ({ minor, currency: "EUR" });

type Init = Partial<Omit<Command, "payload">>;
type Event = CommandInit | ((book: Book) => void);

const bet = (txnId: string, minor: bigint, more: Init = {}): CommandInit => ({
  txnId,
  roundId: "r",
  payload: { type: "bet_placed", amount: eur(minor), closesRound: false },
  ...more,
});
const settle = (betTxnId: string, minor: bigint, txnId = ""): CommandInit => ({
  txnId,
  payload: { type: "round_settled", betTxnId, win: eur(minor), closesRound: false },
});
const deposit = (minor: bigint, externalId = ""): CommandInit => ({
  payload: say.captured(externalId, minor),
});
const limit = (kind: 1 | 2 | 3, minor: bigint): CommandInit => {
  const amount = eur(minor);
  const period = 1 as const;
  return { payload: { type: "limit_set", kind, period, amount, sessionSeconds: 0, remove: false } };
};
const session: CommandInit = {
  payload: {
    type: "limit_set",
    kind: 4,
    period: 0,
    amount: undefined,
    sessionSeconds: 60,
    remove: false,
  },
};
const velocity = (subject: 1 | 2 | 3, countMax: number): CommandInit => {
  const window = { windowSeconds: 3_600, countMax, amountMax: undefined, remove: false };
  return { playerRef: "", payload: { type: "velocity_rule_set", ruleId: "v", subject, ...window } };
};
const frozen = (withdrawalsToo: boolean): CommandInit => ({
  payload: { type: "player_frozen", reason: "", withdrawalsToo },
});
const status = (to: 1 | 2 | 3): CommandInit => ({
  payload: { type: "player_status_changed", status: to, reason: "" },
});
const bounds = (floorMinor: bigint, ceilingMinor: bigint): CommandInit => ({
  payload: { type: "account_bounds_set", currency: "EUR", floorMinor, ceilingMinor, reason: "" },
});
const excluded: CommandInit = { payload: { type: "self_excluded", until: 0, reason: "" } };
const timeOut: CommandInit = { payload: { type: "time_out_set", until: 9_000_000_000_000_000 } };
const request = (txnId: string, expiresAt = 0): CommandInit => ({
  txnId,
  payload: say.requested(50n, expiresAt),
});
const grant = (bonusId: string, wageringMinor = 0n): CommandInit => ({
  payload: {
    type: "bonus_granted",
    bonusId,
    campaign: "c",
    amount: eur(20n),
    wageringMinor,
    expiresAt: 0,
    conversionMinorMax: 0n,
  },
});
const plain = (payload: Payload): CommandInit => ({ payload });
const note: CommandInit = { payload: { type: "kyc_noted", fields: {} } };
const later = (us: number) => (book: Book) => void (book.laterUs += us);

/** What happens first, in either book; what decides; what must be answered otherwise. */
interface Forgery {
  readonly first?: readonly Event[];
  readonly decides: CommandInit;
  /** What stands in its place where it isn't. */
  readonly instead?: CommandInit;
  readonly between?: readonly Event[];
  readonly last: CommandInit;
  readonly code: Code;
}

const FORGERIES: Readonly<Record<string, Forgery>> = {
  "a deposit above the limit": {
    decides: limit(1, 60n),
    last: deposit(80n),
    code: Code.LIMIT_DEPOSIT_REACHED,
  },
  "a stake above the wager limit": {
    decides: limit(3, 60n),
    between: [bet("b1", 40n)],
    last: bet("b2", 21n),
    code: Code.LIMIT_WAGER_REACHED,
  },
  "a stake above the loss limit": {
    decides: limit(2, 60n),
    between: [bet("b1", 40n), settle("b1", 5n)],
    last: bet("b2", 26n),
    code: Code.LIMIT_LOSS_REACHED,
  },
  "a stake after the session": {
    decides: session,
    between: [bet("b1", 1n), later(50_000_000), bet("b2", 1n), later(50_000_000)],
    last: bet("b3", 1n),
    code: Code.LIMIT_SESSION_REACHED,
  },
  "a bet of a frozen player": {
    decides: frozen(false),
    last: bet("b1", 1n),
    code: Code.PLAYER_FROZEN,
  },
  "a bet of an excluded player": {
    decides: excluded,
    last: bet("b1", 1n),
    code: Code.PLAYER_EXCLUDED,
  },
  "a deposit of an excluded player": {
    decides: excluded,
    last: deposit(1n),
    code: Code.PLAYER_EXCLUDED,
  },
  "a bet in a time-out": { decides: timeOut, last: bet("b1", 1n), code: Code.PLAYER_TIMED_OUT },
  "a bet of a blocked player": {
    decides: status(2),
    instead: status(1),
    last: bet("b1", 1n),
    code: Code.PLAYER_BLOCKED,
  },
  "a deposit of a closed player": {
    decides: status(3),
    instead: status(1),
    last: deposit(1n),
    code: Code.PLAYER_CLOSED,
  },
  "a withdrawal while those are frozen": {
    decides: frozen(true),
    instead: frozen(false),
    last: request("w1"),
    code: Code.PLAYER_FROZEN,
  },
  "a stake below the floor": {
    decides: bounds(990n, 0n),
    last: bet("b1", 20n),
    code: Code.ACCOUNT_FLOOR_REACHED,
  },
  "a deposit above the ceiling": {
    decides: bounds(0n, 1_010n),
    last: deposit(20n),
    code: Code.ACCOUNT_CEILING_REACHED,
  },
  "one bet more than the rule says": {
    decides: velocity(1, 2),
    between: [bet("b1", 1n), bet("b2", 1n)],
    last: bet("b3", 1n),
    code: Code.LIMIT_VELOCITY_REACHED,
  },
  "one withdrawal more than the rule says": {
    decides: velocity(3, 1),
    between: [request("w1")],
    last: request("w2"),
    code: Code.LIMIT_VELOCITY_REACHED,
  },
  "a bet after its rollback": {
    decides: plain({ type: "bet_rolled_back", betTxnId: "b1" }),
    instead: plain({ type: "bet_rolled_back", betTxnId: "b9" }),
    last: bet("b1", 1n),
    code: Code.BET_ROLLED_BACK,
  },
  "a bet in a closed round": {
    decides: { roundId: "r", payload: { type: "round_closed", roundSource: "" } },
    instead: { roundId: "x", payload: { type: "round_closed", roundSource: "" } },
    last: bet("b1", 1n),
    code: Code.ROUND_CLOSED,
  },
  "a settlement whose win was taken back": {
    first: [bet("b1", 1n)],
    decides: plain({ type: "win_rolled_back", winTxnId: "t1" }),
    instead: plain({ type: "win_rolled_back", winTxnId: "t9" }),
    last: settle("b1", 7n, "t1"),
    code: Code.WIN_ROLLED_BACK,
  },
  "a txn_id that was used": {
    first: [bet("b1", 1n), bet("b2", 1n)],
    decides: settle("b1", 7n, "t1"),
    instead: settle("b1", 7n, "t9"),
    last: settle("b2", 7n, "t1"),
    code: Code.TXN_DUPLICATE,
  },
  "a payment captured twice": {
    decides: deposit(5n, "d1"),
    instead: deposit(5n, "d9"),
    last: deposit(5n, "d1"),
    code: Code.DEPOSIT_DUPLICATE,
  },
  "a withdrawal requested twice": {
    decides: request("w1"),
    instead: request("w9"),
    last: request("w1"),
    code: Code.HOLD_DUPLICATE,
  },
  "a submission after its time": {
    decides: request("w1", 1_700_000_000_100_000),
    instead: request("w1"),
    between: [later(DAY_US)],
    last: plain(say.submitted("w1")),
    code: Code.HOLD_EXPIRED,
  },
  "a submission of a frozen withdrawal": {
    first: [request("w1")],
    decides: plain(say.stage("w1", 5)),
    instead: plain(say.stage("w1", 4)),
    last: plain(say.submitted("w1")),
    code: Code.HOLD_STAGE_INVALID,
  },
  "a bonus id used twice": {
    decides: grant("g1"),
    instead: grant("g9"),
    last: grant("g1"),
    code: Code.BONUS_DUPLICATE,
  },
  "a conversion before it was wagered": {
    decides: grant("g1", 5n),
    instead: grant("g1"),
    last: plain({ type: "bonus_converted", bonusId: "g1" }),
    code: Code.BONUS_WAGERING_OPEN,
  },
  "another correction of a void bet": {
    first: [bet("b1", 9n), settle("b1", 4n), bet("b2", 9n), settle("b2", 4n)],
    decides: plain({ type: "bet_voided", betTxnId: "b1", betSource: "", reason: "" }),
    instead: plain({ type: "bet_voided", betTxnId: "b2", betSource: "", reason: "" }),
    last: plain({ type: "bet_resettled", betTxnId: "b1", betSource: "", win: eur(7n), reason: "" }),
    code: Code.BET_VOIDED,
  },
  "a jackpot beyond its pool": {
    decides: { playerRef: "", payload: { type: "jackpot_seeded", pool: "p", amount: eur(5n) } },
    instead: { playerRef: "", payload: { type: "jackpot_seeded", pool: "p", amount: eur(9n) } },
    last: plain({ type: "jackpot_won", pool: "p", amount: eur(7n) }),
    code: Code.JACKPOT_INSUFFICIENT,
  },
};

const KEYLESS = new Set(["bet_rolled_back", "win_rolled_back", "round_closed"]);

/** A book with the event that decides, or with what stands in its place. */
function written(
  { first = [], decides, instead = note, between = [], last }: Forgery,
  isThere: boolean,
) {
  const book = new Book();
  const playerRef = book.player(1_000n);
  book.deposit(playerRef, 1_000n, "EUR");
  for (const event of [...first, isThere ? decides : instead, ...between, last]) {
    if (typeof event === "function") event(book);
    else {
      const { payload } = event;
      book.do({ ...(KEYLESS.has(payload.type) ? {} : { playerRef }), ...event });
    }
  }
  book.commit();
  return book;
}

/** The records of one book, the last one from the other. */
function mixed(book: Book, other: Book) {
  const records = [...book.records.slice(0, -1), ...other.records.slice(-1)].map(recordBytes);
  expect(records).toHaveLength(book.records.length);
  return auditBook(book, records, {});
}

const ofFirst = { seq: 1, kind: "epoch_wrong" };

describe("accepted although the rules forbid it", () => {
  for (const [what, forgery] of Object.entries(FORGERIES)) {
    test(what, () => {
      const [strict, lax] = [written(forgery, true), written(forgery, false)];
      expect(strict.records.at(-1)?.outcome.code).toBe(forgery.code);
      expect(lax.records.at(-1)?.outcome.code).toBe(Code.OK);
      // These books begin without an epoch.
      for (const book of [strict, lax]) {
        expect(auditBook(book).findings).toMatchObject([ofFirst]);
      }
      const { length: seq } = strict.records;
      const accepted = mixed(strict, lax).findings.filter((found) => found.seq === seq);
      const kinds = ["acceptance_unjustified", "bet_tombstone_ignored"];
      expect(accepted.some(({ kind }) => kinds.includes(kind))).toBe(true);
      const refused = mixed(lax, strict).findings.filter((found) => found.seq === seq);
      expect(refused.map(({ kind }) => kind)).toContain("refusal_unjustified");
    });
  }
});
