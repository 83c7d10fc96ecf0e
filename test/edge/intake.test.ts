/**
 * Goal: what goes to the primary is a sound event of this edge, however the caller wrote it: each
 * field once, this edge's origin, nobody named behind it who may not be.
 * Method: events as bytes and as JSON, with development credentials; what comes out is decoded.
 */
import { describe, expect, test } from "bun:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { credentialFrom, type Credential } from "../../src/access/index.ts";
import { apiClaims, botClaims } from "../../src/access/dev-credentials.ts";
import { EventIntake, type Taken } from "../../src/edge/event-intake.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { codeName, decodeEvent, encodeEvent } from "../../src/wire/index.ts";

const intake = new EventIntake({ edgeId: "eu", region: "eu", clock: systemClock });
const caller = (credential: Credential) => ({ credential, token: "token" });
const play = caller(credentialFrom(apiClaims("play")));
const admin = caller(credentialFrom(apiClaims("admin")));
const bot = caller(credentialFrom(botClaims()));

const EVENT_ID = "0190a8b2-7e42-765b-83a1-88b1846aabae";
const registration = {
  idempotencyKey: "key-1",
  payload: { case: "playerRegistered", value: {} },
} as const;
const forged = { origin: { edgeId: "asia", region: "asia", edgeSeq: 99n } };
const actor = { kind: "admin", id: "root" };

/** The event that goes to the primary. */
function sent(taken: Taken) {
  if (!taken.ok) throw new Error(codeName(taken.receipt.code));
  const decoded = decodeEvent(taken.submission.event);
  if (!decoded.ok) throw new Error(`${codeName(decoded.code)} ${decoded.field}`);
  expect(decoded.event.eventId).toBe(taken.submission.ids.eventId ?? "");
  return decoded.event;
}

const refusal = (taken: Taken): string =>
  taken.ok ? "ok" : `${codeName(taken.receipt.code)} ${taken.receipt.field}`;

describe("what an edge tells", () => {
  test("follows the caller's bytes, which stay as they are", () => {
    const bytes = encodeEvent(registration);
    const taken = intake.binary(bytes, play);
    const event = sent(taken);
    expect(event.origin).toMatchObject({ edgeId: "eu", region: "eu" });
    expect(event.occurredAt).toBeGreaterThan(0n);
    if (taken.ok) expect(Buffer.from(taken.submission.event).indexOf(bytes)).toBe(0);
  });

  test.each([
    ["event_id", (to: BinaryWriter) => to.tag(1, WireType.LengthDelimited).string("")],
    ["occurred_at", (to: BinaryWriter) => to.tag(2, WireType.Varint).uint32(0)],
  ])("takes the place of an empty %s that is written out", (_, write) => {
    const writer = new BinaryWriter().raw(encodeEvent(registration));
    write(writer);
    const event = sent(intake.binary(writer.finish(), play));
    expect(event.eventId).not.toBe("");
    expect(event.occurredAt).toBeGreaterThan(0n);
    expect(event.idempotencyKey).toBe("key-1");
    expect(event.payload.case).toBe("playerRegistered");
  });

  test("takes the place of an origin that the caller made up", () => {
    const bytes = encodeEvent({ ...registration, ...forged, eventId: EVENT_ID, occurredAt: 5n });
    const json = {
      idempotency_key: "key-1",
      origin: { edge_id: "asia", edge_seq: "99" },
      player_registered: {},
    };
    const event = sent(intake.binary(bytes, play));
    expect(event).toMatchObject({ eventId: EVENT_ID, occurredAt: 5n });
    for (const { origin } of [event, sent(intake.json(json, play))]) {
      expect(origin).toMatchObject({ edgeId: "eu", region: "eu" });
      expect(origin?.edgeSeq).toBeLessThan(99n);
    }
  });
});

describe("an actor", () => {
  const named = { ...registration, actor };
  const json = { idempotency_key: "key-1", actor, player_registered: {} };

  test("is refused from a key that is no admin's", () => {
    expect(refusal(intake.binary(encodeEvent(named), play))).toBe("ACCESS_SCOPE actor");
    expect(refusal(intake.json(json, play))).toBe("ACCESS_SCOPE actor");
    expect(refusal(intake.json({ ...json, actor: {} }, play))).toBe("ACCESS_SCOPE actor");
  });

  test("may be named by an admin, and by what runs in this process", () => {
    expect(sent(intake.binary(encodeEvent(named), admin)).actor).toMatchObject(actor);
    expect(sent(intake.init(named, bot, undefined)).actor).toMatchObject(actor);
    expect(sent(intake.init({ ...registration, ...forged }, bot, undefined)).origin).toMatchObject(
      forged.origin,
    );
  });
});
