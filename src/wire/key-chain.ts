/**
 * How the key that signs checkpoints followed the one before, told so that whoever knows the old
 * key can learn the new one from a stranger.
 *
 * A second signature on a note proves nothing about its key: anybody can add one. What the old key
 * has signed is the root of a tree that holds a `key_rotated` record, which only the primary can
 * write and which names the new key. The new key signs the same note, to show that it is held.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { Code, leafHash, verifyInclusion } from "../ledger/index.ts";
import { BELIEVED_NOWHERE, checkpointKeyId, publicKeyFromRaw } from "./checkpoint-key.ts";
import type { KeyBound, Signer } from "./checkpoint-key.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { decodeEvent } from "./event-codec.ts";
import { decodeOutcome } from "./outcome-codec.ts";

/** One rotation. */
export interface KeyLink {
  /** The `key_rotated` record. */
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
  /** Its audit path in the tree of the checkpoint. */
  readonly path: readonly Uint8Array[];
  /** Signed by the old key and by the new one. */
  readonly checkpoint: string;
}

/** A rotation in JSON. */
export interface KeyLinkJson {
  readonly seq: string;
  readonly event: string;
  readonly outcome: string;
  readonly tree_size: string;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

/** Rotations in one chain; what is longer isn't read. */
const LINKS_MAX = 256;

/**
 * The keys that may be believed by somebody who believes `known`: these, and what the chain proves
 * to follow from them. A key that was followed is believed up to the checkpoint that says so, and
 * has no second successor: whoever has stolen it since can write links too. Links that don't hold,
 * or follow from a stranger, prove nothing.
 */
export function successorsOf(
  known: readonly Signer[],
  chain: readonly KeyLink[],
): readonly Signer[] {
  const believed = [...known];
  for (const link of chain) {
    for (const [at, { key, until }] of believed.entries()) {
      const isPlaced = until !== undefined && until.size > BELIEVED_NOWHERE.size;
      if (isPlaced) continue;
      const next = successor(key, link);
      if (next === undefined) continue;
      const isKnown = believed.some((one) => one.key.equals(next));
      // The next key has signed the link as well: who believes it may believe where it began.
      if (until !== undefined && !isKnown) continue;
      believed[at] = { key, until: boundOf(link, key) };
      if (!isKnown) believed.push({ key: next });
      break;
    }
  }
  return believed;
}

/** The last place that the old key of a link is believed of. */
function boundOf({ checkpoint }: KeyLink, key: KeyObject): KeyBound {
  const { epoch, size } = openCheckpoint(checkpoint, key);
  return { epoch, size };
}

/** The key that a link proves to follow from `key`, undefined when it proves no such thing. */
export function successor(key: KeyObject, link: KeyLink): KeyObject | undefined {
  try {
    const { deployment, size, root } = openCheckpoint(link.checkpoint, key);
    const { seq, event, outcome, path } = link;
    const leaf = leafHash(event, outcome);
    if (!verifyInclusion({ index: seq - 1, size, leaf, path }, root)) return undefined;
    const decoded = decodeEvent(event);
    if (!decoded.ok || decoded.command.payload.type !== "key_rotated") return undefined;
    const { payload } = decoded.command;
    const { code, operatorId, source } = decodeOutcome(outcome, decoded.command);
    if (code !== Code.OK || operatorId !== "" || source !== "system") return undefined;
    const next = publicKeyFromRaw(payload.publicKey);
    openCheckpoint(link.checkpoint, next);
    const named =
      payload.previousKeyId === checkpointKeyId(deployment, key) &&
      payload.keyId === checkpointKeyId(deployment, next);
    return named ? next : undefined;
  } catch {
    // What can't be read or wasn't signed proves nothing.
    return undefined;
  }
}

/** The JSON of a rotation. */
export function keyLinkToJson(link: KeyLink, size: number): KeyLinkJson {
  return {
    seq: String(link.seq),
    event: base64(link.event),
    outcome: base64(link.outcome),
    tree_size: String(size),
    hashes: link.path.map(base64),
    checkpoint: link.checkpoint,
  };
}

/** Reads a chain: one JSON document a line, oldest first. Undefined when it isn't one. */
export function parseKeyChain(text: string): readonly KeyLink[] | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.length > LINKS_MAX) return undefined;
  try {
    return lines.map((line) => linkOf(JSON.parse(line) as KeyLinkJson));
  } catch {
    return undefined;
  }
}

function linkOf(json: KeyLinkJson): KeyLink {
  const seq = Number(json.seq);
  if (!Number.isSafeInteger(seq) || seq < 1 || typeof json.checkpoint !== "string") {
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

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString("base64");
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
