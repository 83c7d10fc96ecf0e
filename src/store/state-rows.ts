/**
 * Rows of `state.db` as the ledger's values, proven against their checksums.
 *
 * @module
 */
import {
  stateValue,
  type LedgerObject,
  type MutableAccount,
  type MutablePlayer,
  type OpenBet,
  type OpenRound,
} from "../ledger/index.ts";
import {
  betChecksum,
  houseChecksum,
  objectChecksum,
  playerChecksum,
  roundChecksum,
} from "./state-checksum.ts";
import { SHARED_TEXTS_MAX } from "./limits.ts";
import type {
  BetColumns,
  HouseColumns,
  ObjectColumns,
  PlayerColumns,
  RoundColumns,
  WalletColumns,
} from "./state-statements.ts";

/** What `state.db` holds contradicts itself or the book. It is rebuilt from the records. */
export class StateFault extends Error {
  override readonly name = "StateFault";
  readonly code = "STATE_FAULT";
}

/** A count from a connection with safe integers. */
export function countOf(value: bigint | number): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count)) throw new StateFault(`${value} is not a safe integer`);
  return count;
}

/** Texts that nearly every row repeats: one of each instead of one per row. */
const shared = new Map<string, string>();

/** The same text, one for all rows; a text too many stays its own. */
function one(text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size < SHARED_TEXTS_MAX) shared.set(text, text);
  return text;
}

export function playerOf(row: PlayerColumns, accounts: MutableAccount[]): MutablePlayer {
  const { ref } = row;
  const player: MutablePlayer = {
    ref,
    operatorId: one(row.operator_id),
    status: countOf(row.status) as MutablePlayer["status"],
    // Until the player chooses another, it is the reference; one text holds both then.
    clientSeed: row.client_seed === ref ? ref : row.client_seed,
    seedPair: countOf(row.seed_pair),
    nonce: countOf(row.nonce),
    accounts,
    extras: valueOf(row.extras, "player"),
  };
  prove(playerChecksum(player), row.checksum, "player");
  return player;
}

export function accountOf(row: WalletColumns): MutableAccount {
  return {
    currency: one(row.currency),
    available: row.available,
    bonus: row.bonus,
    held: row.held,
    version: countOf(row.version),
    seq: countOf(row.seq),
  };
}

export function betOf(row: BetColumns): OpenBet {
  const bet: OpenBet = {
    key: row.key,
    ref: row.player_ref,
    roundKey: row.round_key,
    amount: row.amount,
    currency: row.currency,
    funding: countOf(row.funding) as OpenBet["funding"],
    parts: valueOf(row.parts, "bet"),
  };
  prove(betChecksum(bet), row.checksum, "bet");
  return bet;
}

export function roundOf(row: RoundColumns): OpenRound {
  const round: OpenRound = {
    key: row.key,
    ref: row.player_ref,
    closing: row.closing !== 0n,
    openBets: valueOf(row.open_bets, "round") ?? [],
  };
  prove(roundChecksum(round), row.checksum, "round");
  return round;
}

export function objectOf(row: ObjectColumns): LedgerObject {
  prove(objectChecksum(row.key, row.body), row.checksum, "object");
  const object = valueOf<LedgerObject>(row.body, "object");
  if (object === undefined) throw new StateFault("the row of an object is empty");
  return object;
}

export function houseOf(row: HouseColumns): bigint {
  if (!/^-?\d{1,60}$/.test(row.minor)) throw new StateFault("a house account holds no number");
  const minor = BigInt(row.minor);
  prove(houseChecksum(row.key, minor), row.checksum, "house account");
  return minor;
}

function valueOf<Value>(text: string, what: string): Value | undefined {
  try {
    return stateValue<Value>(text);
  } catch {
    throw new StateFault(`the row of a ${what} is damaged`);
  }
}

function prove(computed: number, stored: bigint, what: string): void {
  if (BigInt(computed) !== stored) throw new StateFault(`the row of a ${what} is damaged`);
}
