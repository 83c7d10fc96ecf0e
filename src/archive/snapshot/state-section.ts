/**
 * Reads `state.db` row by row, and proves wallets against the signed digest on the way.
 *
 * @module
 */
import { walletRowsOf, type StateDigest } from "../../ledger/index.ts";
import type { StateReader } from "../../store/state-reader.ts";
import { ROWS_PER_READ } from "../limits.ts";
import { betText, houseText, objectText, playerText, roundText } from "./rows.ts";

/** How many rows of each kind were read. */
export interface StateRowCounts {
  players: number;
  wallets: number;
  bets: number;
  rounds: number;
  objects: number;
  house_accounts: number;
}

/** Yields batches of rows as text; adds every wallet to the digest. */
export function* stateRows(
  reader: StateReader,
  digest: StateDigest,
  counts: StateRowCounts,
): Generator<readonly string[]> {
  for (let after = ""; ;) {
    const players = reader.players(after, ROWS_PER_READ);
    const last = players.at(-1);
    if (last === undefined) break;
    after = last.ref;
    counts.players += players.length;
    for (const player of players) {
      counts.wallets += player.accounts.length;
      for (const row of walletRowsOf(player)) digest.add(row);
    }
    yield players.map(playerText);
  }
  yield* batches(reader.bets(), (bet) => {
    counts.bets += 1;
    return betText(bet);
  });
  yield* batches(reader.rounds(), (round) => {
    counts.rounds += 1;
    return roundText(round);
  });
  yield* batches(reader.objects(), ([key, object]) => {
    counts.objects += 1;
    return objectText(key, object);
  });
  yield* batches(reader.houseAccounts(), ([key, minor]) => {
    counts.house_accounts += 1;
    return houseText(key, minor);
  });
}

function* batches<Row>(
  rows: Iterable<Row>,
  text: (row: Row) => string,
): Generator<readonly string[]> {
  let batch: string[] = [];
  for (const row of rows) {
    batch.push(text(row));
    if (batch.length < ROWS_PER_READ) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
