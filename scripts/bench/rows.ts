/**
 * The rows of the benchmark: what each measures and what it should reach.
 */

/** What is measured together, because it needs the same processes. */
export type RowGroup = "settle" | "flow" | "read" | "growth" | "book" | "archive";

/** One row. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly goal: number;
  readonly better: "higher" | "lower";
  readonly what: string;
  readonly group: RowGroup;
}

function row(
  name: string,
  unit: string,
  better: Row["better"],
  goal: number,
  group: RowGroup,
  what: string,
): Row {
  return Object.freeze({ name, unit, goal, better, what, group });
}

/** All rows, in the order in which they are printed. */
export const ROWS: readonly Row[] = Object.freeze([
  row("read.cpu", "ratio", "higher", 0.7, "read", "CPU per request: constant route ÷ balance read"),
  row(
    "read.workers",
    "ratio",
    "higher",
    0.85,
    "read",
    "gain of two workers ÷ constant route's gain",
  ),
  row(
    "settle.process.500",
    "ratio",
    "higher",
    0.5,
    "settle",
    "settled in process ÷ bare insert, 500",
  ),
  row(
    "settle.network.500",
    "ratio",
    "higher",
    0.3,
    "settle",
    "settled by uplink ÷ bare insert, 500",
  ),
  row("settle.callers.64", "ratio", "higher", 0.4, "settle", "64 callers ÷ bare insert, 64"),
  row("single.p50", "ratio", "lower", 1.2, "settle", "one bet ÷ (Connect echo + bare commit), p50"),
  row("lag.p99", "ms", "lower", 20, "flow", "commit → visible at an edge, 1 000 events/s"),
  row("lag.idle", "ms", "lower", 3, "flow", "commit → visible at an edge, idle, p50"),
  row("pages.bytes", "bytes", "lower", 5_000, "flow", "to one edge per event, 10 ms tick"),
  row("tail.bytes", "bytes", "lower", 300, "flow", "Tail bytes per event"),
  row("restore.rate", "ratio", "higher", 0.4, "archive", "restored and proven ÷ bare insert"),
  row("snapshot.rate", "ratio", "higher", 0.4, "archive", "snapshot ÷ plain copy of the book"),
  row("verify.rate", "ratio", "higher", 0.3, "settle", "audited ÷ read and hashed, the same book"),
  row("growth", "ratio", "lower", 1.25, "growth", "cost in a book of 10 M records ÷ of 100 k"),
  row(
    "hot.house",
    "ratio",
    "lower",
    1.1,
    "growth",
    "all events on one operator's accounts ÷ on 64",
  ),
  row("hot.player", "ratio", "lower", 1.1, "growth", "one player's events ÷ 10 k players'"),
  row("startup.1m", "s", "lower", 5, "book", "a primary's start with 1 M players"),
  row("memory.1m", "MB", "lower", 800, "book", "resident memory of a primary per 1 M players"),
  row("memory.growth", "%", "lower", 1, "book", "its growth per 10 minutes under load"),
  row("bytes.event", "bytes", "lower", 670, "settle", "on the primary's disk per event"),
]);

/** A row's figure; null when it couldn't be measured, and then `detail` says why. */
export interface Measured {
  readonly value: number | null;
  readonly detail: string;
}

/** A line of the document. */
export interface Result extends Measured, Pick<Row, "name" | "unit" | "goal" | "better"> {}

/** Rows whose name begins with the given text; all rows without one. */
export function selectRows(name = ""): readonly Row[] {
  return ROWS.filter((one) => one.name.startsWith(name));
}

/** Joins a row with its figure. */
export function resultOf({ name, unit, goal, better }: Row, measured: Measured): Result {
  return { name, value: measured.value, unit, goal, better, detail: measured.detail };
}
