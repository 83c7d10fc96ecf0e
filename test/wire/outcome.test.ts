/**
 * Goal: outcomes survive their bytes, and the hand-written encoder writes what the generated one
 * would; receipts say in JSON what the record says. Method: random outcomes against the generated
 * codec, and receipts spelled out.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, CODES, type Outcome } from "../../src/ledger/index.ts";
import {
  codeName,
  codeNumber,
  decodeOutcome,
  encodeOutcome,
  formatBookmark,
  parseBookmark,
  problem,
  problemResponse,
  receiptFrom,
  receiptToJson,
  receiptWithoutRecord,
} from "../../src/wire/index.ts";
import { decodeAnyOutcome } from "../../src/wire/outcome-codec.ts";
import { readOrdinaryOutcome } from "../../src/wire/outcome-reader.ts";
import { Code as WireCode, OutcomeSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { EVENT_ID, PLAYER, SEED } from "./events.ts";

console.log(`seed ${SEED}`);
fc.configureGlobal({ seed: SEED, numRuns: 1_000 });

const count = fc.oneof(
  fc.nat({ max: 300 }),
  fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
const small = fc.nat({ max: 2 ** 31 - 1 });
const minor = fc.oneof(
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("", "é", "x".repeat(300)));
const currency = fc.constantFrom("FUN", "USD", "TON");

const outcomes: fc.Arbitrary<Outcome> = fc
  .record({
    seq: count,
    epoch: count,
    recordedAt: count,
    code: fc.constantFrom(...Object.values(Code)),
    operatorId: text,
    source: text,
    playerRef: fc.constantFrom("", PLAYER),
    logicVersion: small,
    postings: fc.array(
      fc.record({
        account: fc.constantFrom(1 as const, 4 as const, 16 as const),
        qualifier: text,
        minor,
        currency,
      }),
      { maxLength: 4 },
    ),
    balances: fc.array(
      fc.record({ currency, available: minor, bonus: minor, held: minor, version: count }),
      { maxLength: 3 },
    ),
    roundClosed: fc.boolean(),
    houseRound: fc.option(
      fc.record({
        serverSeedHash: fc.uint8Array({ maxLength: 32 }),
        clientSeed: text,
        seedPair: count,
        nonce: count,
        fairVersion: small,
        rollX100: small,
        multiplierX100: count,
        win: minor,
      }),
      { nil: undefined },
    ),
  })
  .map(({ houseRound, ...rest }) => (houseRound === undefined ? rest : { ...rest, houseRound }));

function generated(outcome: Outcome, event: { playerRef: string }): Uint8Array {
  const { houseRound: round } = outcome;
  const message = create(OutcomeSchema, {
    seq: BigInt(outcome.seq),
    epoch: BigInt(outcome.epoch),
    recordedAt: BigInt(outcome.recordedAt),
    code: outcome.code as number as WireCode,
    operatorId: outcome.operatorId,
    source: outcome.source,
    playerRef: outcome.playerRef === event.playerRef ? "" : outcome.playerRef,
    logicVersion: outcome.logicVersion,
    postings: outcome.postings.map((posting) => ({ ...posting, account: posting.account as 1 })),
    balances: outcome.balances.map((row) => ({ ...row, version: BigInt(row.version) })),
    roundClosed: outcome.roundClosed,
    ...(round === undefined
      ? {}
      : {
          detail: {
            case: "houseRound" as const,
            value: {
              ...round,
              seedPair: BigInt(round.seedPair),
              nonce: BigInt(round.nonce),
              multiplierX100: BigInt(round.multiplierX100),
            },
          },
        }),
  });
  return toBinary(OutcomeSchema, message);
}

describe("an outcome's bytes", () => {
  test("are those of the generated encoder, and read back to the same outcome", () => {
    const property = fc.property(outcomes, fc.constantFrom("", PLAYER), (outcome, playerRef) => {
      const event = { playerRef };
      const bytes = encodeOutcome(outcome, event);
      expect(bytes).toEqual(generated(outcome, event));
      // An event that names a player has that player: "" can't be told from "the same".
      if (outcome.playerRef === "" && playerRef !== "") return;
      expect(decodeOutcome(bytes, event)).toEqual(outcome);
    });
    fc.assert(property);
  });

  test("don't repeat the player whom the event names", () => {
    const outcome = { ...sample, playerRef: PLAYER };
    const repeated = encodeOutcome(outcome, { playerRef: "" });
    const bare = encodeOutcome(outcome, { playerRef: PLAYER });
    expect(repeated.length - bare.length).toBe(PLAYER.length + 2);
    expect(decodeOutcome(bare, { playerRef: PLAYER }).playerRef).toBe(PLAYER);
  });

  test("are read the same by the quick reader and the generated decoder", () => {
    const flips = fc.array(fc.nat(), { maxLength: 3 });
    const noise = fc.uint8Array({ maxLength: 200 });
    const spoiled = fc.tuple(outcomes, flips).map(([outcome, bits]) => {
      const bytes = encodeOutcome(outcome, { playerRef: "" });
      for (const bit of bits) {
        if (bytes.length > 0) bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
      }
      return bytes;
    });
    const property = fc.property(fc.oneof(noise, spoiled), (bytes) => {
      const quick = readOrdinaryOutcome(bytes, PLAYER);
      if (quick !== undefined)
        expect(quick).toEqual(decodeAnyOutcome(bytes, { playerRef: PLAYER }));
      try {
        decodeOutcome(bytes, { playerRef: "" });
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    });
    fc.assert(property);
  });

  test("are read by the quick reader when they are ordinary", () => {
    const bytes = encodeOutcome(sample, { playerRef: "" });
    expect(readOrdinaryOutcome(bytes, "")).toEqual(sample);
  });

  test("are never written of what isn't a count or an amount of 64 bits", () => {
    const event = { playerRef: "" };
    const good = encodeOutcome(sample, event);
    const posting = { account: 1 as const, qualifier: "", currency: "FUN" };
    for (const wrong of [
      { seq: -1 },
      { seq: 1.5 },
      { recordedAt: Number.NaN },
      { epoch: 2 ** 53 },
      { postings: [{ ...posting, minor: 2n ** 63n }] },
      { balances: [{ ...sample.balances[0]!, held: -(2n ** 63n) - 1n }] },
    ]) {
      expect(() => encodeOutcome({ ...sample, ...wrong }, event)).toThrow(RangeError);
      // What a failure left behind must not get into the next record.
      expect(encodeOutcome(sample, event)).toEqual(good);
    }
  });
});

const sample: Outcome = {
  seq: 42,
  epoch: 3,
  recordedAt: 1_795_251_011_139_001,
  code: Code.OK,
  operatorId: "demo",
  source: "telegram",
  playerRef: PLAYER,
  logicVersion: 1,
  postings: [],
  balances: [{ currency: "FUN", available: 2n ** 52n, bonus: 0n, held: 0n, version: 9 }],
  roundClosed: true,
  houseRound: {
    serverSeedHash: Uint8Array.of(0, 171, 255),
    clientSeed: "seed",
    seedPair: 1,
    nonce: 5,
    fairVersion: 1,
    rollX100: 5_050,
    multiplierX100: 197,
    win: 1_970_000n,
  },
};
const ids = {
  eventId: EVENT_ID,
  idempotencyKey: "key-1",
  playerRef: "",
  txnId: "txn-1",
  roundId: "round-1",
};

describe("a receipt in JSON", () => {
  test("of a record says everything in strings that can't lose a digit", () => {
    expect(receiptToJson(receiptFrom(sample, ids, { replayed: true }))).toEqual({
      status: "accepted",
      code: "OK",
      message: "Accepted.",
      event_id: EVENT_ID,
      idempotency_key: "key-1",
      player_ref: PLAYER,
      txn_id: "txn-1",
      round_id: "round-1",
      seq: "42",
      epoch: "3",
      recorded_at: "1795251011139001",
      bookmark: "3-42",
      replayed: true,
      balances: [
        {
          currency: "FUN",
          exponent: 6,
          available: "4503599627370496",
          bonus: "0",
          held: "0",
          version: "9",
        },
      ],
      house_round: {
        server_seed_hash: "00abff",
        client_seed: "seed",
        seed_pair: "1",
        nonce: "5",
        fair_version: 1,
        roll_x100: 5050,
        multiplier_x100: "197",
        win: "1970000",
      },
    });
  });

  test("without a record names the field and no place in the book", () => {
    const why = { code: Code.KEY_CONFLICT, field: "round_id" };
    expect(receiptToJson(receiptWithoutRecord(why, { idempotencyKey: "key-1" }))).toEqual({
      status: "rejected",
      code: "KEY_CONFLICT",
      message: CODES[Code.KEY_CONFLICT].text,
      field: "round_id",
      idempotency_key: "key-1",
    });
  });
});

describe("names", () => {
  test("codes of ledger and contract are the same numbers under the same names", () => {
    for (const [name, number] of Object.entries(WireCode)) {
      expect(codeName(number as number)).toBe(name);
      expect(codeNumber(name)).toBe(number as number as Code);
    }
    expect(Object.keys(Code)).toHaveLength(Object.keys(WireCode).length);
    expect(codeName(9_999)).toBe("UNSPECIFIED");
    expect(codeNumber("constructor")).toBeUndefined();
  });

  test("bookmarks read back, and nothing else is one", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (epoch, seq) => {
        expect(parseBookmark(formatBookmark(epoch, seq))).toEqual({ epoch, seq });
      }),
    );
    const bad = [
      "",
      "1",
      "1-",
      "-1",
      "1--1",
      "01-1",
      "1-01",
      "1-1 ",
      "1e3-1",
      "1-9007199254740992",
    ];
    for (const wrong of [...bad, "1-2-3", "١-1", "1".repeat(40)]) {
      expect(parseBookmark(wrong)).toBeUndefined();
    }
  });

  test("a problem carries the code, its status and the field", async () => {
    expect(problem(Code.BOOKMARK_LOST, "gone", "at_least")).toEqual({
      type: "urn:countroom:problem:bookmark-lost",
      title: CODES[Code.BOOKMARK_LOST].text,
      status: CODES[Code.BOOKMARK_LOST].httpStatus,
      code: "BOOKMARK_LOST",
      detail: "gone",
      field: "at_least",
    });
    const response = problemResponse(Code.ACCESS_SCOPE, { headers: { "x-a": "b" } });
    expect(response.status).toBe(CODES[Code.ACCESS_SCOPE].httpStatus);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "ACCESS_SCOPE" });
  });
});
