/**
 * The digest of the rows in `state.db`, which a start compares with what was signed.
 *
 * It costs more than reading the rows, so with many players threads compute it meanwhile, each over
 * a share of the players and through a connection of its own.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { StateDigest } from "../ledger/index.ts";
import { openStateView } from "../store/state-db.ts";
import type { StateReader } from "../store/state-reader.ts";
import { PROOF_THREAD_PLAYERS, PROOF_THREADS } from "./limits.ts";

/** A share of the rows: those of players after one reference and up to another. */
export interface ProofShare {
  readonly path: string;
  readonly after: string;
  readonly upTo: string;
}

/** Above every reference, which is a UUID. */
const END = "g";

/** Digest of all rows. Nobody may write the file meanwhile. */
export async function digestOfRows(
  path: string,
  reader: StateReader,
  players: number,
): Promise<Uint8Array> {
  const digest = new StateDigest();
  if (players < PROOF_THREAD_PLAYERS) {
    for (const row of reader.digestRows("", END)) digest.add(row);
    return digest.digest();
  }
  const borders = ["", ...reader.shares(players, PROOF_THREADS), END];
  const shares = borders.slice(1).map((upTo, index) => ({ path, after: borders[index]!, upTo }));
  for (const sums of await Promise.all(shares.map(inThread))) digest.merge(sums);
  return digest.digest();
}

/** Sums of the digest over a share. */
export function sumsOfShare({ path, after, upTo }: ProofShare): Uint8Array[] {
  using view = openStateView(path);
  const digest = new StateDigest();
  for (const row of view.reader.digestRows(after, upTo)) digest.add(row);
  return digest.snapshot();
}

function inThread(share: ProofShare): Promise<Uint8Array[]> {
  const worker = new Worker(new URL("./state-proof-worker.ts", import.meta.url), {
    workerData: share,
  });
  return new Promise((resolve, reject) => {
    worker.once("message", (sums: Uint8Array[]) => {
      resolve(sums);
      void worker.terminate();
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("a thread that proves state.db has ended")));
  });
}
