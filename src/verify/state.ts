/**
 * What the records have added up to so far, as the verifier derives it for itself.
 *
 * @module
 */
import { ClaimTable } from "./claim-table.ts";

/** A player's row in one currency. */
export interface Row {
  readonly currency: string;
  available: bigint;
  bonus: bigint;
  held: bigint;
  version: number;
  seq: number;
}

/** House rounds on one pair of seeds. */
export interface SeedPair {
  /** Rounds played: the next nonce. */
  rounds: number;
  /** The last round: its record, epoch and hash of the server seed. */
  seq: number;
  epoch: number;
  serverSeedHash: Uint8Array;
  /** The player's own part of the seeds. */
  clientSeed: string;
}

/** A registered player. */
export interface Player {
  readonly ref: string;
  readonly operator: string;
  readonly rows: Row[];
  readonly seeds: Map<number, SeedPair>;
}

/** The pair of seeds that a player begins with. */
const FIRST_SEED_PAIR = 1;

/** What a player's next house round is drawn from, beside the server seed. */
export interface Draw {
  readonly pair: number;
  readonly nonce: number;
  readonly clientSeed: string;
}

/** The next draw, of the newest pair in use. Before the first, a reference is its own seed. */
export function nextDraw({ ref, seeds }: Player): Draw {
  const pair = Math.max(FIRST_SEED_PAIR, ...seeds.keys());
  const used = seeds.get(pair);
  return { pair, nonce: used?.rounds ?? 0, clientSeed: used?.clientSeed ?? ref };
}

/** A bet that is neither settled nor rolled back. */
export interface Bet {
  readonly key: string;
  readonly ref: string;
  readonly round: string;
  readonly minor: bigint;
  readonly currency: string;
}

/** A round that isn't closed. */
export interface Round {
  readonly ref: string;
  readonly openBets: number;
  /** Takes no more bets; closes with its last open one. */
  readonly closing: boolean;
}

/** Everything derived so far. */
export class DerivedState {
  readonly players = new Map<string, Player>();
  readonly bets = new Map<string, Bet>();
  readonly rounds = new Map<string, Round>();
  readonly claims = new ClaimTable();
  /** Accounts of the operators: `operator NUL kind NUL qualifier NUL currency`. */
  readonly house = new Map<string, bigint>();
  /** Rows of all players. */
  rowCount = 0;

  row(ref: string, currency: string): Row | undefined {
    return this.players.get(ref)?.rows.find((row) => row.currency === currency);
  }

  /** The player's row, opened when it is missing. */
  openRow(player: Player, currency: string): Row {
    const known = player.rows.find((row) => row.currency === currency);
    if (known !== undefined) return known;
    const row: Row = { currency, available: 0n, bonus: 0n, held: 0n, version: 0, seq: 0 };
    player.rows.push(row);
    this.rowCount += 1;
    return row;
  }
}

/** Key of a bet or a round: validated names hold no NUL. */
export function sourceKey(operator: string, source: string, name: string): string {
  return `${operator}\0${source}\0${name}`;
}
