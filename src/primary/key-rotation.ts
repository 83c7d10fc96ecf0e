/**
 * Another key signs the checkpoints: begun by an operator on a stopped folder, finished by whoever
 * comes next should it be interrupted.
 *
 * 1. the new private key is made, beside the old one;
 * 2. a `key_rotated` record names it in the book;
 * 3. a checkpoint over that record is signed by both keys;
 * 4. `signing.chain` keeps record, proof and checkpoint: it is what those are convinced by who
 *    know the old key only;
 * 5. `signing.pub` names the new key first, and up to where the old one is believed; the new
 *    private key takes the old one's place, which is destroyed.
 *
 * Each step finds out whether it was done before.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { loadKeys, SigningFiles } from "../access/index.ts";
import { keyHash } from "../ledger/index.ts";
import { EXIT, OperatorError, type Logger } from "../ops/index.ts";
import { uuidv7, type Clock } from "../runtime/index.ts";
import {
  checkpointKeyId,
  cosignCheckpoint,
  decodeEvent,
  encodeEvent,
  keyLinkToJson,
  openCheckpoint,
  parseKeyChain,
  rawPublicKey,
  successor,
  type KeyLink,
} from "../wire/index.ts";
import { openBook, type Book } from "./book.ts";
import { openDerivedFiles, type DerivedFiles } from "./derived-files.ts";
import { FenceFile } from "./fence-file.ts";
import { Fence } from "./fence.ts";
import { CATCH_UP_RECORDS_MAX, TREE_ATTEMPTS_MAX } from "./limits.ts";
import { damaged } from "./projection.ts";

/** What it takes to rotate the key. */
export interface RotationOptions {
  readonly dataDir: string;
  readonly keysDir: string;
  readonly deployment: string;
  /** One sentence for the record. */
  readonly reason: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a rotation did, as `--json` prints it. */
export interface Rotation {
  /** "already_rotated": the last record of the book is the rotation to the present key. */
  readonly status: "rotated" | "already_rotated";
  readonly key_id: string;
  readonly previous_key_id: string;
  /** The `key_rotated` record. */
  readonly seq: number;
  /** Size of the tree that both keys have signed. */
  readonly tree_size: number;
}

/** Finishes a rotation that was begun; undefined when there is none. */
export async function finishRotation(options: RotationOptions): Promise<Rotation | undefined> {
  return new SigningFiles(options.keysDir).pending ? rotateKey(options) : undefined;
}

/**
 * Rotates the key of a stopped folder.
 *
 * @throws OperatorError DATA_LOCKED, LEDGER_SEALED, KEY_…, and what opening a book throws
 */
export async function rotateKey(options: RotationOptions): Promise<Rotation> {
  const { keysDir, deployment, clock, log } = options;
  const keys = loadKeys(keysDir);
  const book = await openBook({ ...options, keys, clock, log, clockTrusted: () => true });
  try {
    const files = new SigningFiles(keysDir);
    files.sweep();
    refuseFenced(book, options);
    const done = files.pending ? undefined : rotatedLast(book, files, keys.signing.publicKey);
    if (done !== undefined) return { status: "already_rotated", ...done };
    const old = keys.signing.publicKey;
    const next = await files.next();
    const seq = await record(book, old, next.publicKey, options);
    const { link, size } = prove(book, seq, next.privateKey, next.publicKey, options);
    if (successor(old, link)?.equals(next.publicKey) !== true) {
      throw new OperatorError("KEY_ROTATION_UNPROVEN", "the rotation doesn't prove itself", {
        hint: "Nothing was destroyed: run `countroom verify book --data DIR`, then try again.",
        exitCode: EXIT.integrity,
      });
    }
    keepLink(files, link, size);
    const { epoch } = openCheckpoint(link.checkpoint, next.publicKey);
    files.install(next.publicKey, { epoch, size });
    return { status: "rotated", ...idsOf(deployment, old, next.publicKey), seq, tree_size: size };
  } finally {
    await book.close();
  }
}

/**
 * What fenced the folder off may be signed by the key that is about to lose its say: the folder
 * would take up writing again.
 */
function refuseFenced(book: Book, options: RotationOptions): void {
  const { epoch, reign } = book.epoch;
  const fence = new Fence({
    deployment: options.deployment,
    epoch,
    reign,
    publicKeys: loadKeys(options.keysDir).ownSigners(),
    headSeq: () => book.log.head().size,
    file: new FenceFile(book.paths.fence),
    log: options.log,
    onFenced: (cause) => {
      throw new OperatorError("EPOCH_FENCED", `this folder is fenced off: ${cause.message}`, {
        hint:
          "Keep it stopped. If the key was stolen and its thief made the note in primary/fence, " +
          "move that file away, then run it again.",
        exitCode: EXIT.integrity,
      });
    },
  });
  fence.recall();
}

function idsOf(deployment: string, old: KeyObject, next: KeyObject) {
  return {
    key_id: checkpointKeyId(deployment, next),
    previous_key_id: checkpointKeyId(deployment, old),
  };
}

/** The rotation that the book ends with, when the present key came out of it. */
function rotatedLast(
  book: Book,
  files: SigningFiles,
  current: KeyObject,
): Omit<Rotation, "status"> | undefined {
  const link = parseKeyChain(files.chain)?.at(-1);
  if (link === undefined || link.seq !== book.log.head().size) return undefined;
  const decoded = decodeEvent(link.event);
  if (!decoded.ok || decoded.command.payload.type !== "key_rotated") return undefined;
  const { keyId, previousKeyId, publicKey } = decoded.command.payload;
  if (!rawPublicKey(current).equals(publicKey)) return undefined;
  const tree_size = openCheckpoint(link.checkpoint, current).size;
  return { key_id: keyId, previous_key_id: previousKeyId, seq: link.seq, tree_size };
}

/** Seq of the record that names the new key; appended unless an earlier attempt did. */
async function record(
  book: Book,
  old: KeyObject,
  next: KeyObject,
  { deployment, reason, clock }: RotationOptions,
): Promise<number> {
  const { key_id, previous_key_id } = idsOf(deployment, old, next);
  const publicKey = rawPublicKey(next);
  const event = encodeEvent({
    eventId: uuidv7(clock),
    occurredAt: BigInt(clock.nowUs()),
    source: "system",
    idempotencyKey: `key:${key_id}:${publicKey.toString("hex")}`,
    payload: {
      case: "keyRotated",
      value: { previousKeyId: previous_key_id, publicKey, keyId: key_id, reason },
    },
  });
  const decoded = decodeEvent(event);
  if (!decoded.ok) throw new Error(`the primary's own event is refused: ${decoded.message}`);
  const before = book.log.claimed(keyHash(decoded.command));
  if (before !== undefined) return before;
  const { decider, log } = book;
  decider.begin();
  decider.addOwn(event);
  const group = decider.group();
  if (group === undefined) throw new Error("a rotation is a record");
  await log.append(group);
  decider.commit();
  return group.firstSeq;
}

/** The record under a checkpoint that both keys have signed. */
function prove(
  book: Book,
  seq: number,
  next: KeyObject,
  nextPublic: KeyObject,
  options: RotationOptions,
): { readonly link: KeyLink; readonly size: number } {
  const { ledger, state, tree } = book.paths;
  const { keysDir, deployment, log } = options;
  const paths = { ledgerPath: ledger, statePath: state, treePath: tree, keysDir, deployment };
  using derived = openDerivedFiles(paths, (level, message, fields) => log[level](message, fields));
  while (derived.projection.step(CATCH_UP_RECORDS_MAX)?.more === true);
  const path = pathOf(derived, seq);
  const checkpoint = cosigned(derived, next, nextPublic);
  const stored = book.log.record(seq);
  if (stored === undefined) throw damaged(`record ${seq} is missing`);
  const { event, outcome } = stored;
  return { link: { seq, event, outcome, path, checkpoint }, size: derived.projection.tree.size };
}

/** Tiles in doubt are made anew once. */
function pathOf({ projection, keeper, prover }: DerivedFiles, seq: number): readonly Uint8Array[] {
  for (let attempt = 0; attempt < TREE_ATTEMPTS_MAX; attempt += 1) {
    while (keeper.catchUp(projection.tree.size));
    const answer = prover.answer({ kind: "inclusion", seqs: [seq] });
    if (answer.kind === "inclusion") return answer.records[0]!.path;
  }
  throw new OperatorError("TREE_UNREADY", "tree.db can't be rebuilt, so nothing can be proven", {
    hint: "Check the space on the volume of the data folder, then run it again.",
  });
}

/** The newest checkpoint with both signatures; `state.db` shows it from here on. */
function cosigned({ state }: DerivedFiles, next: KeyObject, nextPublic: KeyObject): string {
  const head = state.reader.head();
  if (head === undefined) throw new Error("a book with records has a checkpoint");
  if (isSignedBy(head.checkpoint, nextPublic)) return head.checkpoint;
  const checkpoint = cosignCheckpoint(head.checkpoint, next);
  state.transact(() => state.putHead({ ...head, checkpoint }));
  return checkpoint;
}

function isSignedBy(note: string, key: KeyObject): boolean {
  try {
    openCheckpoint(note, key);
    return true;
  } catch {
    return false;
  }
}

function keepLink(files: SigningFiles, link: KeyLink, size: number): void {
  const chain = parseKeyChain(files.chain);
  if (chain === undefined) {
    throw new OperatorError("KEY_CHAIN_DAMAGED", "signing.chain can't be read", {
      hint: "Put it back from a backup, or move it away: older rotations then prove nothing.",
    });
  }
  if (chain.some(({ seq }) => seq === link.seq)) return;
  files.writeChain(`${files.chain}${JSON.stringify(keyLinkToJson(link, size))}\n`);
}
