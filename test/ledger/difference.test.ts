/**
 * Goal: a used key is compared by meaning; the first field that differs is named, in a fixed order.
 * Method: every field changed alone, and all of them together.
 */
import { describe, expect, test } from "bun:test";
import {
  Code,
  type Command,
  firstDifference,
  LedgerState,
  type Payload,
  resolvePlayer,
} from "../../src/ledger/index.ts";
import { Book, command, person, refOf } from "./book.ts";

const money = (minor: bigint, currency: string) => ({ minor, currency });
const root = (byte: number) => Uint8Array.of(byte, 2, 3);

type Change = readonly [path: string, payload: Payload];

const deposit = {
  type: "deposit_captured",
  amount: money(1n, "USD"),
  rail: "a",
  externalId: "x",
} as const;
const bet = { type: "bet_placed", amount: money(1n, "USD"), closesRound: false } as const;
const win = money(1n, "USD");
const settled = { type: "round_settled", betTxnId: "t", win, closesRound: false } as const;
const game = { type: "dice", targetX100: 5000, over: true } as const;
const house = { type: "house_round", stake: money(1n, "FUN"), game } as const;
const epoch = {
  type: "epoch_started",
  reign: "a",
  previousEpoch: 1,
  previousSize: 2,
  previousRoot: root(1),
  reason: "restore",
} as const;

/** Each payload with its fields changed one after the other, in the order of comparison. */
const CASES: readonly (readonly [Payload, readonly Change[]])[] = [
  [
    deposit,
    [
      ["amount.minor", { ...deposit, amount: money(2n, "USD") }],
      ["amount.currency", { ...deposit, amount: money(1n, "EUR") }],
      ["rail", { ...deposit, rail: "b" }],
      ["external_id", { ...deposit, externalId: "y" }],
    ],
  ],
  [
    bet,
    [
      ["amount.minor", { ...bet, amount: money(2n, "USD") }],
      ["amount.currency", { ...bet, amount: money(1n, "EUR") }],
      ["closes_round", { ...bet, closesRound: true }],
    ],
  ],
  [
    settled,
    [
      ["bet_txn_id", { ...settled, betTxnId: "u" }],
      ["win.minor", { ...settled, win: money(2n, "USD") }],
      ["win.currency", { ...settled, win: money(1n, "") }],
      ["closes_round", { ...settled, closesRound: true }],
    ],
  ],
  [
    { type: "bet_rolled_back", betTxnId: "t" },
    [["bet_txn_id", { type: "bet_rolled_back", betTxnId: "u" }]],
  ],
  [
    house,
    [
      ["stake.minor", { ...house, stake: money(2n, "FUN") }],
      ["stake.currency", { ...house, stake: money(1n, "USD") }],
      ["dice.target_x100", { ...house, game: { ...game, targetX100: 1 } }],
      ["dice.over", { ...house, game: { ...game, over: false } }],
    ],
  ],
  [
    epoch,
    [
      ["reign", { ...epoch, reign: "b" }],
      ["previous_epoch", { ...epoch, previousEpoch: 2 }],
      ["previous_size", { ...epoch, previousSize: 3 }],
      ["previous_root", { ...epoch, previousRoot: root(9) }],
      ["reason", { ...epoch, reason: "promotion" }],
    ],
  ],
  [{ type: "player_registered" }, []],
];

test.each(CASES.map((row) => [row[0].type, ...row] as const))("%s", (_, payload, changes) => {
  const original = command({ playerRef: refOf(1), payload });
  expect(firstDifference(original, { ...original, payload: structuredClone(payload) })).toBe(
    undefined,
  );
  for (const [path, changed] of changes) {
    const again = { ...original, payload: changed };
    expect(firstDifference(original, again)).toBe(`${payload.type}.${path}`);
    expect(firstDifference(again, original)).toBe(`${payload.type}.${path}`);
  }
  // All changed at once: the first is named, then the next.
  for (let from = 0; from < changes.length; from++) {
    const mixed = { ...payload } as unknown as Record<string, unknown>;
    for (const [path, changed] of changes.slice(from)) {
      const [head = "", leaf] = path.split(".") as [string, string?];
      const field = head === "dice" ? "game" : camel(head);
      const value = (changed as unknown as Record<string, unknown>)[field];
      mixed[field] =
        leaf === undefined
          ? value
          : {
              ...(mixed[field] as object),
              [camel(leaf)]: (value as Record<string, unknown>)[camel(leaf)],
            };
    }
    const again = { ...original, payload: mixed as unknown as Payload };
    expect(firstDifference(original, again)).toBe(`${payload.type}.${changes[from]![0]}`);
  }
});

