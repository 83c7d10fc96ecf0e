/** Events for the tests of this room. */
import fc from "fast-check";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";

/** What `encodeEvent` takes. */
export type EventInit = MessageInitShape<typeof EventSchema>;

export const SEED = Number(process.env["TEST_SEED"] ?? 20_260_731);

export const EVENT_ID = "0190a8b2-7e42-765b-83a1-88b1846aabae";
export const PLAYER = "0190a8b2-7e42-765c-8653-aee4a798a5af";
export const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** An ordinary bet. */
export const bet: EventInit = {
  eventId: EVENT_ID,
  occurredAt: 1_795_251_011_139_000n,
  traceId: TRACE,
  operatorId: "demo",
  source: "api-play",
  idempotencyKey: "key-1",
  playerRef: PLAYER,
  roundId: "round-1",
  txnId: "txn-1",
  gameId: "dice",
  origin: { edgeId: "eu-1", region: "eu", edgeSeq: 7n },
  schemaVersion: 1,
  payload: {
    case: "betPlaced",
    value: { amount: { minor: 1_000_000n, currency: "FUN" }, closesRound: true },
  },
};

const I64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Small numbers, and those around the borders of 7 bits, 32 bits, 2^53 and 2^63. */
const amountMinor = fc.oneof(
  fc.bigInt({ min: 0n, max: 10_000_000n }),
  fc.constantFrom(0n, 127n, 128n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -1n),
  I64,
);
const amount = fc.option(
  fc.record({ minor: amountMinor, currency: fc.constantFrom("FUN", "USD", "TON", "", "€") }),
  { nil: undefined },
);
const id = fc.oneof(
  fc.constantFrom("", "round-1", "é", "a\u0000b", "\u2028", "x".repeat(127), "x".repeat(128)),
  fc.string({ maxLength: 140 }),
  fc.string({ unit: "grapheme", maxLength: 50 }),
);
const uuid = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(EVENT_ID, PLAYER) },
  fc.constantFrom("", EVENT_ID.toUpperCase(), "0190a8b2-7e42-465b-83a1-88b1846aabae", "x"),
  fc.uuid({ version: 7 }),
);

const payload: fc.Arbitrary<EventInit["payload"]> = fc.oneof(
  fc.record({ case: fc.constant("playerRegistered" as const), value: fc.constant({}) }),
  fc.record({
    case: fc.constant("betPlaced" as const),
    value: fc.record({ amount, closesRound: fc.boolean() }),
  }),
  fc.record({
    case: fc.constant("roundSettled" as const),
    value: fc.record({ betTxnId: id, win: amount, closesRound: fc.boolean() }),
  }),
  fc.record({
    case: fc.constant("betRolledBack" as const),
    value: fc.record({ betTxnId: id }),
  }),
  fc.record({
    case: fc.constant("depositCaptured" as const),
    value: fc.record({ amount, rail: id, externalId: id }),
  }),
  fc.record({
    case: fc.constant("houseRound" as const),
    value: fc.record({
      stake: amount,
      game: fc.option(
        fc.record({
          case: fc.constant("dice" as const),
          value: fc.record({ targetX100: fc.nat({ max: 2 ** 31 }), over: fc.boolean() }),
        }),
        { nil: { case: undefined } },
      ),
    }),
  }),
  fc.record({
    case: fc.constant("epochStarted" as const),
    value: fc.record({
      reign: fc.constantFrom(TRACE, "x"),
      previousEpoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      previousSize: fc.bigInt({ min: 0n, max: 1_000n }),
      previousRoot: fc.uint8Array({ maxLength: 40 }),
      reason: id,
    }),
  }),
  fc.constant({ case: undefined }),
);

/** Events of every kind, good and bad. */
export const anyEvent = fc.record({
  eventId: uuid,
  occurredAt: amountMinor,
  traceId: fc.constantFrom(TRACE, "", "x", TRACE.toUpperCase()),
  operatorId: fc.oneof(fc.constantFrom("demo", ""), id),
  source: fc.constantFrom("api-play", "", "x".repeat(65)),
  idempotencyKey: fc.oneof(fc.constant("key-1"), id),
  playerRef: uuid,
  roundId: id,
  txnId: id,
  gameId: id,
  buildHash: id,
  origin: fc.option(
    fc.record({
      edgeId: id,
      region: fc.constantFrom("eu", ""),
      edgeSeq: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
    { nil: undefined },
  ),
  causationId: id,
  sessionId: id,
  jurisdiction: fc.constantFrom("", "MT"),
  surface: fc.integer({ min: 0, max: 7 }),
  actor: fc.option(fc.record({ kind: id, id }), { nil: undefined }),
  schemaVersion: fc.integer({ min: 0, max: 3 }),
  payload,
}) as fc.Arbitrary<EventInit>;

const safeMinor = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });

/** Ordinary bets. */
export const ordinaryBet: fc.Arbitrary<EventInit> = fc.record({
  eventId: fc.uuid({ version: 7 }),
  occurredAt: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  idempotencyKey: fc.stringMatching(/^[ -~]{1,100}$/),
  playerRef: fc.uuid({ version: 7 }),
  roundId: fc.stringMatching(/^[a-z0-9-]{0,40}$/),
  txnId: fc.stringMatching(/^[a-z0-9-]{0,40}$/),
  payload: fc.record({
    case: fc.constant("betPlaced" as const),
    value: fc.record({
      amount: fc.record({ minor: safeMinor, currency: fc.constantFrom("FUN", "USD") }),
      closesRound: fc.boolean(),
    }),
  }),
});
