/**
 * A player's newest operations by messenger identity, for the bot.
 *
 * @module
 */
import * as v from "valibot";
import { Code } from "../ledger/index.ts";
import type { HistoryEntry, HistoryMove, PlayerHistory, PlayerIdentity } from "./bot-port.ts";
import { HISTORY_LINES } from "./limits.ts";
import type { PlayerReads } from "./player-reads.ts";
import { ReadError } from "./read-error.ts";
import type { SearchCalls } from "./search-calls.ts";

const Count = v.pipe(v.string(), v.regex(/^[0-9]{1,16}$/), v.transform(Number), v.safeInteger());
const Minor = v.pipe(
  v.string(),
  v.regex(/^-?[0-9]{1,20}$/),
  v.transform((text) => BigInt(text)),
);

const Statement = v.object({
  entries: v.array(
    v.object({
      seq: Count,
      recorded_at: Count,
      type: v.string(),
      currency: v.string(),
      bucket: v.string(),
      amount: Minor,
      balance: Minor,
    }),
  ),
  next_cursor: v.nullable(v.string()),
  freshness: v.object({ epoch: v.number(), seq: v.number(), age_ms: v.number() }),
});

const Freshness = v.object({ freshness: Statement.entries.freshness });

/** Whose history, and how much of it. */
export interface HistoryQuestion {
  readonly operator: string;
  readonly identity: PlayerIdentity;
  /** Operations, at most 50. */
  readonly limit: number;
  /** A bookmark that the answer must include. */
  readonly atLeast?: string | undefined;
}

/** The newest operations. Undefined: nobody is registered. Throws a {@link ReadError}. */
export async function playerHistory(
  players: PlayerReads,
  search: SearchCalls,
  { operator, identity, limit, atLeast }: HistoryQuestion,
): Promise<PlayerHistory | undefined> {
  const ref = await players.refOf(operator, identity);
  if (ref === undefined) return undefined;
  const at = atLeast === undefined ? "" : `&at_least=${encodeURIComponent(atLeast)}`;
  const target = `/v1/players/${ref}/statement?limit=${HISTORY_LINES}${at}`;
  const answer = await search.ask(target, operator);
  const body: unknown = await answer.json();
  // Registered a moment ago: search has not heard of it yet.
  if (answer.status === 404) {
    const told = v.safeParse(Freshness, body);
    if (told.success) return { entries: [], freshness: freshnessOf(told.output.freshness) };
  }
  const statement = v.safeParse(Statement, body);
  if (answer.status !== 200 || !statement.success) throw new ReadError(Code.UNAVAILABLE);
  const { entries, next_cursor: next, freshness } = statement.output;
  const operations = operationsOf(entries);
  // The page may end within its last operation.
  if (next !== null && operations.length > 1) operations.pop();
  return { entries: operations.slice(0, limit), freshness: freshnessOf(freshness) };
}

type Line = v.InferOutput<typeof Statement>["entries"][number];

/** Lines come newest first; those of one record belong together, in the order of its postings. */
function operationsOf(lines: readonly Line[]): HistoryEntry[] {
  const bySeq = new Map<number, HistoryEntry & { readonly moves: HistoryMove[] }>();
  for (const { seq, recorded_at: recordedAt, type, ...move } of lines) {
    const known = bySeq.get(seq);
    const { currency, bucket, amount, balance } = move;
    if (known === undefined) {
      bySeq.set(seq, { seq, recordedAt, type, moves: [{ currency, bucket, amount, balance }] });
    } else known.moves.unshift({ currency, bucket, amount, balance });
  }
  return [...bySeq.values()];
}

function freshnessOf(told: v.InferOutput<typeof Freshness>["freshness"]) {
  const { epoch, seq, age_ms: ageMs } = told;
  return { epoch, seq, ageMs, source: "search" as const };
}
