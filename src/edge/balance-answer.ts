/**
 * The answers of `GET /v1/players/{player_ref}/balance`.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Currencies } from "../money/index.ts";
import { balanceToJson, formatBookmark, problem, PROBLEM_TYPE } from "../wire/index.ts";
import type { Freshness } from "./bot-port.ts";
import type { HotRow } from "./hot-rows.ts";
import type { PrimaryAnswer } from "./primary-reads.ts";
import type { ReplicaView } from "./replica-view.ts";

/** The header that carries an answer's bookmark. */
export const BOOKMARK_HEADER = "countroom-bookmark";

const JSON_TYPE = "application/json";
const REPLICA_END = ',"source":"replica"}}';

/** Whole milliseconds, never less than the age. */
function wholeMs(ageMs: number): number {
  return ageMs > 0 ? Math.ceil(ageMs) : 0;
}

/** A hot row with the freshness of now. */
export function replicaAnswer(row: HotRow, view: ReplicaView, nowMs: number): Response {
  const age = wholeMs(nowMs - view.anchorMs);
  return new Response(row.json + view.freshJson + age + REPLICA_END, {
    headers: { "content-type": JSON_TYPE, [BOOKMARK_HEADER]: row.bookmark },
  });
}

/** What the primary said. */
export function primaryAnswer(answer: PrimaryAnswer, currencies: Currencies): Response {
  const { playerRef, balances, freshness, rowSeq } = answer;
  const body = {
    player_ref: playerRef,
    balances: balances.map((balance) => balanceToJson(balance, currencies)),
    freshness: freshnessJson(freshness),
  };
  const bookmark = formatBookmark(freshness.epoch, rowSeq);
  return new Response(JSON.stringify(body), {
    headers: { "content-type": JSON_TYPE, [BOOKMARK_HEADER]: bookmark },
  });
}

/** Nobody, as far as this source knows: a younger one may know better. */
export function unknownPlayer(freshness: Freshness): Response {
  const body = { ...problem(Code.PLAYER_UNKNOWN), freshness: freshnessJson(freshness) };
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "content-type": PROBLEM_TYPE, "cache-control": "no-store" },
  });
}

/** The freshness of what a view shows. */
export function freshnessOf(view: ReplicaView): Freshness {
  const { epoch, seq } = view.head;
  return { epoch, seq, ageMs: view.ageMs(), source: "replica" };
}

function freshnessJson({ epoch, seq, ageMs, source }: Freshness) {
  return { epoch, seq, age_ms: wholeMs(ageMs), source };
}
