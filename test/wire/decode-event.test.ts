/**
 * Goal: an event is read as the contract says or refused with its code and field, whatever the
 * bytes are; the quick reader never judges differently from the generated decoder.
 * Method: tables of single faults, hand-made bytes for what encoders never write, and random,
 * truncated and bit-flipped events through both readers.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { codeName, decodeEvent, encodeEvent, EVENT_BYTES_MAX } from "../../src/wire/index.ts";
import { decodeAnyEvent } from "../../src/wire/event-codec.ts";
import { readOrdinaryEvent } from "../../src/wire/event-reader.ts";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { anyEvent, bet, EVENT_ID, ordinaryBet, PLAYER, SEED, type EventInit } from "./events.ts";

console.log(`seed ${SEED}`);
fc.configureGlobal({ seed: SEED, numRuns: 1_000 });

function verdict(bytes: Uint8Array): string {
  const decoded = decodeEvent(bytes);
  return decoded.ok ? "ok" : `${codeName(decoded.code)} ${decoded.field}`.trim();
}

const verdictOf = (event: EventInit): string => verdict(encodeEvent(event));

/** Both ways of decoding, which must agree on everything they say. */
function agree(bytes: Uint8Array): void {
  const quick = decodeEvent(bytes);
  const slow = decodeAnyEvent(bytes);
  expect(quick).toEqual(slow);
  if (quick.ok && slow.ok) {
    expect(toBinary(EventSchema, quick.event)).toEqual(toBinary(EventSchema, slow.event));
  }
}

/** The bytes of a bet without one of its fields, and others behind it. */
function withoutThen(field: keyof typeof bet, write: (writer: BinaryWriter) => void): Uint8Array {
  const { [field]: _, ...rest } = bet;
  const writer = new BinaryWriter();
  writer.raw(encodeEvent(rest as EventInit));
  write(writer);
  return writer.finish();
}

/** The bytes of a bet with more fields behind it. */
function withTail(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  writer.raw(encodeEvent(bet));
  write(writer);
  return writer.finish();
}

describe("an ordinary bet", () => {
  test("becomes the command it stands for", () => {
    const decoded = decodeEvent(encodeEvent(bet));
    if (!decoded.ok) throw new Error(decoded.message);
    expect(decoded.command).toEqual({
      operatorId: "demo",
      source: "api-play",
      idempotencyKey: "key-1",
      playerRef: PLAYER,
      roundId: "round-1",
      txnId: "txn-1",
      gameId: "dice",
      payload: {
        type: "bet_placed",
        amount: { minor: 1_000_000n, currency: "FUN" },
        closesRound: true,
        funding: 0,
      },
    });
    expect(decoded.event.eventId).toBe(EVENT_ID);
    expect(decoded.event.origin?.edgeSeq).toBe(7n);
  });

  test("is read by the quick reader, and equals the generated decoder's message", () => {
    const bytes = encodeEvent(bet);
    const quick = readOrdinaryEvent(bytes, false);
    expect(quick?.event).toEqual(create(EventSchema, bet));
    agree(bytes);
  });

  test("takes operator and source from the caller when it names none", () => {
    const bytes = encodeEvent({ ...bet, operatorId: "", source: "" });
    const caller = { operatorId: "op", source: "src" };
    const decoded = decodeEvent(bytes, { caller });
    expect(decoded.ok && decoded.command).toMatchObject(caller);
    const named = decodeEvent(encodeEvent(bet), { caller });
    expect(named.ok && named.command.source).toBe("api-play");
  });

  test("may come without event_id only where an edge will mint it", () => {
    const bytes = encodeEvent({ ...bet, eventId: "" });
    expect(verdict(bytes)).toBe("EVENT_FIELD_MISSING event_id");
    expect(decodeEvent(bytes, { eventIdOptional: true }).ok).toBe(true);
  });
});

