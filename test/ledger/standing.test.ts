/**
 * Goal: status, freeze, bounds and seeds stop exactly what they say; everything that is owed to a
 * player arrives all the same.
 * Method: tables of what passes; every book is rebuilt from its records.
 */
import { expect, test } from "bun:test";
import {
  apply,
  Code,
  Draft,
  LedgerState,
  type Payload,
  PlayerStatus,
  walletRowsOf,
} from "../../src/ledger/index.ts";
import { Book, everything } from "./book.ts";
import { bounds, frozen, limit, set, status, velocity } from "./rules-of-players.ts";

const MAX = 2n ** 63n - 1n;

/** A player with 1000 FUN and two open bets of 10. */
function scene(): { book: Book; ref: string } {
  const book = new Book();
  const ref = book.player(1000n);
  book.deposit(ref, 1000n, "USD");
  book.bet(ref, "open-1", 10n, { roundId: "open" });
  book.bet(ref, "open-2", 10n, { roundId: "open" });
  return { book, ref };
}

function expectReplayed(book: Book): void {
  book.commit();
  expect(everything(book.replay())).toEqual(everything(book.state));
}

/** What happens to each kind of event. */
function fate(book: Book, ref: string): Record<string, Code> {
  const withdrawal: Payload = {
    type: "withdrawal_requested",
    amount: { minor: 10n, currency: "USD" },
    rail: "test-card",
    destinationHash: "",
    expiresAt: 0,
  };
  return {
    bet: book.bet(ref, "b", 10n, { roundId: "b" }).code,
    round: book.dice(ref, 10n).code,
    deposit: book.deposit(ref, 10n).code,
    withdrawal: book.record({ playerRef: ref, txnId: "w", payload: withdrawal }).code,
    win: book.settle("open-1", 5n).code,
    rollback: book.rollBack("open-2").code,
  };
}

const { OK } = Code;
const PASSES = { bet: OK, round: OK, deposit: OK, withdrawal: OK, win: OK, rollback: OK };
const stops = (code: Code, ...what: (keyof typeof PASSES)[]): typeof PASSES => {
  return { ...PASSES, ...Object.fromEntries(what.map((one) => [one, code])) };
};

const FOREVER: Payload = { type: "self_excluded", until: 0, reason: "" };
const UNFROZEN: Payload = { type: "player_unfrozen", reason: "" };
const TABLE: readonly (readonly [string, readonly Payload[], typeof PASSES])[] = [
  ["nothing", [], PASSES],
  ["blocked", [status(PlayerStatus.BLOCKED)], stops(Code.PLAYER_BLOCKED, "bet", "round")],
  ["blocked, then active", [status(2), status(1)], PASSES],
  ["closed", [status(3)], stops(Code.PLAYER_CLOSED, "bet", "round", "deposit")],
  ["closed for ever", [status(3), status(1)], stops(Code.PLAYER_CLOSED, "bet", "round", "deposit")],
  ["frozen", [frozen(false)], stops(Code.PLAYER_FROZEN, "bet", "round")],
  ["frozen whole", [frozen(true)], stops(Code.PLAYER_FROZEN, "bet", "round", "withdrawal")],
  ["frozen less", [frozen(true), frozen(false)], stops(Code.PLAYER_FROZEN, "bet", "round")],
  ["unfrozen", [frozen(true), UNFROZEN], PASSES],
  ["excluded", [FOREVER], stops(Code.PLAYER_EXCLUDED, "bet", "round", "deposit")],
];

test.each(TABLE)("%s", (_, payloads, expected) => {
  const { book, ref } = scene();
  for (const payload of payloads) set(book, ref, payload);
  expect(fate(book, ref)).toEqual(expected);
  expectReplayed(book);
});

test("what a player has no more leaves no trace among the extras", () => {
  const book = new Book();
  const ref = book.player();
  for (const payload of [frozen(true), UNFROZEN, bounds(5n, 9n), bounds(0n, 0n)]) {
    set(book, ref, payload);
  }
  expect(book.draft.player(ref)?.extras).toBeUndefined();
  expectReplayed(book);
});

