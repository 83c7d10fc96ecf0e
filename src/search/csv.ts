import { formatMinor } from "../money/index.ts";
import { splitAccount } from "./accounts.ts";
import { currencyJson, recordJson } from "./record-json.ts";
import type { SearchSnapshot } from "./search-view.ts";
import type { StatementEntry } from "./statement.ts";

const COLUMNS = [
  "seq",
  "line",
  "time",
  "type",
  "code",
  "source",
  "currency",
  "bucket",
  "amount",
  "balance",
  "txn_id",
  "round_id",
] as const;

/** A statement page as CSV (RFC 4180). Amounts are in units of the currency. */
export function statementCsv(entries: readonly StatementEntry[], snapshot: SearchSnapshot): string {
  const rows = entries.map((entry) => row(entry, snapshot).join(","));
  return `${[COLUMNS.join(","), ...rows].join("\r\n")}\r\n`;
}

function row({ record, line }: StatementEntry, snapshot: SearchSnapshot): string[] {
  const told = recordJson(record, snapshot);
  const time = new Date(record.recordedAt / 1000).toISOString();
  const account = line === undefined ? undefined : splitAccount(line.account);
  const money = account === undefined ? undefined : currencyJson(account.currency, snapshot);
  const units = (minor: bigint | undefined): string =>
    minor === undefined || money === undefined ? "" : formatMinor(minor, money.exponent);
  return [
    told.seq,
    `${line?.n ?? 0}`,
    cell(time),
    cell(told.type),
    cell(told.code),
    cell(told.source),
    cell(money?.currency ?? ""),
    cell(account?.bucket ?? ""),
    units(line?.amount),
    units(line?.balance),
    cell(told.txn_id ?? ""),
    cell(told.round_id ?? ""),
  ];
}

/** What spreadsheets take for the start of a formula, full-width forms included. */
const FORMULA = /^\s*[=+\-@\t\r|%＝＋－＠]/;

/**
 * Text, much of it chosen by somebody else. What a spreadsheet would take for a formula is marked
 * as text; quotes keep it in one cell also where the list separator is another than the comma.
 */
function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
