/**
 * What is derived from the book, opened together for its one keeper: `state.db` with the signed
 * checkpoints, `tree.db` with the tiles, and the proofs made of both.
 *
 * @module
 */
import { loadKeys } from "../access/index.ts";
import { systemClock } from "../runtime/index.ts";
import { openLedgerView } from "../store/ledger-db.ts";
import { StateDb } from "../store/state-db.ts";
import { Projection } from "./projection.ts";
import { Prover } from "./prover.ts";
import { TreeKeeper, type TellTree } from "./tree-keeper.ts";

/** Where the files are. The signing key is read when they are opened. */
export interface DerivedPaths {
  readonly ledgerPath: string;
  readonly statePath: string;
  readonly treePath: string;
  readonly keysDir: string;
  readonly deployment: string;
}

/** The open files. Nobody else writes them. */
export interface DerivedFiles extends Disposable {
  readonly projection: Projection;
  readonly state: StateDb;
  readonly keeper: TreeKeeper;
  readonly prover: Prover;
  close(): void;
}

/** Opens what is derived, creating what is missing. */
export function openDerivedFiles(paths: DerivedPaths, tell: TellTree): DerivedFiles {
  using stack = new DisposableStack();
  const ledger = stack.use(openLedgerView(paths.ledgerPath));
  const state = stack.use(StateDb.open(paths.statePath));
  const { privateKey } = loadKeys(paths.keysDir).signing;
  const signer = { deployment: paths.deployment, privateKey };
  const keeper = stack.use(
    new TreeKeeper({ path: paths.treePath, ledger, clock: systemClock, tell }),
  );
  const projection = new Projection(ledger, state, signer, keeper);
  const prover = new Prover({
    ledger,
    keeper,
    signed: () => projection.tree,
    checkpointAt: (size) => state.reader.checkpointAt(size)?.note,
  });
  const owned = stack.move();
  const close = (): void => owned.dispose();
  return { projection, state, keeper, prover, close, [Symbol.dispose]: close };
}
