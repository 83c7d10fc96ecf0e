/**
 * Holds a replayed book against what was signed when it was captured.
 *
 * @module
 */
import { publicKeysIn } from "../../access/index.ts";
import { StateDigest, type LedgerState, type TreeEdge } from "../../ledger/index.ts";
import { CheckpointError, openCheckpoint, parseKeyChain, successorsOf } from "../../wire/index.ts";
import type { Signer } from "../../wire/index.ts";
import { ArchiveError, damaged } from "../errors.ts";
import { isOptionalKey, isPair, KEY_FILES, type KeyText } from "../snapshot/key-files.ts";
import type { Manifest } from "../snapshot/manifest.ts";

/** Proves the shipped keys: complete, in pairs, and the ones that signed the checkpoint. */
export function proveKeys(
  object: string,
  manifest: Manifest,
  keys: readonly KeyText[],
  trusted: readonly Signer[] | undefined,
): void {
  const names = new Set(keys.map(({ name }) => name));
  for (const { name } of KEY_FILES) {
    if (!names.has(name) && !isOptionalKey(name)) throw damaged(object, `holds no ${name}`);
  }
  for (const pair of ["signing", "access"]) {
    if (!isPair(keys, pair)) throw damaged(object, `${pair}.key and ${pair}.pub are no pair`);
  }
  proveCheckpoint(object, manifest, believedSigners(object, keys, trusted));
}

/**
 * The set's signing keys that may be believed, and up to where: the trusted ones, and those that
 * the set's chain of rotations proves to follow from them. The key that would sign from here on is
 * among them.
 */
function believedSigners(
  object: string,
  keys: readonly KeyText[],
  trusted: readonly Signer[] | undefined,
): readonly Signer[] {
  const text = (file: string): string => keys.find(({ name }) => name === file)?.text ?? "";
  const signers = signersIn(object, text("signing.pub"));
  if (trusted === undefined) return signers;
  const chain = parseKeyChain(text("signing.chain"));
  if (chain === undefined) throw damaged(object, "signing.chain can't be read");
  const believed = successorsOf(trusted, chain);
  const current = signers[0];
  if (current !== undefined && believed.some(({ key }) => key.equals(current.key))) {
    return believed.filter(({ key }) => signers.some((one) => one.key.equals(key)));
  }
  throw new ArchiveError("ARCHIVE_UNTRUSTED", "was signed by another key than the trusted one", {
    object,
    hint:
      "Somebody made this set, --trust names another deployment's key, or the key was replaced " +
      "without proof: then give --trust with the signing.pub that is in use now.",
  });
}

function signersIn(object: string, pem: string): readonly Signer[] {
  try {
    return publicKeysIn(pem);
  } catch (cause) {
    throw damaged(object, "signing.pub holds something else than public keys", cause);
  }
}

function proveCheckpoint(object: string, manifest: Manifest, keys: readonly Signer[]): void {
  try {
    const note = openCheckpoint(manifest.checkpoint, keys);
    const same =
      note.deployment === manifest.tenant &&
      note.epoch === manifest.epoch &&
      note.reign === manifest.reign &&
      note.size === manifest.seq &&
      note.time === manifest.recorded_at &&
      hex(note.root) === manifest.tree.root &&
      hex(note.state) === manifest.state;
    if (!same) throw damaged(object, "the signed checkpoint names another state than the manifest");
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    if (cause.code === "CHECKPOINT_OUTDATED_KEY") {
      throw new ArchiveError("ARCHIVE_UNTRUSTED", "was made with a key that had been replaced", {
        object,
        hint: "Its key was stolen, or a copy of the folder went on with it: restore another set.",
        cause,
      });
    }
    throw damaged(object, `the checkpoint isn't signed by signing.pub: ${cause.message}`, cause);
  }
}

/** Proves tree and state at the end. Answers the digest, whose sums the state needs. */
export function proveEnd(
  object: string,
  manifest: Manifest,
  edge: TreeEdge,
  state: LedgerState,
): StateDigest {
  const { seq, tree } = manifest;
  if (edge.size !== seq) throw damaged(object, `${edge.size} records, the manifest says ${seq}`);
  if (hex(edge.root()) !== tree.root) {
    throw damaged(object, `the records up to ${seq} have another root than was signed`);
  }
  if (edge.save().map(hex).join() !== tree.edge.join()) {
    throw damaged(object, "the tree's edge isn't the manifest's");
  }
  const { recordedAt, epoch } = state.head();
  if (recordedAt !== manifest.recorded_at || epoch !== manifest.epoch) {
    throw damaged(object, `the last record is of another time or epoch than was signed`);
  }
  const digest = new StateDigest();
  for (const row of state.walletRows()) digest.add(row);
  for (const row of state.identityRows()) digest.add(row);
  if (hex(digest.digest()) !== manifest.state) {
    throw damaged(object, `balances and identities at ${seq} have another digest than was signed`);
  }
  return digest;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
