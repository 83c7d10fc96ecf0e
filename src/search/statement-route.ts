/**
 * `GET /v1/players/{ref}/statement`: as JSON, or as CSV for people with spreadsheets.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import { Code } from "../ledger/index.ts";
import { packUuid } from "../store/search-keys.ts";
import type { LinePlace } from "../store/search-reader.ts";
import { splitAccount } from "./accounts.ts";
import { answer, ask, headersOf, invalid, unknown, type AskOptions } from "./ask.ts";
import { statementCsv } from "./csv.ts";
import { CSV_PAGE_MAX, PAGE_MAX } from "./limits.ts";
import { StatementQuery, Uuid } from "./query-schemas.ts";
import { currencyJson, recordJson } from "./record-json.ts";
import type { SearchSnapshot } from "./search-view.ts";
import { statementPage, type PageBalance, type StatementEntry } from "./statement.ts";

const JSON_PAGE = StatementQuery(PAGE_MAX);
const CSV_PAGE = StatementQuery(CSV_PAGE_MAX);
const CSV_TYPE = "text/csv";

/** Makes the handler. */
export function statementRoute(options: AskOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const ref = v.safeParse(Uuid, c.req.param("ref"));
    if (!ref.success) return invalid("player_ref", "The player reference is not a UUID.");
    const csv = wantsCsv(c.req.header("accept"));
    const question = await ask(c, options, csv ? CSV_PAGE : JSON_PAGE);
    if (question instanceof Response) return question;
    const { query, snapshot, operator } = question;
    const player = snapshot.reader.player(operator, packUuid(ref.output));
    // Somebody whom only refusals name, or another operator's player: unknown to this one.
    if (player === undefined || player.known !== 1) return unknown(snapshot, Code.PLAYER_UNKNOWN);
    const page = statementPage(snapshot, player, query);
    const next = page.next === undefined ? undefined : cursorText(page.next);
    if (csv) {
      const headers = {
        ...headersOf(snapshot),
        "content-type": `${CSV_TYPE}; charset=utf-8; header=present`,
        "content-disposition": 'attachment; filename="statement.csv"',
        "countroom-age-ms": `${snapshot.ageMs}`,
        ...(next === undefined ? {} : { "countroom-next-cursor": next }),
      };
      return new Response(statementCsv(page.entries, snapshot), { headers });
    }
    return answer(snapshot, {
      player_ref: ref.output,
      order: query.order,
      entries: page.entries.map((entry) => entryJson(entry, snapshot)),
      balances: page.balances.map((balance) => balanceJson(balance, snapshot)),
      next_cursor: next ?? null,
    });
  };
}

/** CSV only where it is asked for by name. */
function wantsCsv(accept: string | undefined): boolean {
  return (accept ?? "").split(",").some((one) => {
    const [type = "", ...parameters] = one.split(";").map((part) => part.trim().toLowerCase());
    return type === CSV_TYPE && !parameters.some((part) => /^q=0(\.0*)?$/.test(part));
  });
}

function cursorText({ seq, n }: LinePlace): string {
  return `${seq}-${n}`;
}

function entryJson({ record, line }: StatementEntry, snapshot: SearchSnapshot) {
  const told = recordJson(record, snapshot);
  if (line === undefined) return { ...told, line: 0, refused: true };
  const { currency, bucket } = splitAccount(line.account);
  return {
    ...told,
    line: line.n,
    ...currencyJson(currency, snapshot),
    bucket,
    amount: String(line.amount),
    balance: String(line.balance),
  };
}

function balanceJson({ account, opening, closing }: PageBalance, snapshot: SearchSnapshot) {
  const { currency, bucket } = splitAccount(account);
  return {
    ...currencyJson(currency, snapshot),
    bucket,
    opening: String(opening),
    closing: String(closing),
  };
}