const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());

test("the envelope comes before the payload, transport not at all", () => {
  const original = command({
    playerRef: refOf(1),
    roundId: "r",
    txnId: "t",
    gameId: "g",
    payload: bet,
  });
  const changes: readonly (readonly [string, Partial<Command>])[] = [
    ["payload", { payload: deposit }],
    ["player_ref", { playerRef: refOf(2) }],
    ["round_id", { roundId: "r2" }],
    ["txn_id", { txnId: "t2" }],
    ["game_id", { gameId: "g2" }],
    ["bet_placed.closes_round", { payload: { ...bet, closesRound: true } }],
  ];
  for (let from = 0; from < changes.length; from++) {
    const rest = changes.slice(from).reverse();
    const again = rest.reduce((all, [, change]) => ({ ...all, ...change }), original);
    expect(firstDifference(original, again)).toBe(changes[from]![0]);
  }
});

describe("players", () => {
  test("are resolved before they are compared", () => {
    const state = new LedgerState();
    state.bindIdentity(person("a"), refOf(1));
    const sent = command({ payload: bet });
    expect(resolvePlayer(state, sent, person("a"))).toBe(refOf(1));
    expect(resolvePlayer(state, sent, undefined)).toBe("");
    expect(resolvePlayer(state, { ...sent, playerRef: refOf(2) }, person("a"))).toBe(refOf(2));
    const nobody = resolvePlayer(state, sent, person("b"));
    const first = { ...sent, playerRef: refOf(1) };
    expect(firstDifference(first, { ...sent, playerRef: nobody })).toBe("player_ref");
    expect(firstDifference(first, sent)).toBe("player_ref");
  });

  test("by identity or by reference, the same player is the same meaning", () => {
    const book = new Book();
    const registered = { payload: { type: "player_registered" } } as const;
    const { playerRef } = book.record(registered, person("a"));
    const payload = { ...deposit, amount: money(5n, "FUN"), rail: "play" } as const;
    const sent = command({ idempotencyKey: "d", payload });
    expect(book.send(sent, person("a"))).toMatchObject({ code: Code.OK, replayed: false });
    expect(book.send({ ...sent, playerRef })).toMatchObject({ code: Code.OK, replayed: true });
    const conflict = { code: Code.KEY_CONFLICT, field: "player_ref" };
    expect(book.send(sent, person("b"))).toMatchObject(conflict);
  });

  test("a registration is the same for its own identity only", () => {
    const book = new Book();
    const sent = command({ idempotencyKey: "r", payload: { type: "player_registered" } });
    const first = book.send(sent, person("a"));
    expect(book.send(sent, person("a"))).toEqual({ ...first, replayed: true });
    expect(book.send(sent, person("b"))).toMatchObject({ code: Code.KEY_CONFLICT });
    const nameless = { ...sent, idempotencyKey: "r2" };
    const second = book.send(nameless);
    expect(book.send(nameless)).toEqual({ ...second, replayed: true });
    expect(second.outcome?.playerRef).not.toBe(first.outcome?.playerRef);
  });

  test("a refusal of an unknown identity stays, even once it is known", () => {
    const book = new Book();
    const payload = { ...deposit, amount: money(5n, "FUN"), rail: "play" } as const;
    const sent = command({ idempotencyKey: "d", payload });
    const refused = book.send(sent, person("a"));
    expect(refused.code).toBe(Code.PLAYER_UNKNOWN);
    book.record({ payload: { type: "player_registered" } }, person("a"));
    expect(book.send(sent, person("a"))).toEqual({ ...refused, replayed: true });
  });
});