test("a change of status changes every row, and only that record does", () => {
  const { book, ref } = scene();
  const before = walletRowsOf(book.draft.player(ref)!);
  const changed = set(book, ref, status(PlayerStatus.BLOCKED));
  expect(changed.postings).toEqual([]);
  const after = walletRowsOf(book.draft.player(ref)!);
  expect(after).toEqual(
    before.map((row) => ({
      ...row,
      status: PlayerStatus.BLOCKED,
      version: row.version + 1,
      seq: changed.seq,
    })),
  );
  expect(changed.balances.map(({ currency, version }) => [currency, version])).toEqual(
    after.map(({ currency, version }) => [currency, version]),
  );
  expectReplayed(book);
});

test("a record of a status that tells other balances is not applied", () => {
  const { book, ref } = scene();
  const outcome = set(book, ref, status(PlayerStatus.BLOCKED));
  const { command } = book.records.at(-1)!;
  book.records.pop();
  const [first, second] = outcome.balances;
  for (const balances of [
    [],
    [first!],
    [second!, first!],
    [first!, { ...second!, version: second!.version + 1 }],
    [first!, { ...second!, available: second!.available + 1n }],
  ]) {
    const draft = new Draft(book.replay(new LedgerState()));
    expect(() => apply(draft, command, { ...outcome, balances })).toThrow("not all balances");
  }
});

test("a refused change of status changes nothing", () => {
  const book = new Book();
  const ref = book.player();
  set(book, ref, status(PlayerStatus.CLOSED));
  const { version } = book.draft.account(ref, "FUN")!;
  expect(set(book, ref, status(PlayerStatus.CLOSED)).code).toBe(Code.PLAYER_CLOSED);
  expect(book.draft.account(ref, "FUN")!.version).toBe(version);
  expect(book.draft.player(ref)!.status).toBe(PlayerStatus.CLOSED);
  expectReplayed(book);
});

test.each([
  // Available 1000; what is staked, deposited, withdrawn at the edge, and one beyond.
  ["floor", bounds(400n, 0n), "bet", 600n, Code.ACCOUNT_FLOOR_REACHED],
  ["floor of everything", bounds(1000n, 0n), "bet", 0n, Code.ACCOUNT_FLOOR_REACHED],
  ["floor, round", bounds(999n, MAX), "round", 1n, Code.ACCOUNT_FLOOR_REACHED],
  ["ceiling", bounds(0n, 1500n), "deposit", 500n, Code.ACCOUNT_CEILING_REACHED],
  ["ceiling below what is there", bounds(0n, 1n), "deposit", 0n, Code.ACCOUNT_CEILING_REACHED],
  ["no ceiling", bounds(1n, 0n), "deposit", MAX - 1000n, Code.BALANCE_OVERFLOW],
] as const)("%s", (_, payload, what, most, refusal) => {
  const book = new Book();
  const ref = book.player(1000n);
  set(book, ref, payload);
  const send = (minor: bigint): Code => {
    if (what === "bet") return book.bet(ref, `t${minor}`, minor).code;
    if (what === "round") return book.dice(ref, minor).code;
    return book.deposit(ref, minor).code;
  };
  expect(send(most + 1n)).toBe(refusal);
  if (most > 0n) expect(send(most)).toBe(Code.OK);
  expectReplayed(book);
});

test("bounds are those of one currency, the last ones set; wins pass the ceiling", () => {
  const book = new Book();
  const ref = book.player(1000n);
  set(book, ref, bounds(900n, 1000n));
  expect(book.deposit(ref, 1n, "USD").code).toBe(Code.OK);
  book.bet(ref, "t", 100n);
  expect(book.settle("t", 5000n).code).toBe(Code.OK);
  expect(book.draft.account(ref, "FUN")!.available).toBe(5900n);
  set(book, ref, bounds(0n, 5901n));
  expect(book.deposit(ref, 1n).code).toBe(Code.OK);
  expect(book.bet(ref, "u", 5901n).code).toBe(Code.OK);
  expectReplayed(book);
});

