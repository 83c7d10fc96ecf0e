/**
 * Where a publisher starts from: its own file when that can be proven, otherwise the primary's
 * state.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { StateDigest } from "../ledger/index.ts";
import type { StateHead, StateResponse } from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import {
  type Checkpoint,
  type CheckpointFile,
  type LedgerClient,
  openState,
  safeNumber,
  splitEdge,
  TailBook,
} from "../wire/index.ts";
import { WalletDb, type WalletHead } from "../store/wallet.ts";
import { PublisherError } from "./errors.ts";
import type { Standing } from "./follower.ts";
import { CATCH_UP_RECORDS_MAX, STATE_BEHIND_TRIES, STATE_BEHIND_WAIT_MS } from "./limits.ts";
import { bucketPrefixes } from "./projection.ts";
import { digestOf, digestRow, identityFrom, walletFrom } from "./rows.ts";

/** What is needed to find a standing. */
export interface StandingOptions {
  readonly path: string;
  readonly client: LedgerClient;
  readonly checkpoints: CheckpointFile;
  readonly stop: AbortSignal;
}

/**
 * The standing of the file at `path`, as far as the file alone can tell, with a checkpoint of the
 * same or a later size as its proof. Undefined when there is no file, or any doubt about it.
 */
export async function standOnFile(options: StandingOptions): Promise<Standing | undefined> {
  const db = WalletDb.open(options.path);
  if (db === undefined) return undefined;
  let proven: Standing | undefined;
  try {
    const standing = standingOf(db);
    const proof = standing && (await proofFor(standing.book.seq, options));
    if (standing !== undefined && proof !== undefined) proven = { ...standing, proof };
  } finally {
    if (proven === undefined) db.close();
  }
  return proven;
}

/** The standing that an open file describes; undefined when its parts don't fit each other. */
export function standingOf(db: WalletDb): Standing | undefined {
  const head = db.head();
  if (head === undefined) return undefined;
  try {
    const book = new TailBook({ ...head, recordedAt: 0 }, splitEdge(head.edge));
    const digest = digestOf(db);
    const fits =
      Buffer.compare(book.root(), head.root) === 0 &&
      Buffer.compare(bucketPrefixes(digest), head.buckets) === 0;
    return fits ? { db, book, digest, head } : undefined;
  } catch {
    return undefined;
  }
}

/** A new file with the primary's state, proven by the checkpoint that comes with it. */
export async function rebuild(options: StandingOptions): Promise<Standing> {
  const db = WalletDb.create(options.path);
  try {
    return await load(db, options);
  } catch (error) {
    db.close();
    throw error;
  }
}

async function load(db: WalletDb, options: StandingOptions): Promise<Standing> {
  const { client, checkpoints, stop } = options;
  const digest = new StateDigest();
  let at: Described | undefined;
  let rows = 0;
  let done = false;
  for await (const message of openState(client, checkpoints.note, stop)) {
    if (message.head !== undefined) at = describe(message.head, checkpoints);
    rows += takeRows(message, db, digest);
    if ((done = message.done)) break;
  }
  if (at === undefined || !done || rows !== at.rows) {
    throw new PublisherError("STATE_WRONG", `the state ended early, after ${rows} rows`);
  }
  const { checkpoint, edge } = at;
  const { epoch, size: seq, time } = checkpoint;
  const book = new TailBook({ epoch, seq, recordedAt: time }, edge);
  const rootFits = Buffer.compare(book.root(), checkpoint.root) === 0;
  if (!rootFits || Buffer.compare(digest.digest(), checkpoint.state) !== 0) {
    const what = rootFits ? "rows" : "tree";
    throw new PublisherError(
      "STATE_WRONG",
      `the state's ${what} at ${seq} don't fit its checkpoint`,
    );
  }
  return { db, book, digest, head: headOf(book, digest, time) };
}

/** Writes the rows of one message; answers how many they are. */
function takeRows(message: StateResponse, db: WalletDb, digest: StateDigest): number {
  try {
    const wallets = message.wallets.map(walletFrom);
    const identities = message.identities.map(identityFrom);
    for (const row of wallets) digest.add(digestRow(row));
    for (const row of identities) digest.add(row);
    db.load({ wallets, identities });
    return wallets.length + identities.length;
  } catch (error) {
    throw new PublisherError("STATE_WRONG", "the state has rows that can't be", error);
  }
}

function headOf(book: TailBook, digest: StateDigest, time: number): WalletHead {
  const { epoch, seq } = book;
  const [root, edge, buckets] = [book.root(), book.edge(), bucketPrefixes(digest)];
  return { epoch, feed: "", seq, time, tick: 0, root, edge, buckets };
}

interface Described {
  readonly checkpoint: Checkpoint;
  readonly edge: readonly Uint8Array[];
  readonly rows: number;
}

function describe(head: StateHead, checkpoints: CheckpointFile): Described {
  const checkpoint = checkpoints.see(head.checkpoint);
  const { epoch, size } = checkpoint;
  checkpoints.admitEpoch(epoch);
  if (BigInt(size) !== head.seq || BigInt(epoch) !== head.epoch) {
    throw new PublisherError(
      "STATE_WRONG",
      `a state at ${head.seq} with the checkpoint of ${size}`,
    );
  }
  const rows = safeNumber(head.walletRows + head.identityRows);
  return { checkpoint, edge: head.treeEdge, rows };
}

/** The primary's state trails its log by about a second, so a moment later it may reach `seq`. */
async function proofFor(seq: number, options: StandingOptions): Promise<Checkpoint | undefined> {
  const { client, checkpoints, stop } = options;
  for (let tries = 0; tries < STATE_BEHIND_TRIES; tries += 1) {
    if (tries > 0) await sleep(STATE_BEHIND_WAIT_MS, undefined, { signal: stop });
    for await (const { head } of openState(client, checkpoints.note, stop)) {
      if (head === undefined) break;
      const { checkpoint } = describe(head, checkpoints);
      if (checkpoint.size - seq > CATCH_UP_RECORDS_MAX) return undefined;
      if (checkpoint.size >= seq) return checkpoint;
      break;
    }
  }
  return undefined;
}
