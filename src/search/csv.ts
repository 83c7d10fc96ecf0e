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
    time,
    cell(told.type),
    told.code,
    cell(told.source),
    cell(money?.currency ?? ""),
    account?.bucket ?? "",
    units(line?.amount),
    units(line?.balance),
    cell(told.txn_id ?? ""),
    cell(told.round_id ?? ""),
  ];
}

/**
 * Text that somebody else chose. What a spreadsheet would take for a formula is marked as text;
 * numbers of ours never come here.
 */
function cell(text: string): string {
  const harmless = /^[\s]*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
