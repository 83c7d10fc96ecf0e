/**
 * Goal: each command does exactly what the table of debits and credits says, and each refusal
 * changes nothing and carries the current balances.
 * Method: scenarios on a book; postings and balances compared in full.
 */
import { describe, expect, test } from "bun:test";
import {
  AccountKind,
  ClaimKind,
  Code,
  decide,
  houseKey,
  type IdentityKey,
  type Outcome,
  type Payload,
  PlayerStatus,
} from "../../src/ledger/index.ts";
import { Book, command, type CommandInit, digestOf, everything, person, refOf } from "./book.ts";

const UNIT = 1_000_000n;

/** Postings as "KIND[qualifier] minor currency". */
function lines(outcome: Outcome): string[] {
  const names = Object.fromEntries(Object.entries(AccountKind).map(([name, kind]) => [kind, name]));
  return outcome.postings.map(({ account, qualifier, minor, currency }) => {
    const where = qualifier === "" ? names[account] : `${names[account]}[${qualifier}]`;
    return `${where} ${minor} ${currency}`;
  });
}

function balance(available: bigint, held: bigint, version: number, currency = "FUN") {
  return { currency, available, bonus: 0n, held, version };
}

/** Runs what must be refused, and checks that nothing but the head changed. */
function refuse(book: Book, code: keyof typeof Code, run: () => Outcome): Outcome {
  book.commit();
  const before = { ...(everything(book.state) as object), head: undefined };
  const outcome = run();
  expect({ code: outcome.code, postings: outcome.postings, closed: outcome.roundClosed }).toEqual({
    code: Code[code],
    postings: [],
    closed: false,
  });
  book.commit();
  expect({ ...(everything(book.state) as object), head: undefined }).toEqual(before);
  return outcome;
}

describe("player_registered", () => {
  test("mints a reference with an empty row of play money", () => {
    const book = new Book();
    const outcome = book.record({ payload: { type: "player_registered" } }, person("a"));
    expect(outcome).toEqual({
      seq: 1,
      epoch: 1,
      recordedAt: 1_700_000_000_000_001,
      code: Code.OK,
      operatorId: "demo",
      source: "api-play",
      playerRef: refOf(1),
      logicVersion: 1,
      postings: [],
      balances: [balance(0n, 0n, 1)],
      roundClosed: false,
      houseRound: undefined,
    });
    book.commit();
    expect(book.state.identity(person("a"))).toBe(refOf(1));
    expect(book.state.player(refOf(1))).toEqual({
      ref: refOf(1),
      operatorId: "demo",
      status: PlayerStatus.ACTIVE,
      clientSeed: refOf(1),
      seedPair: 1,
      nonce: 0,
      accounts: [{ currency: "FUN", available: 0n, bonus: 0n, held: 0n, version: 1, seq: 1 }],
    });
  });

  test("a bound identity keeps its player, whose rows stay as they are", () => {
    const book = new Book();
    const registered = { payload: { type: "player_registered" } } as const;
    book.record(registered, person("a"));
    book.deposit(refOf(1), UNIT);
    book.deposit(refOf(1), UNIT, "USD");
    book.commit();
    const digest = digestOf(book.state);
    const again = book.record(registered, person("a"));
    expect(again.code).toBe(Code.PLAYER_ALREADY_REGISTERED);
    expect(again.playerRef).toBe(refOf(1));
    expect(again.balances).toEqual([balance(UNIT, 0n, 2), balance(UNIT, 0n, 1, "USD")]);
    book.commit();
    expect(digestOf(book.state)).toBe(digest);
    expect(book.state.counts()).toEqual({
      players: 1,
      identities: 1,
      bets: 0,
      rounds: 0,
      objects: 0,
    });
    expect(book.record(registered, person("a", "other")).playerRef).toBe(refOf(2));
    expect(book.record(registered).playerRef).toBe(refOf(3));
  });
});

test("only a registration binds an identity, and only a new one", () => {
  const book = new Book();
  const payload = { type: "player_registered" } as const;
  const decided = (sent: ReturnType<typeof command>, identity?: IdentityKey) =>
    decide(book.draft, sent, book.context(identity));
  expect(decided(command({ payload })).bindsIdentity).toBe(false);
  expect(decided(command({ payload }), person("a")).bindsIdentity).toBe(true);
  const ref = book.record({ payload }, person("a")).playerRef;
  expect(decided(command({ payload }), person("a")).bindsIdentity).toBe(false);
  const amount = { minor: 1n, currency: "FUN" };
  const deposit = { type: "deposit_captured", amount, rail: "play", externalId: "" } as const;
  const { outcome, bindsIdentity } = decided(command({ payload: deposit }), person("a"));
  expect({ bindsIdentity, ref: outcome.playerRef }).toEqual({ bindsIdentity: false, ref });
});