test("seeds rotate: the next pair, from nonce 0, with the seed given or the one before", () => {
  const book = new Book();
  const ref = book.player();
  const seeds = () => {
    const { clientSeed, seedPair, nonce } = book.draft.player(ref)!;
    return { clientSeed, seedPair, nonce };
  };
  book.dice(ref, 1n);
  expect(seeds()).toEqual({ clientSeed: ref, seedPair: 1, nonce: 1 });
  set(book, ref, { type: "seeds_rotated", clientSeed: "" });
  expect(seeds()).toEqual({ clientSeed: ref, seedPair: 2, nonce: 0 });
  set(book, ref, { type: "seeds_rotated", clientSeed: "mine" });
  expect(book.dice(ref, 1n).houseRound).toMatchObject({
    clientSeed: "mine",
    seedPair: 3,
    nonce: 0,
  });
  expect(seeds()).toEqual({ clientSeed: "mine", seedPair: 3, nonce: 1 });
  expectReplayed(book);
});

test("fields that make no sense are answered, not recorded", () => {
  const book = new Book();
  const ref = book.player();
  const usd = (minor: bigint) => ({ minor, currency: "USD" });
  const bad: readonly (readonly [object, string])[] = [
    [{ type: "player_status_changed", status: 4, reason: "" }, "player_status_changed.status"],
    [{ type: "seeds_rotated", clientSeed: "s".repeat(129) }, "seeds_rotated.client_seed"],
    [{ ...bounds(-1n, 0n) }, "account_bounds_set.floor_minor"],
    [{ ...bounds(2n, 1n) }, "account_bounds_set.ceiling_minor"],
    [{ ...bounds(0n, -1n) }, "account_bounds_set.ceiling_minor"],
    [{ ...bounds(0n, MAX + 1n) }, "account_bounds_set.ceiling_minor"],
    [{ ...bounds(1n, 0n), currency: "" }, "account_bounds_set.currency"],
    [{ ...bounds(1n, 0n), currency: "usd" }, "account_bounds_set.currency"],
    [limit(5 as never, 1n), "limit_set.kind"],
    [limit(1, 1n, { period: 0 }), "limit_set.period"],
    [limit(1, 1n, { period: 4 as never }), "limit_set.period"],
    [limit(1, -1n), "limit_set.amount.minor"],
    [limit(1, 0n, { amount: undefined }), "limit_set.amount"],
    [limit(1, 1n, { remove: true }), "limit_set.amount.minor"],
    [limit(1, 1n, { sessionSeconds: 1 }), "limit_set.session_seconds"],
    [limit(4, 1n), "limit_set.period"],
    [limit(4, 1n, { period: 0 }), "limit_set.amount"],
    [limit(4, 1n, { period: 0, amount: undefined }), "limit_set.session_seconds"],
    [
      limit(4, 1n, { period: 0, amount: undefined, sessionSeconds: 1, remove: true }),
      "limit_set.session_seconds",
    ],
    [{ type: "time_out_set", until: 0 }, "time_out_set.until"],
    [velocity({ ruleId: "" }), "velocity_rule_set.rule_id"],
    [velocity({ subject: 4 as never }), "velocity_rule_set.subject"],
    [velocity({ windowSeconds: 0 }), "velocity_rule_set.window_seconds"],
    [velocity({ windowSeconds: 2_592_001 }), "velocity_rule_set.window_seconds"],
    [velocity({}), "velocity_rule_set.count_max"],
    [velocity({ amountMax: usd(0n) }), "velocity_rule_set.amount_max.minor"],
  ];
  for (const [payload, field] of bad) {
    const { type } = payload as Payload;
    const playerRef = type === "velocity_rule_set" ? "" : ref;
    const answer = book.do({ playerRef, payload: payload as Payload });
    expect([field, answer.field, answer.outcome]).toEqual([field, field, undefined]);
  }
});
