/**
 * Goal: what can't be a record is found, in field order, with the field's path.
 * Method: one good command of each type, and a table of ways to spoil it.
 */
import { describe, expect, test } from "bun:test";
import { Code, type Command, type Payload, validate } from "../../src/ledger/index.ts";
import { DEFAULT_CURRENCIES } from "../../src/money/index.ts";
import { command, person, RAILS, refOf } from "./book.ts";

const CONTEXT = { identity: undefined, rails: RAILS, currencies: DEFAULT_CURRENCIES };
const money = (minor: bigint, currency = "FUN") => ({ minor, currency });

const DEPOSIT = { type: "deposit_captured", rail: "play", externalId: "" } as const;
const BET = { type: "bet_placed", closesRound: false } as const;
const SETTLE = { type: "round_settled", betTxnId: "t", closesRound: false } as const;
const HOUSE = { type: "house_round", stake: money(1n) } as const;
const OVER_HALF = { type: "dice", targetX100: 5000, over: true } as const;
const ref = refOf(1);

const GOOD: readonly Command[] = [
  command({ payload: { type: "player_registered" } }),
  command({ playerRef: ref, payload: { ...DEPOSIT, amount: money(1n) } }),
  command({ playerRef: ref, payload: { ...DEPOSIT, rail: "", amount: money(2n ** 63n - 1n) } }),
  command({ playerRef: ref, payload: { ...DEPOSIT, rail: "test-card", amount: money(1n, "TON") } }),
  command({ playerRef: ref, roundId: "r", txnId: "t", payload: { ...BET, amount: money(1n) } }),
  command({ payload: { ...SETTLE, win: money(0n) } }),
  command({ playerRef: ref, payload: { ...SETTLE, win: money(0n, "") } }),
  command({ payload: { type: "bet_rolled_back", betTxnId: "t" } }),
  command({ playerRef: ref, payload: { ...HOUSE, game: OVER_HALF } }),
  command({
    operatorId: "",
    source: "primary",
    payload: {
      type: "epoch_started",
      reign: "0".repeat(32),
      previousEpoch: 0,
      previousSize: 0,
      previousRoot: new Uint8Array(),
      reason: "genesis",
    },
  }),
];

test.each(GOOD.map((good) => [good.payload.type, good] as const))("a good %s", (_, good) => {
  expect(validate(good, CONTEXT)).toBeUndefined();
  expect(validate(good)).toBeUndefined();
});

const LONG = "x".repeat(129);
const bet = (payload: Partial<Payload>, init: Partial<Command> = {}): Command => {
  const whole = { ...BET, amount: money(1n), ...payload } as Payload;
  return command({ playerRef: ref, roundId: "r", txnId: "t", ...init, payload: whole });
};
const deposit = (minor: bigint, currency: string, rail: string): Command =>
  command({ playerRef: ref, payload: { ...DEPOSIT, rail, amount: money(minor, currency) } });
const settle = (betTxnId: string, minor: bigint, currency: string): Command =>
  command({ payload: { ...SETTLE, betTxnId, win: money(minor, currency) } });
const house = (minor: bigint, targetX100: number, over: boolean): Command => {
  const game = { ...OVER_HALF, targetX100, over };
  return command({ playerRef: ref, payload: { ...HOUSE, stake: money(minor), game } });
};

