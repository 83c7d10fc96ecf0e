/**
 * What can be wrong with `wallet.db` as a file: what its head says of its rows, and its pages.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { CHANGES_SLOTS } from "../../replicas/schema.ts";
import { StateDigest, TREE_HASH_BYTES, TreeEdge } from "../ledger/index.ts";
import { damagedFile, type FileFlaw, numberFrom, structureFlaws } from "./file-check.ts";
import type { IdentityRow, WalletHead, WalletRow } from "./wallet.ts";
import { hasWalletTables } from "./wallet-schema.ts";

const BUCKET_PREFIX_BYTES = 16;
const REF_BYTES = 16;

/** Looks at the whole file. */
export function* walletFlaws(
  driver: Database,
  head: WalletHead,
  wallets: Iterable<WalletRow>,
  identities: Iterable<IdentityRow>,
): Generator<FileFlaw> {
  if (!hasWalletTables(driver)) yield damagedFile("wallet.db has other tables than it should");
  yield* structureFlaws("wallet.db", driver);
  const digest = new StateDigest();
  // Rows as they are: what can't be a row has been found by whoever compared them.
  for (const row of wallets) digest.add(row as Parameters<StateDigest["add"]>[0]);
  for (const row of identities) digest.add(row);
  const buckets = digest.bucketDigests();
  for (const [bucket, sum] of buckets.entries()) {
    const at = bucket * BUCKET_PREFIX_BYTES;
    const kept = head.buckets.subarray(at, at + BUCKET_PREFIX_BYTES);
    if (Buffer.compare(kept, sum.subarray(0, BUCKET_PREFIX_BYTES)) === 0) continue;
    yield damagedFile(`bucket ${bucket} in wallet.db's head is not that of its rows`);
  }
  if (head.buckets.length !== buckets.length * BUCKET_PREFIX_BYTES || !edgeFits(head)) {
    yield damagedFile("wallet.db's head doesn't fit itself");
  }
  yield* changesFlaws(driver, head);
}

function edgeFits({ seq, edge, root }: WalletHead): boolean {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < edge.length; at += TREE_HASH_BYTES) {
    hashes.push(edge.subarray(at, at + TREE_HASH_BYTES));
  }
  try {
    return Buffer.compare(TreeEdge.load(seq, hashes).root(), root) === 0;
  } catch {
    return false;
  }
}

/** Each tick lies in its slot, the newest is the head's, and only whole references are listed. */
function* changesFlaws(driver: Database, { tick }: WalletHead): Generator<FileFlaw> {
  const stray = numberFrom(
    driver,
    `SELECT count(*) FROM changes WHERE slot <> tick % ${CHANGES_SLOTS} OR tick > ${tick}
       OR tick <= ${tick - CHANGES_SLOTS} OR length(refs) % ${REF_BYTES} <> 0`,
  );
  if (stray > 0) yield damagedFile(`wallet.db lists ${stray} ticks that can't be`);
  if (numberFrom(driver, "SELECT max(tick) FROM changes") !== tick) {
    yield damagedFile(`wallet.db doesn't list its newest tick ${tick}`);
  }
}
