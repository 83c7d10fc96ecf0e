/**
 * Writes `state.db` from the state that the records add up to.
 *
 * @module
 */
import { identityKey, type LedgerState, type StateDigest } from "../../ledger/index.ts";
import { StateDb } from "../../store/state-db.ts";
import type { Manifest } from "../snapshot/manifest.ts";

/** Creates the file, at the manifest's seq and with its signed checkpoint. */
export function writeState(
  path: string,
  state: LedgerState,
  digest: StateDigest,
  manifest: Manifest,
): void {
  using db = StateDb.open(path);
  const { store } = db;
  db.transact(() => {
    for (const player of state.players()) {
      store.putPlayer({ ...player, accounts: player.accounts.map((account) => ({ ...account })) });
    }
    for (const { operatorId, keyId, hash, playerRef } of state.identityRows()) {
      store.bindIdentity(
        identityKey(operatorId, keyId, Buffer.from(hash).toString("hex")),
        playerRef,
      );
    }
    for (const bet of state.openBets()) store.putBet(bet);
    for (const round of state.openRounds()) store.putRound(round);
    for (const [key, object] of state.objects()) store.putObject(key, object);
    for (const [key, minor] of state.houseAccounts()) store.addToHouse(key, minor);
    for (const [bucket, sum] of digest.snapshot().entries()) store.putSum(bucket, sum);
    db.putHead({
      seq: manifest.seq,
      epoch: manifest.epoch,
      reign: manifest.reign,
      recordedAt: manifest.recorded_at,
      edge: Buffer.from(manifest.tree.edge.join(""), "hex"),
      checkpoint: manifest.checkpoint,
    });
  });
}
