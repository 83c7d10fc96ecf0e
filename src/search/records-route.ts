/**
 * `GET /v1/records?txn=…`: which records an id is in.
 *
 * @module
 */
import type { Context } from "hono";
import type * as v from "valibot";
import { LookupKind } from "../store/search-keys.ts";
import type { SearchRecord } from "../store/search-schema.ts";
import { answer, ask, type AskOptions } from "./ask.ts";
import { foundRecords, type Wanted } from "./found-records.ts";
import { SCAN_ROWS_MAX } from "./limits.ts";
import { LOOKUPS, RecordsQuery } from "./query-schemas.ts";
import { fullRecordJson } from "./record-json.ts";

type Query = v.InferOutput<typeof RecordsQuery>;

/** Makes the handler. */
export function recordsRoute(options: AskOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const question = await ask(c, options, RecordsQuery);
    if (question instanceof Response) return question;
    const { query, snapshot, operator } = question;
    const found: SearchRecord[] = [];
    let scanned = 0;
    let last: number | undefined;
    let next: number | undefined;
    for (const { seq, record } of foundRecords(snapshot, wanted(query, operator, snapshot.seq))) {
      if (found.length >= query.limit || scanned >= SCAN_ROWS_MAX) {
        next = last;
        break;
      }
      scanned += 1;
      last = seq;
      if (record !== undefined) found.push(record);
    }
    return answer(snapshot, {
      records: found.map((record) => fullRecordJson(record, snapshot)),
      next_cursor: next === undefined ? null : `${next}-0`,
    });
  };
}

function wanted(query: Query, operator: number, head: number): Wanted {
  const name = LOOKUPS.find((one) => query[one] !== undefined) ?? "txn";
  const { cursor, order } = query;
  const down = order === "desc";
  return {
    kind: LookupKind[name],
    operator,
    id: query[name] ?? "",
    from: !down && cursor !== undefined ? cursor.seq + 1 : 1,
    to: down && cursor !== undefined ? Math.min(head, cursor.seq - 1) : head,
    direction: order,
  };
}
