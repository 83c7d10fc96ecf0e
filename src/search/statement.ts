/**
 * One page of a player's statement.
 *
 * @module
 */
import { CODES } from "../ledger/index.ts";
import { LookupKind, unpackId } from "../store/search-keys.ts";
import type { Direction, LinePlace } from "../store/search-reader.ts";
import type { SearchLine, SearchPlayer, SearchRecord } from "../store/search-schema.ts";
import { splitAccount, type Bucket } from "./accounts.ts";
import { foundRecords } from "./found-records.ts";
import { SCAN_ROWS_MAX } from "./limits.ts";
import { NameKind } from "./names.ts";
import type { SearchSnapshot } from "./search-view.ts";

/** Which lines are wanted. */
export interface StatementWish {
  /** Microseconds; from included, to excluded. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly currency?: string | undefined;
  readonly type?: string | undefined;
  readonly limit: number;
  readonly cursor?: LinePlace | undefined;
  readonly order: Direction;
  readonly include?: "refusals" | undefined;
}

/** A posting on one of the player's accounts, or a refusal without one. */
export interface StatementEntry {
  readonly record: SearchRecord;
  readonly line: SearchLine | undefined;
}

/** Balance of one account before the page's oldest line of it, and after its newest. */
export interface PageBalance {
  readonly account: number;
  readonly opening: bigint;
  readonly closing: bigint;
}

/** The page. */
export interface StatementPage {
  readonly entries: readonly StatementEntry[];
  readonly balances: readonly PageBalance[];
  /** Where the next page starts; undefined when there is none. */
  readonly next: LinePlace | undefined;
}

interface Place {
  readonly place: LinePlace;
  readonly line: SearchLine | undefined;
  readonly record: SearchRecord | undefined;
}

/** Collects a page: at most `limit` entries, of at most so many rows looked at. */
export function statementPage(
  snapshot: SearchSnapshot,
  player: SearchPlayer,
  wish: StatementWish,
): StatementPage {
  const range = rangeOf(snapshot, wish);
  const fits = filterOf(snapshot, wish);
  const entries: StatementEntry[] = [];
  let scanned = 0;
  let last: LinePlace | undefined;
  let next: LinePlace | undefined;
  for (const { place, line, record: given } of merged(snapshot, player, wish, range)) {
    if (entries.length >= wish.limit || scanned >= SCAN_ROWS_MAX) {
      next = last;
      break;
    }
    scanned += 1;
    last = place;
    if (line !== undefined && !fits.line(line)) continue;
    const record = given ?? snapshot.reader.ownRecord(place.seq);
    if (fits.record(record)) entries.push({ record, line });
  }
  return { entries, balances: balancesOf(entries, wish.order), next };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangeOf({ reader, seq }: SearchSnapshot, { from, to }: StatementWish): Range {
  return {
    from: from === undefined ? 1 : reader.seqAt(from, seq),
    to: to === undefined ? seq : Math.min(seq, reader.seqAt(to, seq) - 1),
  };
}

function filterOf({ names }: SearchSnapshot, { currency, type }: StatementWish) {
  const wantedCurrency = currency && names.find(NameKind.currency, currency);
  const wantedType = type && names.find(NameKind.type, type);
  return {
    line: (line: SearchLine) =>
      wantedCurrency === undefined || splitAccount(line.account).currency === wantedCurrency,
    record: (record: SearchRecord) => wantedType === undefined || record.type === wantedType,
  };
}

/** Lines, with refusals where they are wanted: a refusal has no lines, so no record is in both. */
function* merged(
  snapshot: SearchSnapshot,
  player: SearchPlayer,
  wish: StatementWish,
  range: Range,
): Generator<Place> {
  if (range.from > range.to) return;
  const lines = linePlaces(snapshot, player, wish, range);
  // A filter by currency leaves only what moved it.
  const withRefusals = wish.include === "refusals" && wish.currency === undefined;
  if (!withRefusals) return yield* lines;
  const refusals = refusalPlaces(snapshot, player, wish, range);
  const down = wish.order === "desc";
  let [line, refusal] = [lines.next(), refusals.next()];
  while (!line.done || !refusal.done) {
    const lineFirst =
      refusal.done === true ||
      (line.done !== true &&
        (down
          ? line.value.place.seq > refusal.value.place.seq
          : line.value.place.seq < refusal.value.place.seq));
    if (lineFirst) {
      yield line.value as Place;
      line = lines.next();
    } else {
      yield refusal.value as Place;
      refusal = refusals.next();
    }
  }
}

function* linePlaces(
  { reader }: SearchSnapshot,
  { id }: SearchPlayer,
  { cursor, order }: StatementWish,
  range: Range,
): Generator<Place> {
  const after = cursor === undefined ? {} : { after: cursor };
  if (cursor !== undefined && isBehind(cursor, range, order)) return;
  for (const line of reader.lines(id, { ...range, ...after }, order)) {
    yield { place: { seq: line.seq, n: line.n }, line, record: undefined };
  }
}

function* refusalPlaces(
  snapshot: SearchSnapshot,
  { operator, ref }: SearchPlayer,
  { cursor, order }: StatementWish,
  { from, to }: Range,
): Generator<Place> {
  const down = order === "desc";
  const ends =
    cursor === undefined
      ? { from, to }
      : down
        ? { from, to: Math.min(to, cursor.seq - 1) }
        : { from: Math.max(from, cursor.seq + 1), to };
  if (ends.from > ends.to) return;
  const kind = LookupKind.refusal;
  const wanted = { kind, operator, id: unpackId(ref), ...ends, direction: order };
  for (const { record } of foundRecords(snapshot, wanted)) {
    if (record === undefined || CODES[record.code as keyof typeof CODES]?.status !== "refused") {
      continue;
    }
    yield { place: { seq: record.seq, n: 0 }, line: undefined, record };
  }
}

/** The cursor has passed the range already. */
function isBehind({ seq }: LinePlace, { from, to }: Range, order: Direction): boolean {
  return order === "desc" ? seq < from : seq > to;
}

function balancesOf(entries: readonly StatementEntry[], order: Direction): PageBalance[] {
  const balances = new Map<number, { opening: bigint; closing: bigint }>();
  const oldestFirst = order === "asc" ? entries : entries.toReversed();
  for (const { line } of oldestFirst) {
    if (line === undefined) continue;
    const { account, amount, balance } = line;
    const known = balances.get(account);
    if (known === undefined) balances.set(account, { opening: balance - amount, closing: balance });
    else known.closing = balance;
  }
  return [...balances].map(([account, both]) => ({ account, ...both }));
}

/** The name of a line's account. */
export function bucketOfLine({ account }: SearchLine): Bucket {
  return splitAccount(account).bucket;
}