test("claims are the key's, then what the record resolves and closes", () => {
  const book = new Book();
  const ref = book.player();
  const kinds = (payload: Payload, init: Partial<CommandInit> = {}) => {
    const { claims } = decide(book.draft, command({ ...init, payload }), book.context());
    return claims.map(({ kind }) => kind);
  };
  const { KEY, RESOLVED, TOMBSTONE, ROUND_CLOSED } = ClaimKind;
  const amount = { minor: 1n, currency: "FUN" };
  const bet = { type: "bet_placed", amount, closesRound: true } as const;
  const settle = { type: "round_settled", betTxnId: "t", win: amount, closesRound: false } as const;
  const back = { type: "bet_rolled_back", betTxnId: "t" } as const;
  expect(kinds(bet, { playerRef: ref, roundId: "r", txnId: "t" })).toEqual([KEY]);
  expect(kinds(settle)).toEqual([KEY]);
  expect(kinds(back)).toEqual([KEY, TOMBSTONE]);
  book.bet(ref, "t");
  expect(kinds(settle)).toEqual([KEY, RESOLVED]);
  expect(kinds({ ...settle, closesRound: true })).toEqual([KEY, RESOLVED, ROUND_CLOSED]);
  expect(kinds(back)).toEqual([KEY, TOMBSTONE]);
  expect(kinds(back, { roundId: "another" })).toEqual([KEY]);
  book.settle("t");
  expect(kinds(back)).toEqual([KEY]);
  expect(kinds(bet, { playerRef: ref, roundId: "r", txnId: "t" })).toEqual([KEY]);
});

describe("deposit_captured", () => {
  test("the rail owes what the player has", () => {
    const book = new Book();
    const ref = book.player(0n);
    const usd = book.deposit(ref, 5n, "USD");
    expect(lines(usd)).toEqual(["ASSET_PSP_CLEARING[test-card] -5 USD", "PLAYER_CASH 5 USD"]);
    expect(usd.balances).toEqual([balance(5n, 0n, 1, "USD")]);
    const fun = book.record({
      playerRef: ref,
      payload: {
        type: "deposit_captured",
        amount: { minor: 7n, currency: "FUN" },
        rail: "",
        externalId: "",
      },
    });
    expect(lines(fun)).toEqual(["ASSET_PSP_CLEARING[play] -7 FUN", "PLAYER_CASH 7 FUN"]);
    expect(fun.balances).toEqual([balance(7n, 0n, 2)]);
    book.commit();
    const key = houseKey(AccountKind.ASSET_PSP_CLEARING, "play", "FUN", "demo");
    expect(book.state.house(key)).toBe(-7n);
  });

  test("is refused for unknown players and another operator's", () => {
    const book = new Book();
    const theirs = book.player(UNIT, "other");
    for (const ref of [refOf(99), theirs]) {
      const outcome = refuse(book, "PLAYER_UNKNOWN", () => book.deposit(ref, 1n));
      expect(outcome).toMatchObject({ playerRef: ref, balances: [] });
    }
    const payload = {
      type: "deposit_captured",
      amount: { minor: 1n, currency: "FUN" },
      rail: "play",
      externalId: "",
    } as const;
    const nobody = refuse(book, "PLAYER_UNKNOWN", () => book.record({ payload }, person("x")));
    expect(nobody).toMatchObject({ playerRef: "", balances: [] });
  });

  test("mints nothing by a rail that nobody registered, even if nobody validated", () => {
    const book = new Book();
    const ref = book.player();
    book.commit();
    const amount = { minor: 1n, currency: "USD" };
    const payload = { type: "deposit_captured", amount, rail: "other", externalId: "" } as const;
    const sent = command({ playerRef: ref, payload });
    const { outcome } = decide(book.state, sent, book.context());
    expect(outcome).toMatchObject({ code: Code.RAIL_UNKNOWN, postings: [] });
  });
});

