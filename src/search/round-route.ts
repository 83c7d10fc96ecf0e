/**
 * `GET /v1/rounds/{id}`: a round with its bets, what became of them, and sums. Sources name their
 * rounds by themselves, so that one id may stand for several.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import { Code } from "../ledger/index.ts";
import { LookupKind, unpackId } from "../store/search-keys.ts";
import type { SearchBet, SearchRecord } from "../store/search-schema.ts";
import { answer, ask, invalid, unknown, type AskOptions } from "./ask.ts";
import { foundRecords } from "./found-records.ts";
import { ROUND_RECORDS_MAX, SCAN_ROWS_MAX } from "./limits.ts";
import { Id, RoundQuery } from "./query-schemas.ts";
import { currencyJson, recordJson } from "./record-json.ts";
import { betState, roundsOf, type Round } from "./rounds.ts";
import type { SearchSnapshot } from "./search-view.ts";

/** Makes the handler. */
export function roundRoute(options: AskOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const id = v.safeParse(Id, c.req.param("id"));
    if (!id.success) return invalid("round_id", id.issues[0].message);
    const question = await ask(c, options, RoundQuery);
    if (question instanceof Response) return question;
    const { query, snapshot, operator } = question;
    const { records, truncated } = recordsOf(snapshot, operator, id.output);
    const rounds = roundsOf(snapshot, records).filter(
      ({ source }) => query.source === undefined || query.source === source,
    );
    if (rounds.length === 0) return unknown(snapshot, Code.ROUND_UNKNOWN);
    return answer(snapshot, {
      round_id: id.output,
      rounds: rounds.map((round) => roundJson(round, snapshot)),
      truncated,
    });
  };
}

function recordsOf(snapshot: SearchSnapshot, operator: number, id: string) {
  const records: SearchRecord[] = [];
  const { seq: to } = snapshot;
  const kind = LookupKind.round;
  const wanted = { kind, operator, id, from: 1, to, direction: "asc" } as const;
  let scanned = 0;
  for (const { record } of foundRecords(snapshot, wanted)) {
    if (records.length >= ROUND_RECORDS_MAX || scanned >= SCAN_ROWS_MAX) {
      return { records, truncated: true };
    }
    scanned += 1;
    if (record !== undefined) records.push(record);
  }
  return { records, truncated: false };
}

function roundJson(round: Round, snapshot: SearchSnapshot) {
  const { source, player, first, last, state, closed, game, bets, others, sums } = round;
  const ref = snapshot.reader.playerById(player)?.ref;
  return {
    source,
    ...(ref === undefined ? {} : { player_ref: unpackId(ref) }),
    ...(game === "" ? {} : { game_id: game }),
    state,
    opened_seq: String(first.seq),
    opened_at: String(first.recordedAt),
    last_seq: String(last.seq),
    ...(closed === undefined
      ? {}
      : { closed_seq: String(closed.seq), closed_at: String(closed.recordedAt) }),
    sums: [...sums].map(([currency, sum]) => ({
      ...currencyJson(currency, snapshot),
      bets: String(sum.count),
      staked: String(sum.staked),
      open: String(sum.open),
      won: String(sum.won),
    })),
    bets: bets.map(({ bet, records }) => betJson(bet, records, snapshot)),
    others: others.map((record) => recordJson(record, snapshot)),
  };
}

function betJson(bet: SearchBet, records: readonly SearchRecord[], snapshot: SearchSnapshot) {
  const [placed, ...resolutions] = records;
  return {
    ...(placed === undefined ? { seq: String(bet.seq) } : recordJson(placed, snapshot)),
    state: betState(bet),
    ...currencyJson(bet.currency, snapshot),
    stake: String(bet.stake),
    open: String(bet.held),
    won: String(bet.won),
    last_seq: String(bet.lastSeq),
    resolutions: resolutions.map((record) => recordJson(record, snapshot)),
  };
}
