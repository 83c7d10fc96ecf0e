/**
 * Signed checkpoints: C2SP signed notes with one Ed25519 signature.
 *
 * ```
 * countroom/<deployment>/<epoch>/<reign>
 * <tree size>
 * <base64 root>
 * state <base64 digest>
 * time <µs>
 *
 * — countroom-<deployment> <base64(4 bytes key id ‖ signature)>
 * ```
 *
 * @module
 */
import { hash, type KeyObject, verify } from "node:crypto";

/** What a checkpoint says. */
export interface Checkpoint {
  readonly deployment: string;
  readonly epoch: number;
  readonly reign: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly stateDigest: Uint8Array;
  /** recorded_at of the last record, microseconds. */
  readonly time: number;
}

/** A key that signs checkpoints. */
export interface SigningKey {
  readonly key: KeyObject;
  /** The last place that it signed before another followed: what lies beyond is not its own. */
  readonly until?: { readonly epoch: number; readonly size: number } | undefined;
}

/** A note that was read. `signed` says whether one of the given keys signed exactly this text. */
export interface OpenedNote {
  readonly checkpoint: Checkpoint;
  readonly signed: boolean;
}

const TEXT = new RegExp(
  [
    "^countroom/([^/\\s]+)/([1-9]\\d{0,15})/([0-9a-f]{32})\\n",
    "(0|[1-9]\\d{0,15})\\n([A-Za-z0-9+/]{43}=)\\n",
    "state ([A-Za-z0-9+/]{43}=)\\ntime (0|[1-9]\\d{0,15})\\n$",
  ].join(""),
);

const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
const ED25519 = 0x01;

/** Reads a note; undefined when it isn't a checkpoint at all. */
export function openNote(note: string, keys: readonly SigningKey[]): OpenedNote | undefined {
  const end = note.indexOf("\n\n") + 1;
  const text = note.slice(0, end);
  const match = end === 0 ? null : TEXT.exec(text);
  if (match === null) return undefined;
  const [deployment = "", epoch, reign = "", size, root = "", state = "", time] = match.slice(1);
  const checkpoint: Checkpoint = {
    deployment,
    epoch: Number(epoch),
    reign,
    size: Number(size),
    root: Buffer.from(root, "base64"),
    stateDigest: Buffer.from(state, "base64"),
    time: Number(time),
  };
  const name = `countroom-${deployment}`;
  // A note may carry signatures of others too.
  const own = note
    .slice(end + 1)
    .split("\n")
    .filter((line) => line.startsWith(`— ${name} `))
    .map((line) => Buffer.from(line.slice(name.length + 3), "base64"));
  const signed = own.some((bytes) =>
    keys.some((each) => mayHaveSigned(each, checkpoint) && isSignedBy(text, name, bytes, each.key)),
  );
  return { checkpoint, signed };
}

function mayHaveSigned({ until }: SigningKey, { epoch, size }: Checkpoint): boolean {
  return until === undefined || (epoch <= until.epoch && size <= until.size);
}

function isSignedBy(text: string, name: string, bytes: Uint8Array, publicKey: KeyObject): boolean {
  if (bytes.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return false;
  const raw = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url");
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]);
  const id = hash("sha256", named, "buffer");
  if (Buffer.compare(id.subarray(0, KEY_ID_BYTES), bytes.subarray(0, KEY_ID_BYTES)) !== 0) {
    return false;
  }
  return verify(null, Buffer.from(text), publicKey, bytes.subarray(KEY_ID_BYTES));
}
