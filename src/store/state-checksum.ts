/**
 * Checksums of rows that the state digest doesn't cover. They catch damage, not intent: whoever
 * can write the file can also write a checksum.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { stateText, type MutablePlayer, type OpenBet, type OpenRound } from "../ledger/index.ts";

/** Checksum of a player's row, whose extras are this text. */
export function playerChecksum(
  player: Omit<MutablePlayer, "accounts">,
  extras = stateText(player.extras),
): number {
  const { ref, operatorId, status, clientSeed, seedPair, nonce } = player;
  return checksum(ref, operatorId, status, clientSeed, seedPair, nonce, extras);
}

/** Checksum of an open bet's row. */
export function betChecksum(bet: OpenBet): number {
  const { key, ref, roundKey, amount, currency, funding, parts } = bet;
  return checksum(key, ref, roundKey, amount, currency, funding, stateText(parts));
}

/** Checksum of an open round's row, whose bets are this text. */
export function roundChecksum(round: OpenRound, openBets = stateText(round.openBets)): number {
  return checksum(round.key, round.ref, round.closing ? 1 : 0, openBets);
}

/** Checksum of an object's row. */
export function objectChecksum(key: string, body: string): number {
  return checksum(key, body);
}

/** Checksum of an operator account's row. */
export function houseChecksum(key: string, minor: bigint): number {
  return checksum(key, minor);
}

/** Lengths keep joined fields apart. */
function checksum(...parts: readonly (string | number | bigint)[]): number {
  let joined = "";
  for (const part of parts) {
    const text = String(part);
    joined += `${text.length}:${text}`;
  }
  return crc32(joined);
}
