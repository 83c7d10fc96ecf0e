/**
 * Goal: a JSON event means exactly one thing or is refused with its field; amounts never pass
 * through a float. Method: tables of faults, and every Protobuf event told in JSON and read back.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  codeName,
  decodeEvent,
  encodeEvent,
  eventFromJson,
  eventsOfBinary,
  eventsOfJson,
} from "../../src/wire/index.ts";
import { BATCH_EVENTS_MAX } from "../../src/wire/limits.ts";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { parseStrictJson } from "../../src/wire/strict-json.ts";
import { anyEvent, bet, EVENT_ID, PLAYER, SEED } from "./events.ts";

console.log(`seed ${SEED}`);
fc.configureGlobal({ seed: SEED, numRuns: 500 });

const json = {
  event_id: EVENT_ID,
  idempotency_key: "key-1",
  player_ref: PLAYER,
  round_id: "round-1",
  txn_id: "txn-1",
  bet_placed: { amount: { minor: "1000000", currency: "FUN" }, closes_round: true },
};

function verdict(value: unknown): string {
  const read = eventFromJson(value);
  return read.ok ? "ok" : `${codeName(read.code)} ${read.field}`.trim();
}

const withAmount = (minor: unknown): unknown => ({
  ...json,
  bet_placed: { amount: { minor, currency: "FUN" } },
});

describe("one event", () => {
  test("snake_case and camelCase say the same", () => {
    const snake = eventFromJson(json);
    const camel = eventFromJson({
      eventId: EVENT_ID,
      idempotencyKey: "key-1",
      playerRef: PLAYER,
      roundId: "round-1",
      txnId: "txn-1",
      betPlaced: { amount: { minor: "1000000", currency: "FUN" }, closesRound: true },
    });
    expect(snake.ok).toBe(true);
    expect(camel).toEqual(snake);
  });

  test("any amount of 64 bits arrives as it was told", () => {
    const property = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (minor) => {
      const read = eventFromJson(withAmount(String(minor)));
      expect(read.ok && read.command.payload).toMatchObject({ amount: { minor } });
    });
    fc.assert(property);
  });

  const amount = "EVENT_FIELD_INVALID bet_placed.amount.minor";
  const table: readonly (readonly [string, unknown, string])[] = [
    ["a number for an amount", withAmount(1_000_000), amount],
    ["a float for an amount", withAmount(1.5), amount],
    ["a fraction in a string", withAmount("1.5"), amount],
    ["an exponent", withAmount("1e6"), amount],
    ["a plus sign", withAmount("+1"), amount],
    ["minus zero", withAmount("-0"), amount],
    ["leading zeros", withAmount("007"), amount],
    ["spaces", withAmount(" 1"), amount],
    ["hexadecimal", withAmount("0x10"), amount],
    ["other digits", withAmount("١٢"), amount],
    ["2^63", withAmount(String(2n ** 63n)), amount],
    ["-2^63 - 1", withAmount(String(-(2n ** 63n) - 1n)), amount],
    ["an endless number", withAmount("9".repeat(10_000)), amount],
    ["an empty string", withAmount(""), amount],
    ["null for an amount", withAmount(null), amount],
    ["a number for a time", { ...json, occurred_at: 1 }, "EVENT_FIELD_INVALID occurred_at"],
    [
      "a negative count",
      { ...json, origin: { edge_seq: "-1" } },
      "EVENT_FIELD_INVALID origin.edge_seq",
    ],
    ["a number for a text", { ...json, round_id: 7 }, "EVENT_FIELD_INVALID round_id"],
    ["null for a text", { ...json, round_id: null }, "EVENT_FIELD_INVALID round_id"],
    [
      "a text for a flag",
      { ...json, bet_placed: { closes_round: "true" } },
      "EVENT_FIELD_INVALID bet_placed.closes_round",
    ],
    ["a list for a message", { ...json, bet_placed: [] }, "EVENT_FIELD_INVALID bet_placed"],
    ["null for a message", { ...json, origin: null }, "EVENT_FIELD_INVALID origin"],
    ["an unknown field", { ...json, bonus: 1 }, "EVENT_UNKNOWN_FIELD bonus"],
    [
      "an unknown field within",
      { ...json, bet_placed: { amount: { minor: "1", currency: "FUN", cents: 1 } } },
      "EVENT_UNKNOWN_FIELD bet_placed.amount.cents",
    ],
    ["__proto__", JSON.parse('{"__proto__":{"event_id":"x"}}'), "EVENT_UNKNOWN_FIELD __proto__"],
    ["an unknown surface", { ...json, surface: "SURFACE_TV" }, "EVENT_FIELD_INVALID surface"],
    ["a number for a surface", { ...json, surface: 1 }, "EVENT_FIELD_INVALID surface"],
    ["both spellings of a field", { ...json, roundId: "r" }, "EVENT_FIELD_INVALID round_id"],
    [
      "two payloads",
      { ...json, bet_rolled_back: { bet_txn_id: "b" } },
      "EVENT_FIELD_INVALID bet_rolled_back",
    ],
    [
      "a schema of 2^32",
      { ...json, schema_version: 2 ** 32 },
      "EVENT_FIELD_INVALID schema_version",
    ],
    ["a lone surrogate", { ...json, round_id: "\ud800" }, "EVENT_FIELD_INVALID round_id"],
    ["no object", "bet", "EVENT_MALFORMED"],
    ["a list", [json], "EVENT_MALFORMED"],
    ["nothing", null, "EVENT_MALFORMED"],
    ["an empty object", {}, "EVENT_FIELD_MISSING event_id"],
  ];
  test.each(table)("%s", (_, value, expected) => {
    expect(verdict(value)).toBe(expected);
  });

  test("whatever Protobuf can say, JSON says too, with the same verdict", () => {
    const property = fc.property(anyEvent, (event) => {
      const bytes = encodeEvent(event);
      const binary = decodeEvent(bytes);
      // An open enum's unknown number has no name, and JSON no way to say it.
      if ((event.surface ?? 0) > 5) return;
      const told = toJson(EventSchema, fromBinary(EventSchema, bytes));
      const read = eventFromJson(told);
      expect(read.ok).toBe(binary.ok);
      if (read.ok && binary.ok) expect(read.command).toEqual(binary.command);
      else if (!read.ok && !binary.ok) expect(read.field).toBe(binary.field);
    });
    fc.assert(property);
  });
});

describe("a body", () => {
  const batch = (count: number) => JSON.stringify(Array.from({ length: count }, () => json));
  const items = (text: string) => {
    const read = eventsOfJson(text);
    return read.ok ? read.items.length : `${codeName(read.code)} ${read.field}`.trim();
  };

  test("is one event, a list, or a list under its name", () => {
    const one = JSON.stringify(json);
    expect(eventsOfJson(one)).toMatchObject({ ok: true, single: true, items: [json] });
    expect(eventsOfJson(`[${one}]`)).toMatchObject({ ok: true, single: false, items: [json] });
    expect(eventsOfJson(`{"events":[${one}]}`)).toMatchObject({ single: false, items: [json] });
  });

  test("a bad event is no fault of the body", () => {
    expect(items('[{"event_id":1},null,7]')).toBe(3);
  });

  test.each([
    ["{", "REQUEST_MALFORMED"],
    ["", "REQUEST_MALFORMED"],
    ["[1,]", "REQUEST_MALFORMED"],
    ["7", "REQUEST_INVALID"],
    ["null", "REQUEST_INVALID"],
    ["[]", "REQUEST_INVALID events"],
    ['{"events":{}}', "REQUEST_INVALID events"],
    ['{"events":[{}],"more":1}', "REQUEST_INVALID more"],
    ['{"round_id":"a","round_id":"b"}', "REQUEST_MALFORMED"],
    ['{"round_id":"a","round\\u005fid":"b"}', "REQUEST_MALFORMED"],
    ["[".repeat(100_000), "REQUEST_MALFORMED"],
    ['{"a":'.repeat(100_000), "REQUEST_MALFORMED"],
  ])("%#: %p", (text, expected) => {
    expect(items(text)).toBe(expected);
  });

  test("has at most a thousand events", () => {
    expect(items(batch(BATCH_EVENTS_MAX))).toBe(BATCH_EVENTS_MAX);
    expect(items(batch(BATCH_EVENTS_MAX + 1))).toBe("REQUEST_TOO_MANY_EVENTS events");
  });

  test("in Protobuf is cut into its events' own bytes", () => {
    const one = encodeEvent(bet);
    const junk = Uint8Array.of(0xff, 0xff);
    const body = Buffer.concat([frame(one), frame(junk)]);
    const read = eventsOfBinary(body);
    expect(read.ok && read.items.map((bytes) => [...bytes])).toEqual([[...one], [...junk]]);
  });

  test("in Protobuf is refused when it is anything else", () => {
    const code = (bytes: Uint8Array) => {
      const read = eventsOfBinary(bytes);
      return read.ok ? "ok" : codeName(read.code);
    };
    expect(code(new Uint8Array(0))).toBe("REQUEST_INVALID");
    expect(code(Uint8Array.of(0x12, 0))).toBe("REQUEST_INVALID");
    expect(code(Uint8Array.of(0x0a, 5, 1))).toBe("REQUEST_MALFORMED");
    const many = Buffer.concat(Array.from({ length: BATCH_EVENTS_MAX + 1 }, () => frame(nothing)));
    expect(code(many)).toBe("REQUEST_TOO_MANY_EVENTS");
    const property = fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void code(bytes));
    fc.assert(property);
  });
});

describe("strict JSON", () => {
  test("agrees with JSON.parse on everything without a key twice", () => {
    const property = fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const read = parseStrictJson(text, 100);
      if (read.ok) expect(read.value).toEqual(JSON.parse(text));
      else expect(read.message).toContain("given twice");
    });
    fc.assert(property);
  });

  test("any text is parsed or refused", () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ab1 ') });
    const property = fc.property(noise, (text) => {
      if (parseStrictJson(text, 8).ok) expect(() => JSON.parse(text)).not.toThrow();
    });
    fc.assert(property);
  });

  test("equal keys of different objects are fine", () => {
    expect(parseStrictJson('[{"a":1},{"a":{"a":"a\\"a"}}]', 8).ok).toBe(true);
  });
});

const nothing = new Uint8Array(0);

/** One event of an `EventBatch`. */
function frame(event: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(event).finish();
}