const FAULTS: readonly (readonly [Command, keyof typeof Code, string])[] = [
  [bet({}, { operatorId: "" }), "EVENT_FIELD_MISSING", "operator_id"],
  [bet({}, { source: "" }), "EVENT_FIELD_MISSING", "source"],
  [bet({}, { idempotencyKey: "" }), "EVENT_FIELD_MISSING", "idempotency_key"],
  [bet({}, { operatorId: LONG }), "EVENT_FIELD_INVALID", "operator_id"],
  [bet({}, { source: "a\0b" }), "EVENT_FIELD_INVALID", "source"],
  [bet({}, { idempotencyKey: LONG }), "EVENT_FIELD_INVALID", "idempotency_key"],
  [bet({}, { playerRef: "" }), "EVENT_FIELD_MISSING", "player_ref"],
  [bet({}, { playerRef: LONG }), "EVENT_FIELD_INVALID", "player_ref"],
  [bet({}, { roundId: "" }), "EVENT_FIELD_MISSING", "round_id"],
  [bet({}, { txnId: "" }), "EVENT_FIELD_MISSING", "txn_id"],
  [bet({}, { roundId: "a\0" }), "EVENT_FIELD_INVALID", "round_id"],
  [bet({}, { txnId: LONG }), "EVENT_FIELD_INVALID", "txn_id"],
  [bet({ amount: money(0n) }), "AMOUNT_INVALID", "bet_placed.amount.minor"],
  [bet({ amount: money(-1n) }), "AMOUNT_INVALID", "bet_placed.amount.minor"],
  [bet({ amount: money(2n ** 63n) }), "AMOUNT_INVALID", "bet_placed.amount.minor"],
  [bet({ amount: money(1n, "") }), "EVENT_FIELD_MISSING", "bet_placed.amount.currency"],
  [bet({ amount: money(1n, "fun") }), "CURRENCY_UNKNOWN", "bet_placed.amount.currency"],
  [
    command({ playerRef: ref, payload: { type: "player_registered" } }),
    "EVENT_FIELD_INVALID",
    "player_ref",
  ],
  [deposit(0n, "FUN", ""), "AMOUNT_INVALID", "deposit_captured.amount.minor"],
  [deposit(1n, "BTC", "test-card"), "CURRENCY_UNKNOWN", "deposit_captured.amount.currency"],
  [deposit(1n, "USD", ""), "EVENT_FIELD_MISSING", "deposit_captured.rail"],
  [deposit(1n, "USD", "play"), "RAIL_UNKNOWN", "deposit_captured.rail"],
  [deposit(1n, "FUN", "test-card"), "RAIL_UNKNOWN", "deposit_captured.rail"],
  [deposit(1n, "USD", "other"), "RAIL_UNKNOWN", "deposit_captured.rail"],
  [settle("", 0n, "FUN"), "EVENT_FIELD_MISSING", "round_settled.bet_txn_id"],
  [settle("t\0", 0n, "FUN"), "EVENT_FIELD_INVALID", "round_settled.bet_txn_id"],
  [settle("t", -1n, "FUN"), "AMOUNT_INVALID", "round_settled.win.minor"],
  [settle("t", -1n, ""), "AMOUNT_INVALID", "round_settled.win.minor"],
  [settle("t", 2n ** 63n, "FUN"), "AMOUNT_INVALID", "round_settled.win.minor"],
  [settle("t", 0n, "b|tc"), "CURRENCY_UNKNOWN", "round_settled.win.currency"],
  [
    command({ playerRef: LONG, payload: { ...SETTLE, win: money(0n) } }),
    "EVENT_FIELD_INVALID",
    "player_ref",
  ],
  [
    command({ payload: { type: "bet_rolled_back", betTxnId: "" } }),
    "EVENT_FIELD_MISSING",
    "bet_rolled_back.bet_txn_id",
  ],
  [
    command({ payload: { type: "bet_rolled_back", betTxnId: LONG } }),
    "EVENT_FIELD_INVALID",
    "bet_rolled_back.bet_txn_id",
  ],
  [house(0n, 5000, true), "AMOUNT_INVALID", "house_round.stake.minor"],
  [house(1n, 197, true), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, 10_000, true), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, 0, false), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, 9803, false), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, 10_001, false), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, -1, true), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
  [house(1n, 0.5, true), "EVENT_FIELD_INVALID", "house_round.dice.target_x100"],
];

test.each(FAULTS.map(([bad, code, field]) => [code, field, bad] as const))(
  "%s at %s",
  (code, field, bad) => {
    expect(validate(bad, CONTEXT)).toEqual({ code: Code[code], field });
  },
);

describe("context", () => {
  test("an identity names a player as well", () => {
    const nameless = bet({}, { playerRef: "" });
    expect(validate(nameless, { ...CONTEXT, identity: person("a") })).toBeUndefined();
    expect(validate(nameless)).toBeUndefined();
  });

  test("without one, rails aren't looked up, but play money stays apart", () => {
    expect(validate(deposit(1n, "USD", "other"))).toBeUndefined();
    expect(validate(deposit(1n, "USD", "play"))?.code).toBe(Code.RAIL_UNKNOWN);
  });
});

test("the first fault in field order is named", () => {
  // Every field is wrong; repairing them one by one walks through the order.
  const repairs: readonly (readonly [Partial<Command>, string])[] = [
    [{ operatorId: "demo" }, "source"],
    [{ source: "api" }, "idempotency_key"],
    [{ idempotencyKey: "k" }, "player_ref"],
    [{ playerRef: ref }, "round_id"],
    [{ roundId: "r" }, "txn_id"],
    [{ txnId: "t" }, "bet_placed.amount.minor"],
    [{ payload: { ...BET, amount: money(1n, "?") } }, "bet_placed.amount.currency"],
  ];
  let bad = bet(
    { amount: money(0n, "?") },
    {
      operatorId: "",
      source: "",
      idempotencyKey: "",
      playerRef: "",
      roundId: "",
      txnId: "",
    },
  );
  expect(validate(bad, CONTEXT)?.field).toBe("operator_id");
  for (const [repair, field] of repairs) {
    bad = { ...bad, ...repair };
    expect(validate(bad, CONTEXT)?.field).toBe(field);
  }
});