describe("a fault in one field", () => {
  const amount = { minor: 1n, currency: "FUN" };
  const table: readonly (readonly [string, EventInit, string])[] = [
    ["upper-case event_id", { eventId: EVENT_ID.toUpperCase() }, "EVENT_FIELD_INVALID event_id"],
    [
      "event_id of version 4",
      { eventId: "0190a8b2-7e42-465b-83a1-88b1846aabae" },
      "EVENT_FIELD_INVALID event_id",
    ],
    [
      "event_id of another variant",
      { eventId: "0190a8b2-7e42-765b-c3a1-88b1846aabae" },
      "EVENT_FIELD_INVALID event_id",
    ],
    ["no key", { idempotencyKey: "" }, "EVENT_FIELD_MISSING idempotency_key"],
    ["long key", { idempotencyKey: "k".repeat(129) }, "EVENT_FIELD_INVALID idempotency_key"],
    [
      "long key in UTF-8",
      { idempotencyKey: "é".repeat(65) },
      "EVENT_FIELD_INVALID idempotency_key",
    ],
    ["newline in key", { idempotencyKey: "a\nb" }, "EVENT_FIELD_INVALID idempotency_key"],
    ["NUL in key", { idempotencyKey: "a\u0000" }, "EVENT_FIELD_INVALID idempotency_key"],
    ["C1 control in key", { idempotencyKey: "a\u0085" }, "EVENT_FIELD_INVALID idempotency_key"],
    ["line separator in key", { idempotencyKey: "\u2028" }, "EVENT_FIELD_INVALID idempotency_key"],
    ["player_ref that is no UUID", { playerRef: "alice" }, "EVENT_FIELD_INVALID player_ref"],
    ["long round_id", { roundId: "r".repeat(129) }, "EVENT_FIELD_INVALID round_id"],
    ["long txn_id", { txnId: "t".repeat(129) }, "EVENT_FIELD_INVALID txn_id"],
    ["control in game_id", { gameId: "\u007f" }, "EVENT_FIELD_INVALID game_id"],
    ["long operator_id", { operatorId: "o".repeat(65) }, "EVENT_FIELD_INVALID operator_id"],
    ["trace_id in upper case", { traceId: "A".repeat(32) }, "EVENT_FIELD_INVALID trace_id"],
    ["short trace_id", { traceId: "ab" }, "EVENT_FIELD_INVALID trace_id"],
    ["negative time", { occurredAt: -1n }, "EVENT_FIELD_INVALID occurred_at"],
    ["time beyond 2^53", { occurredAt: 2n ** 53n }, "EVENT_FIELD_INVALID occurred_at"],
    ["unknown surface", { surface: 6 as 5 }, "EVENT_FIELD_INVALID surface"],
    ["future schema", { schemaVersion: 2 }, "EVENT_FIELD_INVALID schema_version"],
    ["long edge_id", { origin: { edgeId: "e".repeat(65) } }, "EVENT_FIELD_INVALID origin.edge_id"],
    [
      "edge_seq beyond 2^53",
      { origin: { edgeSeq: 2n ** 53n } },
      "EVENT_FIELD_INVALID origin.edge_seq",
    ],
    ["no payload", { payload: { case: undefined } }, "EVENT_TYPE_UNKNOWN payload"],
    [
      "bet without amount",
      { payload: { case: "betPlaced", value: {} } },
      "EVENT_FIELD_MISSING bet_placed.amount",
    ],
    [
      "settlement without win",
      { payload: { case: "roundSettled", value: { betTxnId: "b" } } },
      "EVENT_FIELD_MISSING round_settled.win",
    ],
    [
      "house round without a game",
      { payload: { case: "houseRound", value: { stake: amount } } },
      "EVENT_FIELD_MISSING house_round.game",
    ],
    [
      "epoch without a reign",
      { payload: { case: "epochStarted", value: {} } },
      "EVENT_FIELD_INVALID epoch_started.reign",
    ],
    [
      "control in currency",
      { payload: { case: "betPlaced", value: { amount: { minor: 1n, currency: "F\tN" } } } },
      "EVENT_FIELD_INVALID bet_placed.amount.currency",
    ],
  ];
  test.each(table)("%s", (_, fault, expected) => {
    expect(verdictOf({ ...bet, ...fault } as EventInit)).toBe(expected);
  });

  test("128 bytes of UTF-8 are not too many", () => {
    expect(verdictOf({ ...bet, idempotencyKey: "é".repeat(64) })).toBe("ok");
    expect(verdictOf({ ...bet, roundId: "r".repeat(128), txnId: "👍".repeat(32) })).toBe("ok");
  });
});

