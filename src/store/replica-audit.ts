/**
 * Audits a replica: its rows against the bucket digests that its own head carries.
 *
 * A libSQL replica verifies nothing it is sent, and a sum of balances can agree while rows don't,
 * so the content itself is hashed. The file is copied into memory in one short read, and hashed at
 * leisure from there: a long read would keep the syncer from switching generations.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { asc } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { head, identities, wallets } from "../../replicas/schema.ts";
import { STATE_BUCKETS, StateDigest, type IdentityRow, type WalletRow } from "../ledger/index.ts";

/** Bytes of each bucket digest that a head keeps. */
const HEAD_DIGEST_BYTES = 16;
/** Rows hashed between two pauses: some milliseconds of work. */
const SLICE_ROWS = 500;
/** Header bytes that say "write-ahead log", which a database in memory can't have. */
const VERSION_BYTES = [18, 19] as const;
const ROLLBACK_JOURNAL = 1;

/** What an audit found. */
export interface ReplicaAudit {
  readonly epoch: number;
  readonly feed: string;
  readonly seq: number;
  readonly rows: number;
  /** Buckets whose rows don't give the digest of the head; none in a good replica. */
  readonly badBuckets: readonly number[];
}

/** Called between slices, to leave the processor to others. */
export type Pause = () => Promise<void>;

/** Audits the file at `path`, which a syncer may be writing. Throws when it can't be read. */
export async function auditReplica(path: string, pause: Pause): Promise<ReplicaAudit> {
  using db = Database.deserialize(copyOf(path), { readonly: true, safeIntegers: true });
  const orm = drizzle({ client: db });
  const stand = orm.select().from(head).get();
  if (stand === undefined) throw new TypeError("the replica has no head");
  const digest = new StateDigest();
  let rows = 0;
  const add = async (row: WalletRow | IdentityRow): Promise<void> => {
    digest.add(row);
    rows += 1;
    if (rows % SLICE_ROWS === 0) await pause();
  };
  const wanted = orm.select().from(wallets).orderBy(asc(wallets.playerRef)).toSQL().sql;
  for (const row of db.prepare(wanted).iterate()) await add(walletOf(row as Columns));
  for (const row of db.prepare(orm.select().from(identities).toSQL().sql).iterate()) {
    await add(identityOf(row as Columns));
  }
  return {
    epoch: stand.epoch,
    feed: stand.feed,
    seq: stand.seq,
    rows,
    badBuckets: differing(digest.bucketDigests(), stand.buckets),
  };
}

type Columns = Readonly<Record<string, unknown>>;

/** One snapshot of the whole file, write-ahead log included. */
function copyOf(path: string): Uint8Array {
  using db = new Database(path, { readonly: true });
  const image = db.serialize();
  for (const at of VERSION_BYTES) image[at] = ROLLBACK_JOURNAL;
  return image;
}

function walletOf(row: Columns): WalletRow {
  return {
    operatorId: row.operator_id as string,
    playerRef: row.player_ref as string,
    currency: row.currency as string,
    status: Number(row.status) as WalletRow["status"],
    available: row.available as bigint,
    bonus: row.bonus as bigint,
    held: row.held as bigint,
    version: Number(row.version),
    seq: Number(row.seq),
  };
}

function identityOf(row: Columns): IdentityRow {
  return {
    operatorId: row.operator_id as string,
    keyId: row.key_id as string,
    hash: row.hash as Uint8Array,
    playerRef: row.player_ref as string,
  };
}

function differing(digests: readonly Uint8Array[], kept: Uint8Array): readonly number[] {
  if (kept.length !== STATE_BUCKETS * HEAD_DIGEST_BYTES) return digests.map((_, bucket) => bucket);
  return digests.flatMap((digest, bucket) => {
    const at = bucket * HEAD_DIGEST_BYTES;
    const same = Buffer.from(kept.subarray(at, at + HEAD_DIGEST_BYTES)).equals(
      digest.subarray(0, HEAD_DIGEST_BYTES),
    );
    return same ? [] : [bucket];
  });
}
