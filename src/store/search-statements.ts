/**
 * The statements of `search.db` that run for every record, made from its schema once and held as
 * the driver's own.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { getTableConfig, type SQLiteTable } from "drizzle-orm/sqlite-core";
import {
  searchBets,
  searchEpochs,
  searchHead,
  searchHoldings,
  searchLines,
  searchLookups,
  searchNames,
  searchOpenBets,
  searchPlayers,
  searchRecords,
  searchTotals,
} from "./search-schema.ts";

/** Runs with the values of one row, in the order of the table's columns. */
export type SearchInsert = Statement<unknown, (string | number | bigint | Uint8Array | null)[]>;

/** The prepared statements of one connection. */
export type SearchStatements = ReturnType<typeof prepareSearchStatements>;

/** Prepares them. */
export function prepareSearchStatements(driver: Database) {
  const insert = (table: SQLiteTable): SearchInsert => driver.prepare(insertSql(table, "INSERT"));
  const put = (table: SQLiteTable): SearchInsert =>
    driver.prepare(insertSql(table, "INSERT OR REPLACE"));
  return {
    putHead: put(searchHead),
    addEpoch: insert(searchEpochs),
    addName: insert(searchNames),
    addPlayer: insert(searchPlayers),
    addRecord: insert(searchRecords),
    addLookup: insert(searchLookups),
    addLine: insert(searchLines),
    putBet: put(searchBets),
    addOpenBet: insert(searchOpenBets),
    dropOpenBet: driver.prepare(
      "DELETE FROM open_bets WHERE operator = ? AND source = ? AND round = ? AND seq = ?",
    ) as SearchInsert,
    putHolding: put(searchHoldings),
    dropHolding: driver.prepare(
      "DELETE FROM holdings WHERE player = ? AND account = ?",
    ) as SearchInsert,
    know: driver.prepare("UPDATE players SET known = 1, sum = ? WHERE id = ?") as SearchInsert,
    putTotal: put(searchTotals),
    dropTotal: driver.prepare("DELETE FROM totals WHERE part = ? AND segment = ?") as SearchInsert,
    begin: driver.prepare("BEGIN IMMEDIATE") as Statement,
    commit: driver.prepare("COMMIT") as Statement,
  };
}

function insertSql(table: SQLiteTable, verb: string): string {
  const { name, columns } = getTableConfig(table);
  const names = columns.map((column) => column.name).join(", ");
  return `${verb} INTO ${name} (${names}) VALUES (${columns.map(() => "?").join(", ")})`;
}
