/**
 * Builds `state.db` and `tree.db` anew from the records alone, beside the files in use.
 *
 * @module
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { leafHash, TreeEdge } from "../ledger/index.ts";
import { openLedgerView } from "../store/ledger-db.ts";
import { StateDb } from "../store/state-db.ts";
import { TreeDb } from "../store/tree-db.ts";
import { CATCH_UP_RECORDS_MAX, TREE_CHUNK_RECORDS } from "./limits.ts";
import { damaged, Projection, sameBytes } from "./projection.ts";

/** What is built, and how far. */
export interface RebuildOptions {
  readonly ledgerPath: string;
  /** Where the new file goes; nothing may lie there. */
  readonly path: string;
  /** Last record, which a commit ends at. */
  readonly to: number;
  /** Called now and then with the records that are in. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** Who signs the checkpoints in a rebuilt `state.db`. */
export interface RebuildSigner {
  readonly deployment: string;
  readonly privateKey: KeyObject;
}

/** Signed checkpoints of an older file are taken over when they are of this book. */
export interface OldCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

/**
 * Builds `state.db`. Without a signer its checkpoints are signed by nobody one knows, which is
 * enough to compare it. Answers the seq it reached: less than asked for when no commit ends there.
 *
 * @throws OperatorError LEDGER_DAMAGED
 */
export function rebuildState(
  options: RebuildOptions,
  signer?: RebuildSigner,
  old: readonly OldCheckpoint[] = [],
): number {
  const { ledgerPath, path, to, onProgress } = options;
  using ledger = openLedgerView(ledgerPath);
  using state = StateDb.open(path);
  const { privateKey } = signer ?? generateKeyPairSync("ed25519");
  const deployment = signer?.deployment ?? "rebuilt";
  const projection = new Projection(ledger, state, { deployment, privateKey });
  for (;;) {
    const { size } = projection.tree;
    if (size >= to) break;
    const chunk = Math.min(CATCH_UP_RECORDS_MAX, to - size);
    const last = ledger.reader.commitUpTo(size + chunk)?.lastSeq ?? 0;
    if (last <= size) break;
    projection.step(chunk);
    onProgress?.(projection.tree.size);
  }
  const own = old.filter(({ size, root }) => {
    const commit = ledger.reader.commitUpTo(size);
    return size < projection.tree.size && commit?.lastSeq === size && sameBytes(commit.root, root);
  });
  state.keepCheckpoints(own);
  return projection.tree.size;
}

/** Builds `tree.db`. @throws OperatorError LEDGER_DAMAGED */
export function rebuildTree({ ledgerPath, path, to, onProgress }: RebuildOptions): number {
  using ledger = openLedgerView(ledgerPath);
  using tiles = TreeDb.open(path);
  const edge = new TreeEdge();
  while (edge.size < to) {
    const limit = Math.min(TREE_CHUNK_RECORDS, to - edge.size);
    const records = ledger.reader.read(edge.size + 1, limit);
    if (records.length !== limit) throw damaged(`records are missing from ${edge.size + 1} on`);
    tiles.begin();
    for (const { event, outcome } of records) {
      const leaf = leafHash(event, outcome);
      tiles.append(leaf, edge);
      edge.append(leaf);
    }
    tiles.commit();
    onProgress?.(edge.size);
  }
  const commit = ledger.reader.commitUpTo(to);
  if (commit?.lastSeq === to && !sameBytes(commit.root, edge.root())) {
    throw damaged(`the tree's root at record ${to} is not the commit's`);
  }
  return edge.size;
}
