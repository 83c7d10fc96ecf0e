/**
 * Audits a replica: its rows against the bucket digests that its own head carries.
 *
 * A libSQL replica verifies nothing it is sent, and a sum of balances can agree while rows don't,
 * so the content itself is hashed. The file is copied into memory in one short read, and hashed at
 * leisure from there: a long read would keep the syncer from switching generations.
 *
 * @module
 */
import { STATE_BUCKETS, StateDigest, type IdentityRow, type WalletRow } from "../ledger/index.ts";
import { runtimeName } from "../runtime/index.ts";

/** Bytes of each bucket digest that a head keeps. */
const HEAD_DIGEST_BYTES = 16;
/** Rows hashed between two pauses: some milliseconds of work. */
const SLICE_ROWS = 500;

/** What an audit found. */
export interface ReplicaAudit {
  readonly epoch: number;
  readonly feed: string;
  readonly seq: number;
  readonly rows: number;
  /** Buckets whose rows don't give the digest of the head; none in a good replica. */
  readonly badBuckets: readonly number[];
}

/** One snapshot of a replica, rows by column name, integers as bigint. */
export interface ReplicaCopy {
  readonly head: Columns;
  readonly wallets: Iterable<Columns>;
  readonly identities: Iterable<Columns>;
  close(): void;
}

/** A row by column name. */
export type Columns = Readonly<Record<string, unknown>>;

/** Called between slices, to leave the processor to others. */
export type Pause = () => Promise<void>;

/** Audits the file at `path`, which a syncer may be writing. Throws when it can't be read. */
export async function auditReplica(path: string, pause: Pause): Promise<ReplicaAudit> {
  const driver =
    runtimeName === "bun"
      ? await import("./replica-copy-bun.ts")
      : await import("./replica-copy-libsql.ts");
  return auditCopy(driver.copyReplica(path), pause);
}

/** Audits a snapshot, and closes it. */
export async function auditCopy(copy: ReplicaCopy, pause: Pause): Promise<ReplicaAudit> {
  const digest = new StateDigest();
  let rows = 0;
  const add = async (row: WalletRow | IdentityRow): Promise<void> => {
    digest.add(row);
    rows += 1;
    if (rows % SLICE_ROWS === 0) await pause();
  };
  try {
    for (const row of copy.wallets) await add(walletOf(row));
    for (const row of copy.identities) await add(identityOf(row));
    const { epoch, feed, seq, buckets } = copy.head;
    return {
      epoch: Number(epoch),
      feed: feed as string,
      seq: Number(seq),
      rows,
      badBuckets: differing(digest.bucketDigests(), buckets as Uint8Array),
    };
  } finally {
    copy.close();
  }
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
