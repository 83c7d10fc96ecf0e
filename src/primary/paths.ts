import { join } from "node:path";

/** Files of a primary in a deployment's folder. */
export interface PrimaryPaths {
  readonly dir: string;
  readonly lock: string;
  readonly ledger: string;
  readonly state: string;
  /** Tiles of the tree, for proofs. */
  readonly tree: string;
  /** The checkpoint that fenced this folder off, if one did. */
  readonly fence: string;
}

/** Where a primary keeps its files. */
export function primaryPaths(dataDir: string): PrimaryPaths {
  const dir = join(dataDir, "primary");
  return {
    dir,
    lock: join(dir, "lock.db"),
    ledger: join(dir, "ledger.db"),
    state: join(dir, "state.db"),
    tree: join(dir, "tree.db"),
    fence: join(dir, "fence"),
  };
}
