/**
 * State as rows of JSON, in one spelling: what is restored is compared with what was shipped by
 * their text. Amounts are decimal strings.
 *
 * @module
 */
import {
  stateText,
  type LedgerObject,
  type OpenBet,
  type OpenRound,
  type Player,
} from "../../ledger/index.ts";
import type { EpochRow } from "../../store/ledger-schema.ts";

/** A player with its wallets. */
export function playerText(player: Player): string {
  return JSON.stringify({
    t: "player",
    ref: player.ref,
    operator_id: player.operatorId,
    status: player.status,
    client_seed: player.clientSeed,
    seed_pair: player.seedPair,
    nonce: player.nonce,
    extras: stateText(player.extras),
    wallets: player.accounts.map((account) => ({
      currency: account.currency,
      available: String(account.available),
      bonus: String(account.bonus),
      held: String(account.held),
      version: account.version,
      seq: account.seq,
    })),
  });
}

/** A bet that is neither settled nor rolled back. */
export function betText(bet: OpenBet): string {
  return JSON.stringify({
    t: "bet",
    key: bet.key,
    ref: bet.ref,
    round: bet.roundKey,
    amount: String(bet.amount),
    currency: bet.currency,
    funding: bet.funding,
    parts: stateText(bet.parts),
  });
}

/** A round that isn't closed. */
export function roundText(round: OpenRound): string {
  const { key, ref, closing, openBets } = round;
  return JSON.stringify({ t: "round", key, ref, closing, open_bets: openBets });
}

/** A withdrawal, a deposit or a rule that isn't over. */
export function objectText(key: string, object: LedgerObject): string {
  return JSON.stringify({ t: "object", key, body: stateText(object) });
}

/** Sum of an operator's account. */
export function houseText(key: string, minor: bigint): string {
  return JSON.stringify({ t: "house", key, minor: String(minor) });
}

/** An epoch as it stood at the snapshot's seq: closed there. */
export function epochText(row: EpochRow, lastSeq: number): string {
  return JSON.stringify({
    t: "epoch",
    epoch: row.epoch,
    reign: row.reign,
    first_seq: row.firstSeq,
    last_seq: lastSeq,
    previous_epoch: row.previousEpoch,
    previous_size: row.previousSize,
    previous_root: Buffer.from(row.previousRoot).toString("hex"),
    opened_at: row.openedAt,
    reason: row.reason,
  });
}

/** A key file. */
export function keyText(name: string, text: string): string {
  return JSON.stringify({ t: "key", name, text });
}
