import { CODES } from "../ledger/index.ts";
import type { SearchBet, SearchRecord } from "../store/search-schema.ts";
import type { SearchSnapshot } from "./search-view.ts";

/** How a bet stands: a stake that came back without being recognised is returned. */
export type BetState = "open" | "settled" | "returned";
/** How a round stands. */
export type RoundState = "open" | "settled" | "closed";

/** What a round's bets add up to in one currency. */
export interface RoundSum {
  count: number;
  staked: bigint;
  open: bigint;
  won: bigint;
}

/** A round of one source, put together from its records. */
export interface Round {
  readonly source: string;
  /** 0 for nobody. */
  readonly player: number;
  readonly game: string;
  readonly state: RoundState;
  readonly first: SearchRecord;
  readonly last: SearchRecord;
  readonly closed: SearchRecord | undefined;
  /** Each with its records, the placing one first. */
  readonly bets: readonly { readonly bet: SearchBet; readonly records: SearchRecord[] }[];
  /** Records of the round that are about no single bet, refusals among them. */
  readonly others: readonly SearchRecord[];
  /** By the currency's number. */
  readonly sums: ReadonlyMap<number, RoundSum>;
}

/** A house round is one record: it ends with it. */
const HOUSE_ROUND = "house_round";

/** The state of one bet. */
export function betState({ held, turnover, stake }: SearchBet): BetState {
  if (held > 0n) return "open";
  return turnover > 0n || stake === 0n ? "settled" : "returned";
}

/** The rounds among records of one round id, in ascending order; refusals alone make none. */
export function roundsOf(snapshot: SearchSnapshot, records: readonly SearchRecord[]): Round[] {
  const bySource = new Map<number, SearchRecord[]>();
  for (const record of records) {
    const source = sourceOf(record, snapshot);
    const known = bySource.get(source);
    if (known === undefined) bySource.set(source, [record]);
    else known.push(record);
  }
  return [...bySource]
    .map(([source, own]) => roundOf(snapshot, snapshot.names.name(source), own))
    .filter((round) => round !== undefined);
}

/** A round belongs to the source of its bets; a correction may come from another. */
function sourceOf(record: SearchRecord, { reader }: SearchSnapshot): number {
  if (record.roundSource !== 0) return record.roundSource;
  if (record.bet === 0 || record.bet === record.seq) return record.source;
  return reader.ownRecord(record.bet).source;
}

function roundOf(
  snapshot: SearchSnapshot,
  source: string,
  records: readonly SearchRecord[],
): Round | undefined {
  const { names, reader } = snapshot;
  const effective = records.filter(isAccepted);
  const [first] = effective;
  if (first === undefined) return undefined;
  const bets = new Map<number, { bet: SearchBet; records: SearchRecord[] }>();
  const others: SearchRecord[] = [];
  for (const record of records) {
    const known = bets.get(record.bet);
    if (known !== undefined) known.records.push(record);
    else {
      if (record.bet === 0) others.push(record);
      else bets.set(record.bet, { bet: reader.ownBet(record.bet), records: [record] });
    }
  }
  for (const { bet, records: own } of bets.values()) withRoundWide(snapshot, bet, own);
  const closed = effective.find(
    (record) => record.closes === 1 || names.name(record.type) === HOUSE_ROUND,
  );
  const all = [...bets.values()];
  const sums = sumsOf(all.map(({ bet }) => bet));
  return {
    source,
    player: effective.find(({ player }) => player !== 0)?.player ?? 0,
    game: effective.find(({ game }) => game !== null)?.game ?? "",
    state: closed !== undefined ? "closed" : stateOf(all.map(({ bet }) => bet)),
    first,
    last: effective.at(-1) ?? first,
    closed,
    bets: all,
    others,
    sums,
  };
}

/** A record that resolved all open bets of the round is about each of them. */
function withRoundWide({ reader }: SearchSnapshot, bet: SearchBet, own: SearchRecord[]): void {
  if (own.some(({ seq }) => seq === bet.lastSeq)) return;
  own.push(reader.ownRecord(bet.lastSeq));
}

function isAccepted({ code }: SearchRecord): boolean {
  return CODES[code as keyof typeof CODES]?.status === "accepted";
}

function stateOf(bets: readonly SearchBet[]): RoundState {
  const settled = bets.length > 0 && bets.every((bet) => betState(bet) !== "open");
  return settled ? "settled" : "open";
}

function sumsOf(bets: readonly SearchBet[]): Map<number, RoundSum> {
  const sums = new Map<number, RoundSum>();
  for (const { currency, stake, held, won } of bets) {
    const sum = sums.get(currency) ?? { count: 0, staked: 0n, open: 0n, won: 0n };
    if (stake > 0n) sum.count += 1;
    sum.staked += stake;
    sum.open += held;
    sum.won += won;
    sums.set(currency, sum);
  }
  return sums;
}
