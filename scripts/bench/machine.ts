/** The machine that the figures belong to. */
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { nowMs } from "./budget.ts";
import { percentile, rounded } from "./stats.ts";

/** What a figure can't be read without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly os: string;
  readonly bun: string;
  readonly sqlite: string;
  /** p50 of a durable SQLite commit of one small row where the data lies. */
  readonly commit_ms: number;
  readonly data: string;
}

const COMMITS = 200;
const LOG_BYTES = 4 * 2 ** 20;

/** Describes the machine, and measures what a durable commit costs here. */
export function describeMachine(): Machine {
  const cpus = os.cpus();
  const folder = os.tmpdir();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memory_gib: rounded(os.totalmem() / 2 ** 30),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    bun: Bun.version,
    ...measureCommit(folder),
    data: folder,
  };
}

function measureCommit(folder: string): Pick<Machine, "sqlite" | "commit_ms"> {
  const dir = mkdtempSync(join(folder, "countroom-bench-"));
  try {
    using db = new Database(join(dir, "commit.db"));
    db.run("PRAGMA journal_mode = WAL");
    db.run("PRAGMA synchronous = FULL");
    db.run("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
    const insert = db.prepare("INSERT INTO t (b) VALUES (?)");
    // A log that must grow costs more than one that is written again.
    insert.run(new Uint8Array(LOG_BYTES));
    db.run("PRAGMA wal_checkpoint(RESTART)");
    const row = new Uint8Array(200);
    const times: number[] = [];
    for (let round = 0; round < COMMITS; round += 1) {
      const from = nowMs();
      insert.run(row);
      times.push(nowMs() - from);
    }
    insert.finalize();
    const [[sqlite] = []] = db.query("SELECT sqlite_version()").values();
    return { sqlite: String(sqlite), commit_ms: rounded(percentile(times, 0.5)) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
