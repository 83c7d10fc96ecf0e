/**
 * Which bet a record places or resolves, and what becomes of it.
 *
 * Only ids and postings are looked at, so that new kinds of resolutions need nothing here: escrow
 * that comes back unrecognised is a stake returned, recognised it is a bet settled.
 *
 * @module
 */
import type { SearchDb } from "../store/search-db.ts";
import { LookupKind, lookupHash, packId, sameId, unpackId } from "../store/search-keys.ts";
import type { SearchBet, SearchOpenBet } from "../store/search-schema.ts";
import type { TailRecord } from "../wire/index.ts";
import { betMoves, type BetMoves } from "./accounts.ts";
import { RecentMap } from "./recent-map.ts";
import { BETS_KEPT } from "./limits.ts";
import { NameKind, type Names } from "./names.ts";

/** A bet, named by the record that brought it. */
export interface BetRef {
  readonly seq: number;
  readonly source: number;
  readonly roundId: string;
}

type Bet = { -readonly [Field in keyof SearchBet]: SearchBet[Field] };

/** What payloads may say of a bet or a round that isn't their own. */
interface References {
  readonly betTxnId?: unknown;
  readonly winTxnId?: unknown;
  readonly betSource?: unknown;
  readonly roundSource?: unknown;
}

/** Follows bets from their placing to their end. */
export class Bets {
  readonly #db: SearchDb;
  readonly #names: Names;
  /** By operator, source and txn: of the bet itself and of what resolved it. */
  readonly #recent = new RecentMap<string, BetRef>(BETS_KEPT);
  readonly #changed = new Map<number, Bet>();
  /** Of those that changed, the rows that are stored. */
  readonly #former = new Map<number, SearchBet>();
  readonly #opened = new Map<number, SearchOpenBet>();

  constructor(db: SearchDb, names: Names) {
    this.#db = db;
    this.#names = names;
  }

  /** Takes a record; answers the bet that it is about. */
  take(record: TailRecord, operator: number, source: number): BetRef | undefined {
    const moves = betMoves(record.outcome.postings);
    if (moves === undefined) return undefined;
    const { txnId, roundId } = record.command;
    const references = referencesOf(record);
    const named = this.#named(references, operator, source);
    const { seq } = record.outcome;
    if (named !== undefined) {
      this.#move(named, moves, operator, seq);
    } else if (moves.escrow < 0n && betTxnOf(references) === "") {
      this.#moveRound(roundId, moves, operator, roundSource(record, this.#names) || source, seq);
      return undefined;
    }
    const bet = named ?? this.#place({ seq, source, roundId }, moves, operator);
    if (txnId !== "") this.#recent.set(`${operator} ${source} ${txnId}`, bet);
    return bet;
  }

  /** Writes what was taken. */
  flush(): void {
    for (const bet of this.#changed.values()) this.#db.putBet(bet, this.#former.get(bet.seq));
    this.#changed.clear();
    this.#former.clear();
    this.#flushOpened();
  }

  #named(references: References, operator: number, source: number): BetRef | undefined {
    const txn = betTxnOf(references);
    if (txn === "") return undefined;
    const other = textOf(references.betSource);
    const owner = other === "" ? source : this.#names.find(NameKind.source, other);
    return this.#recent.get(`${operator} ${owner} ${txn}`) ?? this.#stored(operator, owner, txn);
  }

  /** The bet of the newest record under this txn that is about one. */
  #stored(operator: number, source: number, txn: string): BetRef | undefined {
    const { reader } = this.#db;
    const hash = lookupHash(LookupKind.txn, operator, txn);
    const id = packId(txn);
    for (const seq of reader.seqs(hash, 1, reader.head()?.seq ?? 0, "desc")) {
      const found = reader.record(seq);
      if (found === undefined || found.bet === 0 || !sameId(found.txn, id)) continue;
      if (found.operator !== operator || found.source !== source) continue;
      const bet = found.bet === seq ? found : reader.record(found.bet);
      if (bet !== undefined) {
        return { seq: bet.seq, source: bet.source, roundId: unpackId(bet.round) };
      }
    }
    return undefined;
  }

  #place(ref: BetRef, moves: BetMoves, operator: number): BetRef {
    const { seq } = ref;
    const { escrow, turnover, won } = moves;
    const currency = this.#names.put(NameKind.currency, moves.currency);
    const stake = escrow > 0n ? escrow : turnover > 0n ? turnover : 0n;
    this.#changed.set(seq, { seq, currency, stake, held: escrow, turnover, won, lastSeq: seq });
    if (escrow > 0n) this.#opened.set(seq, openBet(ref, operator));
    return ref;
  }

  #move(ref: BetRef, { escrow, turnover, won }: BetMoves, operator: number, seq: number): void {
    const bet = this.#bet(ref.seq);
    if (bet === undefined) return;
    const wasOpen = bet.held > 0n;
    bet.held += escrow;
    bet.turnover += turnover;
    bet.won += won;
    bet.lastSeq = seq;
    if (wasOpen && bet.held <= 0n) this.#close(openBet(ref, operator));
    else if (!wasOpen && bet.held > 0n) this.#opened.set(bet.seq, openBet(ref, operator));
  }

  /** One record resolves every open bet of a round, all in the same way. */
  #moveRound(
    roundId: string,
    moves: BetMoves,
    operator: number,
    source: number,
    seq: number,
  ): void {
    this.#flushOpened();
    const round = packId(roundId) ?? "";
    for (const open of this.#db.reader.openBets(operator, source, round)) {
      const bet = this.#bet(open);
      if (bet === undefined) continue;
      if (moves.turnover > 0n) bet.turnover += bet.held;
      bet.held = 0n;
      bet.lastSeq = seq;
      this.#close({ operator, source, round, seq: open });
    }
  }

  #bet(seq: number): Bet | undefined {
    const changed = this.#changed.get(seq);
    if (changed !== undefined) return changed;
    const stored = this.#db.reader.bet(seq);
    if (stored === undefined) return undefined;
    const bet = { ...stored };
    this.#changed.set(seq, bet);
    this.#former.set(seq, stored);
    return bet;
  }

  #close(open: SearchOpenBet): void {
    if (!this.#opened.delete(open.seq)) this.#db.dropOpenBet(open);
  }

  #flushOpened(): void {
    for (const open of this.#opened.values()) this.#db.addOpenBet(open);
    this.#opened.clear();
  }
}

/** The number of the round's source where the payload names another than its own; otherwise 0. */
export function roundSource(record: TailRecord, names: Names): number {
  return names.find(NameKind.source, textOf(referencesOf(record).roundSource));
}

function referencesOf(record: TailRecord): References {
  return (record.event.payload.value ?? {}) as References;
}

function betTxnOf({ betTxnId, winTxnId }: References): string {
  return textOf(betTxnId) || textOf(winTxnId);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function openBet({ seq, source, roundId }: BetRef, operator: number): SearchOpenBet {
  return { operator, source, round: packId(roundId) ?? "", seq };
}
