/**
 * Signed checkpoints: C2SP tlog-checkpoint in a C2SP signed note, with Ed25519.
 *
 * ```text
 * countroom/<deployment>/<epoch>/<reign>
 * <tree size>
 * <base64 root>
 * state <base64 state digest>
 * time <recorded_at of the last record, microseconds>
 *
 * — countroom-<deployment> <base64(key id ‖ signature)>
 * ```
 *
 * https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note
 *
 * @module
 */
import { createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { KEY_ID_BYTES, keyId, keyName, signerList } from "./checkpoint-key.ts";
import type { CheckpointKeys, KeyBound } from "./checkpoint-key.ts";
import { CHECKPOINT_BYTES_MAX } from "./limits.ts";

/** What a checkpoint says. */
export interface Checkpoint {
  readonly deployment: string;
  readonly epoch: number;
  /** 32 lower-case hex digits. */
  readonly reign: string;
  /** Number of records in the tree. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** 32 bytes. */
  readonly state: Uint8Array;
  /** `recorded_at` of the last record, microseconds. */
  readonly time: number;
}

/** Why a note is not a checkpoint of this deployment. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  readonly code:
    | "CHECKPOINT_MALFORMED"
    | "CHECKPOINT_OTHER_KEY"
    | "CHECKPOINT_OUTDATED_KEY"
    | "CHECKPOINT_FORGED";

  constructor(code: CheckpointError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const DIGEST_BYTES = 32;
const SIGNATURE_BYTES = 64;
const DEPLOYMENT = /^[a-z0-9][a-z0-9.-]{0,62}$/;
const ORIGIN = /^countroom\/([a-z0-9][a-z0-9.-]{0,62})\/([1-9][0-9]{0,15})\/([0-9a-f]{32})$/;
const COUNT = /^(0|[1-9][0-9]{0,15})$/;

/** The text that is signed: five lines, each ended. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { deployment, epoch, reign, size, root, state, time } = checkpoint;
  if (!DEPLOYMENT.test(deployment)) throw new TypeError(`${deployment} is no deployment name`);
  if (root.length !== DIGEST_BYTES || state.length !== DIGEST_BYTES) {
    throw new TypeError("a checkpoint's root and state digest have 32 bytes");
  }
  const text =
    `countroom/${deployment}/${epoch}/${reign}\n${size}\n${base64(root)}\n` +
    `state ${base64(state)}\ntime ${time}\n`;
  // What is signed must read back, or everybody else would refuse it.
  parseCheckpoint(text);
  return text;
}

/** The signed note of a checkpoint. `privateKey` is Ed25519. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = formatCheckpoint(checkpoint);
  return `${text}\n${signatureLine(text, checkpoint.deployment, privateKey)}`;
}

/** The same note with one more signature: what a key's successor signs beside it. */
export function cosignCheckpoint(note: string, privateKey: KeyObject): string {
  const text = signedText(note);
  return note + signatureLine(text, parseCheckpoint(text).deployment, privateKey);
}

function signatureLine(text: string, deployment: string, privateKey: KeyObject): string {
  const name = keyName(deployment);
  const signature = sign(null, Buffer.from(text), privateKey);
  const id = keyId(name, createPublicKey(privateKey));
  return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

/**
 * Reads a note and verifies it: one of the keys has signed it, and is believed that far. Signatures
 * by other names or keys are passed over, as the signed-note rules want; a wrong one by a known key
 * spoils the note. Throws a {@link CheckpointError}.
 */
export function openCheckpoint(note: string, keys: CheckpointKeys): Checkpoint {
  const text = signedText(note);
  const checkpoint = parseCheckpoint(text);
  const name = keyName(checkpoint.deployment);
  const known = signerList(keys).map((signer) => ({ ...signer, id: keyId(name, signer.key) }));
  let signed = false;
  let outdated = false;
  for (const line of note.slice(text.length + 1, -1).split("\n")) {
    const signature = signatureOf(line, name);
    const by = known.filter(({ id }) => signature?.subarray(0, KEY_ID_BYTES).equals(id) === true);
    if (signature === undefined || by.length === 0) continue;
    const bytes = signature.subarray(KEY_ID_BYTES);
    const signers = by.filter(({ key }) => verify(null, Buffer.from(text), key, bytes));
    if (signers.length === 0) {
      throw new CheckpointError("CHECKPOINT_FORGED", "the signature does not fit the note");
    }
    if (signers.some(({ until }) => reaches(until, checkpoint))) signed = true;
    else outdated = true;
  }
  if (signed) return checkpoint;
  if (outdated) {
    const place = `${checkpoint.epoch}-${checkpoint.size}`;
    const what = `${place} is signed by a key that was replaced before`;
    throw new CheckpointError("CHECKPOINT_OUTDATED_KEY", what);
  }
  throw new CheckpointError("CHECKPOINT_OTHER_KEY", `no signature by a known key of ${name}`);
}

/** Whoever holds a replaced key can sign anything: it is believed where it was in use. */
function reaches(until: KeyBound | undefined, { epoch, size }: Checkpoint): boolean {
  return until === undefined || (epoch <= until.epoch && size <= until.size);
}

/** The part of a note that is signed. Throws a {@link CheckpointError}. */
function signedText(note: string): string {
  if (Buffer.byteLength(note) > CHECKPOINT_BYTES_MAX) throw malformed("it is too long");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) throw malformed("it has no signature");
  return note.slice(0, split + 1);
}

/** Reads the signed text without verifying anything. Throws a {@link CheckpointError}. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.length !== 6 || lines[5] !== "") throw malformed("it has not five lines");
  const [origin = "", size = "", root = "", state = "", time = ""] = lines;
  const parts = ORIGIN.exec(origin);
  if (parts === null) throw malformed("its first line is no origin");
  if (!state.startsWith("state ")) throw malformed("its fourth line is no state digest");
  if (!time.startsWith("time ")) throw malformed("its fifth line is no time");
  return {
    deployment: parts[1]!,
    epoch: count(parts[2]!, "epoch"),
    reign: parts[3]!,
    size: count(size, "size"),
    root: digest(root, "root"),
    state: digest(state.slice("state ".length), "state digest"),
    time: count(time.slice("time ".length), "time"),
  };
}

/** The later of two: higher epoch, then larger tree. */
export function newerCheckpoint(a: Checkpoint, b: Checkpoint): Checkpoint {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch ? a : b;
  return b.size > a.size ? b : a;
}

function signatureOf(line: string, name: string): Buffer | undefined {
  const prefix = `— ${name} `;
  if (!line.startsWith(prefix)) return undefined;
  const text = line.slice(prefix.length);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return undefined;
  return bytes.length === KEY_ID_BYTES + SIGNATURE_BYTES ? bytes : undefined;
}

function digest(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  // Buffer forgives bad base64; only the one canonical spelling is taken.
  if (bytes.length !== DIGEST_BYTES || base64(bytes) !== text) {
    throw malformed(`its ${what} is not 32 bytes of base64`);
  }
  return new Uint8Array(bytes);
}

function count(text: string, what: string): number {
  const value = Number(text);
  if (!COUNT.test(text) || !Number.isSafeInteger(value)) throw malformed(`its ${what} is no count`);
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function malformed(why: string): CheckpointError {
  return new CheckpointError("CHECKPOINT_MALFORMED", `the note is no checkpoint: ${why}`);
}