describe("bets", () => {
  test("a stake goes to escrow; a loss makes it revenue and closes the round", () => {
    const book = new Book();
    const ref = book.player(10n * UNIT);
    const bet = book.bet(ref, "t", UNIT, { closesRound: true });
    expect(lines(bet)).toEqual(["PLAYER_CASH -1000000 FUN", "ROUND_ESCROW 1000000 FUN"]);
    expect(bet.balances).toEqual([balance(9n * UNIT, UNIT, 3)]);
    expect(bet.roundClosed).toBe(false);
    const loss = book.settle("t");
    expect(lines(loss)).toEqual(["ROUND_ESCROW -1000000 FUN", "REV_BETS 1000000 FUN"]);
    expect(loss.balances).toEqual([balance(9n * UNIT, 0n, 4)]);
    expect(loss).toMatchObject({ playerRef: ref, roundClosed: true });
    book.commit();
    expect(book.state.counts()).toMatchObject({ bets: 0, rounds: 0 });
    refuse(book, "ROUND_CLOSED", () => book.bet(ref, "t2"));
  });

  test("a win is paid gross", () => {
    const book = new Book();
    const ref = book.player(10n * UNIT);
    book.bet(ref, "t", UNIT);
    const win = book.settle("t", 3n * UNIT, { playerRef: ref, roundId: "r" });
    expect(lines(win)).toEqual([
      "ROUND_ESCROW -1000000 FUN",
      "REV_BETS 1000000 FUN",
      "REV_WINS -3000000 FUN",
      "PLAYER_CASH 3000000 FUN",
    ]);
    expect(win.balances).toEqual([balance(12n * UNIT, 0n, 4)]);
    expect(win.roundClosed).toBe(false);
    book.commit();
    expect(book.state.house(houseKey(AccountKind.REV_WINS, "", "FUN", "demo"))).toBe(-3n * UNIT);
    expect(book.state.counts()).toMatchObject({ bets: 0, rounds: 0 });
  });

  test("a rollback returns the stake; a late one leaves a tombstone", () => {
    const book = new Book();
    const ref = book.player(10n * UNIT);
    book.bet(ref, "t", UNIT);
    const back = book.rollBack("t");
    expect(lines(back)).toEqual(["ROUND_ESCROW -1000000 FUN", "PLAYER_CASH 1000000 FUN"]);
    expect(back.balances).toEqual([balance(10n * UNIT, 0n, 4)]);
    const repeated = refuse(book, "BET_ALREADY_ROLLED_BACK", () => book.rollBack("t"));
    expect(repeated).toMatchObject({ playerRef: "", balances: [] });
    const early = refuse(book, "BET_TOMBSTONED", () => book.rollBack("t9", { playerRef: ref }));
    expect(early.balances).toEqual([balance(10n * UNIT, 0n, 4)]);
    refuse(book, "BET_ALREADY_ROLLED_BACK", () => book.rollBack("t9"));
    const late = refuse(book, "BET_ROLLED_BACK", () => book.bet(ref, "t9"));
    expect(late.balances).toEqual([balance(10n * UNIT, 0n, 4)]);
    refuse(book, "BET_ROLLED_BACK", () => book.settle("t9", 1n));
    refuse(book, "BET_ROLLED_BACK", () => book.settle("t", 1n));
    expect(book.bet(ref, "t9", UNIT, { source: "other" }).code).toBe(Code.OK);
  });

  test("a round closes with its last bet, by settlement or rollback", () => {
    for (const last of ["settle", "rollBack"] as const) {
      const book = new Book();
      const ref = book.player();
      book.bet(ref, "a");
      book.bet(ref, "b", UNIT, { closesRound: true });
      refuse(book, "ROUND_CLOSED", () => book.bet(ref, "c"));
      expect(book.settle("b").roundClosed).toBe(false);
      refuse(book, "ROUND_CLOSED", () => book.bet(ref, "c"));
      expect(book[last]("a").roundClosed).toBe(true);
      refuse(book, "ROUND_CLOSED", () => book.bet(ref, "c"));
      expect(book.bet(ref, "c", UNIT, { roundId: "r2" }).code).toBe(Code.OK);
    }
  });

  test("a settlement may close a round that still has bets", () => {
    const book = new Book();
    const ref = book.player();
    book.bet(ref, "a");
    book.bet(ref, "b");
    expect(book.settle("a", 0n, { closesRound: true }).roundClosed).toBe(false);
    refuse(book, "ROUND_CLOSED", () => book.bet(ref, "c"));
    expect(book.rollBack("b").roundClosed).toBe(true);
  });

  test("a round is its player's while bets are open in it; without the flag it takes more", () => {
    const book = new Book();
    const [ref, other] = [book.player(), book.player()];
    book.bet(ref, "a");
    refuse(book, "ROUND_MISMATCH", () => book.bet(other, "b"));
    expect(book.settle("a").roundClosed).toBe(false);
    expect(book.bet(ref, "b").code).toBe(Code.OK);
  });

  test("a bet is its source's alone", () => {
    const book = new Book();
    const ref = book.player();
    book.bet(ref, "t");
    refuse(book, "BET_UNKNOWN", () => book.settle("t", 1n, { source: "other" }));
    refuse(book, "BET_UNKNOWN", () => book.settle("t", 1n, { operatorId: "other" }));
    refuse(book, "BET_TOMBSTONED", () => book.rollBack("t", { source: "other" }));
    expect(book.settle("t").code).toBe(Code.OK);
  });

  test("one bet comes once, whatever key it comes under", () => {
    const book = new Book();
    const [ref, other] = [book.player(), book.player()];
    book.bet(ref, "t");
    refuse(book, "BET_DUPLICATE", () => book.bet(ref, "t"));
    refuse(book, "BET_DUPLICATE", () => book.bet(other, "t", 5n, { roundId: "r5" }));
    book.settle("t");
    refuse(book, "BET_ALREADY_SETTLED", () => book.bet(ref, "t"));
    refuse(book, "BET_ALREADY_SETTLED", () => book.settle("t"));
    refuse(book, "BET_ALREADY_SETTLED", () => book.rollBack("t"));
  });

  test("what a settlement or rollback says must match the bet", () => {
    const book = new Book();
    const [ref, other] = [book.player(), book.player(7n)];
    book.bet(ref, "t");
    const mismatch = refuse(book, "BET_MISMATCH", () => book.settle("t", 1n, { playerRef: other }));
    expect(mismatch).toMatchObject({ playerRef: other, balances: [balance(7n, 0n, 2)] });
    refuse(book, "BET_MISMATCH", () => book.settle("t", 1n, { roundId: "r2" }));
    const currency = refuse(book, "BET_MISMATCH", () => book.settle("t", 1n, { currency: "USD" }));
    expect(currency).toMatchObject({ playerRef: ref, balances: [] });
    refuse(book, "BET_MISMATCH", () => book.rollBack("t", { playerRef: other }));
    refuse(book, "BET_MISMATCH", () => book.rollBack("t", { roundId: "r2" }));
    expect(book.settle("t", 1n, { playerRef: ref, roundId: "r", currency: "" }).code).toBe(Code.OK);
  });

  test("wins have a ceiling, which is allowed itself", () => {
    const book = new Book();
    book.bet(book.player(), "t");
    book.ceiling = 50n;
    refuse(book, "WIN_ABOVE_CEILING", () => book.settle("t", 51n));
    expect(book.settle("t", 50n).code).toBe(Code.OK);
  });

  test("a blocked player can't bet; its open bets are still resolved, deposits arrive", () => {
    const book = new Book();
    const ref = book.player();
    book.bet(ref, "a");
    book.bet(ref, "b");
    book.commit();
    book.state.edit(ref)!.status = PlayerStatus.BLOCKED;
    refuse(book, "PLAYER_BLOCKED", () => book.bet(ref, "c"));
    refuse(book, "PLAYER_BLOCKED", () => book.dice(ref, 1n));
    expect(book.settle("a", 5n).code).toBe(Code.OK);
    expect(book.rollBack("b").code).toBe(Code.OK);
    expect(book.deposit(ref, 5n).code).toBe(Code.OK);
  });

  test("a stake above the balance, or in a currency without a row, is refused", () => {
    const book = new Book();
    const ref = book.player(UNIT);
    const short = refuse(book, "FUNDS_INSUFFICIENT", () => book.bet(ref, "t", UNIT + 1n));
    expect(short.balances).toEqual([balance(UNIT, 0n, 2)]);
    const none = refuse(book, "FUNDS_INSUFFICIENT", () =>
      book.bet(ref, "t", 1n, { currency: "USD" }),
    );
    expect(none.balances).toEqual([]);
    expect(book.bet(ref, "t", UNIT).code).toBe(Code.OK);
    refuse(book, "FUNDS_INSUFFICIENT", () => book.bet(ref, "t2", 1n));
  });
});

describe("epoch_started", () => {
  test("moves nothing and begins its epoch", () => {
    const book = new Book();
    const start = (reign: string, previousEpoch: number, previousSize: number) =>
      book.record({
        operatorId: "",
        source: "primary",
        payload: {
          type: "epoch_started",
          reign,
          previousEpoch,
          previousSize,
          previousRoot: new Uint8Array(32),
          reason: "genesis",
        },
      });
    expect(start("a", 0, 0)).toMatchObject({
      code: Code.OK,
      epoch: 1,
      playerRef: "",
      postings: [],
    });
    book.player();
    book.epoch = 2;
    expect(start("b", 1, 3)).toMatchObject({ epoch: 2, seq: 4 });
    book.commit();
    expect(book.state.head()).toMatchObject({ seq: 4, epoch: 2 });
    book.epoch = 3;
    expect(() => start("c", 2, 3)).toThrow("continues");
    book.epoch = 2;
    expect(() => start("c", 2, 4)).toThrow("continues");
    book.epoch = 3;
    expect(() => start("c", 1, 4)).toThrow("continues");
  });
});