describe("bytes that no encoder of this contract writes", () => {
  test("an unknown field is named, wherever it hides", () => {
    const envelope = withTail((to) => to.tag(19, WireType.Varint).uint32(1));
    expect(verdict(envelope)).toBe("EVENT_UNKNOWN_FIELD 19");
    const origin = withoutThen("origin", (to) => {
      to.tag(12, WireType.LengthDelimited).fork().tag(9, WireType.Varint).uint32(1).join();
    });
    expect(verdict(origin)).toBe("EVENT_UNKNOWN_FIELD origin.9");
    const nested = withoutThen("payload", (to) => {
      to.tag(140, WireType.LengthDelimited).fork();
      to.tag(1, WireType.LengthDelimited).fork().tag(3, WireType.Varint).uint32(1).join().join();
    });
    expect(verdict(nested)).toBe("EVENT_UNKNOWN_FIELD bet_placed.amount.3");
  });

  test("a second payload is refused, whatever it holds", () => {
    const bytes = withTail((to) => {
      to.tag(142, WireType.LengthDelimited).fork().tag(7, WireType.Varint).uint32(1).join();
    });
    expect(verdict(bytes)).toBe("EVENT_MALFORMED bet_rolled_back");
    agree(bytes);
  });

  test("a payload of the future is an unknown type", () => {
    const bytes = withTail((to) => to.tag(250, WireType.LengthDelimited).fork().join());
    expect(verdict(bytes)).toBe("EVENT_TYPE_UNKNOWN payload");
  });

  test("a field of another wire type is malformed, not guessed at", () => {
    const bytes = withoutThen("idempotencyKey", (to) => to.tag(6, WireType.Varint).uint32(5));
    expect(verdict(bytes)).toBe("EVENT_MALFORMED idempotency_key");
  });

  test.each([
    ["idempotency_key", { idempotencyKey: "key-2" }],
    ["event_id", { eventId: EVENT_ID }],
    ["schema_version", { schemaVersion: 1 }],
    ["origin", { origin: { edgeSeq: 8n } }],
    ["bet_placed", { payload: { case: "betPlaced", value: { amount: { minor: 5n } } } }],
    ["round_settled", { payload: { case: "roundSettled", value: { betTxnId: "b" } } }],
  ] as [string, EventInit][])("%s given again is malformed: the first stays", (field, more) => {
    const bytes = withTail((to) => to.raw(encodeEvent(more)));
    expect(verdict(bytes)).toBe(`EVENT_MALFORMED ${field}`);
    agree(bytes);
  });

  test.each([
    ["bet_placed.amount", [0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 2]],
    ["bet_placed.amount.minor", [0x0a, 4, 0x08, 1, 0x08, 2]],
    ["bet_placed.closes_round", [0x10, 1, 0x10, 1]],
  ])("%s given twice inside a message is malformed", (field, content) => {
    const bytes = withoutThen("payload", (to) => {
      to.tag(140, WireType.LengthDelimited).bytes(Uint8Array.from(content));
    });
    expect(verdict(bytes)).toBe(`EVENT_MALFORMED ${field}`);
    agree(bytes);
  });

  test.each([
    ["schema_version", [0x90, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]],
    ["surface", [0x80, 0x01, 0x81, 0x80, 0x80, 0x80, 0x10]],
    ["bet_placed.closes_round", [0xe2, 0x08, 2, 0x10, 2]],
  ] as [string, number[]][])("%s with more bits than its type has is malformed", (field, bits) => {
    const { payload: _, surface: __, schemaVersion: ___, ...envelope } = bet;
    const bytes = Buffer.concat([encodeEvent(envelope as EventInit), Uint8Array.from(bits)]);
    expect(verdict(bytes)).toBe(`EVENT_MALFORMED ${field}`);
    agree(bytes);
  });

  test("a number longer than it need be is read alike by both readers", () => {
    for (const longer of [
      [0x10, 0x85, 0x00],
      [0x90, 0x00, 5],
      [0x10, 0x85, 0x80, 0x80, 0x00],
    ]) {
      const bytes = withoutThen("occurredAt", (to) => to.raw(Uint8Array.from(longer)));
      const decoded = decodeEvent(bytes);
      expect(decoded.ok && decoded.event.occurredAt).toBe(5n);
      agree(bytes);
    }
  });

  test.each([
    ["invalid UTF-8", (to: BinaryWriter) => to.raw(Uint8Array.of(0x32, 2, 0xc3, 0x28))],
    ["a lone surrogate", (to: BinaryWriter) => to.raw(Uint8Array.of(0x32, 3, 0xed, 0xa0, 0x80))],
    ["a length beyond the end", (to: BinaryWriter) => to.raw(Uint8Array.of(0x32, 100, 65))],
    [
      "a length of 4 GiB",
      (to: BinaryWriter) => to.raw(Uint8Array.of(0x32, 255, 255, 255, 255, 15)),
    ],
    ["a varint of eleven bytes", (to: BinaryWriter) => to.raw(overlong(0x10, 11))],
    ["a tag without a value", (to: BinaryWriter) => to.raw(Uint8Array.of(0x10))],
    ["field number zero", (to: BinaryWriter) => to.raw(Uint8Array.of(0x02, 0))],
    ["an unended group", (to: BinaryWriter) => to.raw(Uint8Array.of(0x33))],
    ["a reserved wire type", (to: BinaryWriter) => to.raw(Uint8Array.of(0x36))],
  ])("%s is malformed", (_, write) => {
    const bytes = withTail(write);
    expect(verdict(bytes)).toMatch(/^EVENT_MALFORMED/);
    agree(bytes);
  });

  test("a nested length may not reach beyond its message", () => {
    const bytes = withTail((to) => {
      to.raw(Uint8Array.of(0xe2, 0x08, 2, 0x0a, 5)).raw(new Uint8Array(5).fill(0x08));
    });
    expect(verdict(bytes)).toMatch(/^EVENT_MALFORMED/);
  });

  test("more than 16 KiB is refused unread", () => {
    expect(verdict(new Uint8Array(EVENT_BYTES_MAX + 1))).toBe("EVENT_TOO_LARGE");
    expect(verdict(new Uint8Array(EVENT_BYTES_MAX))).not.toBe("EVENT_TOO_LARGE");
  });

  test("nothing at all lacks a payload", () => {
    expect(verdict(new Uint8Array(0))).toBe("EVENT_FIELD_MISSING event_id");
  });
});

