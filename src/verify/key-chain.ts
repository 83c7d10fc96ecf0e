/**
 * The chain of a deployment's signing keys: which key followed which, and where.
 *
 * One JSON document a line, with a `key_rotated` record, its audit path, and the checkpoint above
 * it that the old key and the new one have signed. A key that was replaced may be in anybody's
 * hands: it proves what it signed until then.
 *
 * @module
 */
import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { Code, OutcomeSchema } from "../wire/gen/countroom/v1/record_pb.ts";
import { idOf, openNote, type SigningKey } from "./note.ts";
import { type Hash, parent, textOf } from "./tree.ts";

/** Rotations in one chain; what is longer isn't read. */
const LINKS_MAX = 256;

/** One rotation. */
interface Link {
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: string;
}

/**
 * What a chain adds to the keys that are known: the successors of the newest, and where older ones
 * ended. Undefined when it isn't a chain. Links that prove nothing are passed over.
 */
export function withChain(
  known: readonly SigningKey[],
  text: string,
): readonly SigningKey[] | undefined {
  const links = readLinks(text);
  if (links === undefined) return undefined;
  const believed = [...known];
  for (const link of links) {
    for (const [at, { key, until }] of believed.entries()) {
      // It has a successor; a second one would be its thief's.
      if (until !== undefined && until.size > 0) continue;
      const step = follow(key, link);
      if (step === undefined) continue;
      const isKnown = believed.some((one) => one.key.equals(step.next));
      if (until !== undefined && !isKnown) continue;
      believed[at] = { key, until: step.until };
      if (!isKnown) believed.push({ key: step.next });
      break;
    }
  }
  return believed;
}

/** The key that a link proves to follow, and where the old one ended. */
function follow(
  key: KeyObject,
  { seq, event, outcome, path, checkpoint }: Link,
): { readonly next: KeyObject; readonly until: NonNullable<SigningKey["until"]> } | undefined {
  const note = openNote(checkpoint, [{ key }]);
  if (note?.by !== "known") return undefined;
  const { deployment, epoch, size, root } = note.checkpoint;
  if (rootAbove(leafOf(event, outcome), seq - 1, size, path) !== textOf(root)) return undefined;
  const told = rotationIn(event, outcome);
  if (told?.publicKey.length !== 32) return undefined;
  const x = Buffer.from(told.publicKey).toString("base64url");
  const next = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const name = `countroom-${deployment}`;
  const named =
    told.previousKeyId === idOf(name, key).toString("hex") &&
    told.keyId === idOf(name, next).toString("hex");
  if (!named || openNote(checkpoint, [{ key: next }])?.by !== "known") return undefined;
  return { next, until: { epoch, size } };
}

/** What an accepted `key_rotated` record of the primary's own says. */
function rotationIn(event: Uint8Array, outcome: Uint8Array) {
  try {
    const { payload } = fromBinary(EventSchema, event);
    const { code, operatorId, source } = fromBinary(OutcomeSchema, outcome);
    const own = code === Code.OK && operatorId === "" && source === "system";
    return own && payload.case === "keyRotated" ? payload.value : undefined;
  } catch {
    return undefined;
  }
}

function leafOf(event: Uint8Array, outcome: Uint8Array): Hash {
  const prefixed = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const leaf = Buffer.concat([Buffer.of(0), prefixed(event), prefixed(outcome)]);
  return textOf(hash("sha256", leaf, "buffer"));
}

/** Root of a tree by a leaf's audit path (RFC 9162 §2.1.3.2); undefined when it doesn't fit. */
function rootAbove(
  leaf: Hash,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Hash | undefined {
  if (index < 0 || index >= size) return undefined;
  let place = index;
  let last = size - 1;
  let node = leaf;
  for (const step of path.map(textOf)) {
    if (last === 0 || step.length !== leaf.length) return undefined;
    if (place % 2 === 1 || place === last) {
      node = parent(step, node);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = parent(node, step);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : undefined;
}

function readLinks(text: string): readonly Link[] | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.length > LINKS_MAX) return undefined;
  try {
    return lines.map((line) => linkOf(JSON.parse(line)));
  } catch {
    return undefined;
  }
}

function linkOf(json: {
  readonly seq: unknown;
  readonly event: unknown;
  readonly outcome: unknown;
  readonly hashes: readonly unknown[];
  readonly checkpoint: unknown;
}): Link {
  const bytes = (text: unknown): Uint8Array => {
    if (typeof text !== "string") throw new TypeError("not base64");
    return Buffer.from(text, "base64");
  };
  const seq = Number(json.seq);
  if (!Number.isSafeInteger(seq) || typeof json.checkpoint !== "string") {
    throw new TypeError("not a rotation");
  }
  return {
    seq,
    event: bytes(json.event),
    outcome: bytes(json.outcome),
    path: json.hashes.map(bytes),
    checkpoint: json.checkpoint,
  };
}
