/**
 * Helper: bare inserts of a ledger's rows, in a process of its own, as the ledger's writer is.
 */
import { join } from "node:path";
import { BareInsert, readRows } from "../bare-insert.ts";
import { serveCalls } from "../child.ts";
import { nowMs } from "../budget.ts";

let bare: BareInsert | undefined;

serveCalls({
  /** Begins a file beside the ledger; what the ledger holds already goes in untimed. */
  begin({ dir, ledger, upTo }: { dir: string; ledger: string; upTo: number }): void {
    bare?.[Symbol.dispose]();
    bare = new BareInsert(join(dir, `bare-${process.pid}-${Math.floor(nowMs())}.db`));
    bare.insert(readRows(ledger, 1, upTo), 1_000);
    bare.restart();
  },
  /** Inserts the next rows; answers rows and milliseconds. */
  insert({
    ledger,
    from,
    to,
    perCommit,
  }: {
    ledger: string;
    from: number;
    to: number;
    perCommit: number;
  }): { rows: number; ms: number } {
    if (bare === undefined) throw new Error("begin comes first");
    const rows = readRows(ledger, from, to);
    return { rows: rows.length, ms: bare.insert(rows, perCommit) };
  },
  /** Inserts rows one by one, each durable; answers the milliseconds of each. */
  singles({ ledger, from, to }: { ledger: string; from: number; to: number }): number[] {
    if (bare === undefined) throw new Error("begin comes first");
    const file = bare;
    return readRows(ledger, from, to).map((row) => file.insert([row], 1));
  },
});