describe("any bytes", () => {
  test("events of every kind: both readers agree", () => {
    fc.assert(fc.property(anyEvent, (event) => agree(encodeEvent(event))));
  });

  test("ordinary bets are accepted by the quick reader", () => {
    fc.assert(
      fc.property(ordinaryBet, (event) => {
        const bytes = encodeEvent(event);
        agree(bytes);
        expect(verdict(bytes)).toBe("ok");
        expect(readOrdinaryEvent(bytes, false)).toBeDefined();
      }),
    );
  });

  test("random bytes never throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), agree));
  });

  test("an event cut short is refused or lacks what was cut, and never throws", () => {
    const whole = encodeEvent(bet);
    for (let length = 0; length < whole.length; length += 1) agree(whole.subarray(0, length));
  });

  test("an event with any bit flipped: both readers agree", () => {
    const whole = encodeEvent(bet);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      agree(bytes);
    }
  });

  test("fields in any order, again and again: both readers agree", () => {
    const parts = Object.entries(bet).map(([name, value]) => encodeEvent({ [name]: value }));
    const orders = fc.array(fc.constantFrom(...parts), { maxLength: 25 });
    fc.assert(fc.property(orders, (some) => agree(Buffer.concat(some))));
  });
});

/** A varint field whose value goes on for `count` bytes. */
function overlong(tag: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count + 1).fill(0xff);
  bytes[0] = tag;
  bytes[count] = 1;
  return bytes;
}
