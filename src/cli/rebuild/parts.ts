/**
 * The projections that can be rebuilt: where they lie, how they are made, and what of them doesn't
 * follow from the records.
 *
 * @module
 */
import { join } from "node:path";
import {
  type OldCheckpoint,
  primaryPaths,
  rebuildState,
  rebuildTree,
} from "../../primary/index.ts";
import type { RebuildSigner } from "../../primary/index.ts";
import { rebuildWallet } from "../../publisher/index.ts";
import { SEARCH_FILE, SearchIndex } from "../../search/index.ts";
import type { Ignored } from "../../store/compare-files.ts";
import type { FileKind } from "../../store/sqlite.ts";
import { SEARCH_KIND } from "../../store/search-schema.ts";
import { STATE_KIND } from "../../store/state-schema.ts";
import { TREE_KIND } from "../../store/tree-schema.ts";
import { eachRecord, runsOfRecords } from "./records.ts";

/** Names of the parts, as `--only` takes them. */
export const PART_NAMES = ["state", "wallet", "search", "tree"] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What a part is built from. */
export interface BuildOptions {
  readonly ledgerPath: string;
  readonly path: string;
  readonly to: number;
  readonly signer?: RebuildSigner | undefined;
  readonly oldCheckpoints?: readonly OldCheckpoint[] | undefined;
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** One projection. */
export interface Part {
  readonly name: PartName;
  /** Where it lies in a deployment's folder. */
  readonly path: string;
  /** Locks that keep its writers away. */
  readonly locks: readonly { readonly path: string; readonly holder: string }[];
  /** Where its head says at which seq it stands. */
  readonly seqQuery: string;
  readonly ignored: Ignored;
  /** Its kind; none for the file that has its own pragmas. */
  readonly kind?: FileKind;
  /** Builds it, answers the seq it reached. */
  build(options: BuildOptions): number;
}

/** The projections of a folder. */
export function partsOf(dataDir: string): Part[] {
  const paths = primaryPaths(dataDir);
  const primaryLock = { path: paths.lock, holder: "primary" };
  const searchDir = join(dataDir, "search");
  return [
    {
      name: "state",
      path: paths.state,
      locks: [primaryLock],
      seqQuery: "SELECT seq FROM head",
      // A checkpoint is signed anew; those of earlier sizes are evidence, not a projection.
      ignored: { tables: ["checkpoints"], columns: { head: ["checkpoint"] } },
      kind: STATE_KIND,
      build: (options) => rebuildState(options, options.signer, options.oldCheckpoints),
    },
    {
      name: "wallet",
      path: join(dataDir, "publisher", "wallet.db"),
      locks: [],
      seqQuery: "SELECT seq FROM head",
      // Which life of the page log it was, and when: no record says that.
      ignored: { tables: ["changes"], columns: { head: ["feed", "time", "tick"] } },
      build: ({ path, ledgerPath, to, onProgress }) =>
        rebuildWallet({ path, records: eachRecord(ledgerPath, to), onProgress }).seq,
    },
    {
      name: "search",
      path: join(searchDir, SEARCH_FILE),
      locks: [{ path: join(searchDir, "lock.db"), holder: "search process" }],
      seqQuery: "SELECT seq FROM head",
      ignored: { columns: { head: ["proven", "sum"] } },
      kind: SEARCH_KIND,
      build: buildSearch,
    },
    {
      name: "tree",
      path: paths.tree,
      locks: [primaryLock],
      seqQuery: "SELECT size AS seq FROM head",
      ignored: {},
      kind: TREE_KIND,
      build: rebuildTree,
    },
  ];
}

function buildSearch({ path, ledgerPath, to, onProgress }: BuildOptions): number {
  using index = SearchIndex.open(path);
  for (const run of runsOfRecords(ledgerPath, to)) {
    index.apply(run, 0);
    onProgress?.(index.seq);
  }
  return index.seq;
}
