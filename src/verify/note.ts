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
  /**
   * The last place that it signed before another followed: what lies beyond is not its own. Size 0
   * when nobody says where that was: it proves nothing.
   */
  readonly until?: { readonly epoch: number; readonly size: number } | undefined;
}

/**
 * Whose signature a note bears: a known key's; that of a known one that had been replaced by then;
 * nobody's who is known; or one in the name of a known key that this key never made.
 */
export type SignedBy = "known" | "replaced" | "unknown" | "forged";

/** A note that was read. */
export interface OpenedNote {
  readonly checkpoint: Checkpoint;
  readonly by: SignedBy;
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
  const found = own.map((bytes) => judge(text, checkpoint, bytes, keys));
  const order: readonly SignedBy[] = ["forged", "known", "replaced"];
  return { checkpoint, by: order.find((by) => found.includes(by)) ?? "unknown" };
}

function judge(
  text: string,
  checkpoint: Checkpoint,
  bytes: Uint8Array,
  keys: readonly SigningKey[],
): SignedBy {
  const id = bytes.subarray(0, KEY_ID_BYTES);
  const name = `countroom-${checkpoint.deployment}`;
  const named = keys.filter(({ key }) => Buffer.compare(idOf(name, key), id) === 0);
  if (named.length === 0) return "unknown";
  if (bytes.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return "forged";
  const signature = bytes.subarray(KEY_ID_BYTES);
  const signers = named.filter(({ key }) => verify(null, Buffer.from(text), key, signature));
  if (signers.length === 0) return "forged";
  return signers.some((each) => mayHaveSigned(each, checkpoint)) ? "known" : "replaced";
}

function mayHaveSigned({ until }: SigningKey, { epoch, size }: Checkpoint): boolean {
  return until === undefined || (epoch <= until.epoch && size <= until.size);
}

/** The first bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key). */
export function idOf(name: string, publicKey: KeyObject): Buffer {
  const raw = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url");
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]);
  return hash("sha256", named, "buffer").subarray(0, KEY_ID_BYTES);
}
