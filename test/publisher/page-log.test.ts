/**
 * Goal: whatever SQLite commits, a replica that replays the page log holds exactly that database,
 * however its pulls are cut, and no generation ends inside a transaction.
 * Method: random histories on a real database (growing, shrinking, rolling back, spilling, with
 * every kind of checkpoint), captured as the publisher does it and replayed by the client's rules;
 * images are compared with what SQLite itself serialises.
 */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FRAME_BYTES, FRAME_HEADER_BYTES, PAGE_BYTES } from "../../src/publisher/limits.ts";
import { PageLog, type PageLogOptions } from "../../src/publisher/page-log.ts";
import { WalCapture, type ChangedPages } from "../../src/publisher/wal-capture.ts";
import { seeded, testSeed } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "countroom-page-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const SMALL: PageLogOptions = {
  rotateBytes: 40 * FRAME_BYTES,
  retainBytes: 150 * FRAME_BYTES,
  retainGenerations: 3,
  answerFrames: 2048,
};

/** A database, its capture and its log, as the publisher ties them together. */
class Source {
  readonly db: Database;
  readonly log: PageLog;
  readonly capture: WalCapture;
  /** Hash of the database at the start of each generation, by SQLite's own account. */
  readonly starts = new Map<number, string>();
  commits = 0;
  pending: ChangedPages = { pages: new Map(), size: 0 };

  constructor(options = SMALL, checkpointPages = 7) {
    const path = join(folder, `source-${(files += 1)}.db`);
    this.db = new Database(path);
    this.db.run("PRAGMA journal_mode = WAL");
    this.db.run("PRAGMA synchronous = OFF");
    this.db.run("PRAGMA secure_delete = ON");
    this.db.run("PRAGMA cache_size = 10");
    this.db.run(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    this.db.run("CREATE TABLE a (id INTEGER PRIMARY KEY, body BLOB)");
    this.db.run("CREATE TABLE b (k TEXT, v INTEGER, PRIMARY KEY (k)) WITHOUT ROWID");
    this.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    this.capture = new WalCapture(`${path}-wal`);
    this.capture.capture({ pages: new Map(), size: 0 });
    this.log = new PageLog(this.db.serialize(), options);
    this.starts.set(1, hashOf(this.db.serialize()));
  }

  /** Runs one transaction and captures it: the next one may restart the log. */
  run(query: string, ...values: (string | number)[]): void {
    this.db.run(query, values);
    this.capture.capture(this.pending);
  }

  /** Ends a tick, which may hold several transactions. */
  flush(): void {
    const before = this.log.generation;
    this.log.append(this.pending, (this.commits += 1));
    this.pending = { pages: new Map(), size: 0 };
    if (this.log.generation !== before) {
      this.starts.set(this.log.generation, hashOf(this.db.serialize()));
    }
  }

  [Symbol.dispose](): void {
    this.capture[Symbol.dispose]();
    this.db.close();
  }
}

/** The client's rules: pages become visible with their commit frame, the rest is kept or lost. */
class Replica {
  generation: number;
  frame = 0;
  pages = new Map<number, Uint8Array>();
  size: number;
  #open = new Map<number, Uint8Array>();

  constructor(log: PageLog, generation = log.generation) {
    const image = log.image(generation)!;
    this.generation = generation;
    this.size = image.length / PAGE_BYTES;
    for (let page = 1; page <= this.size; page += 1) {
      this.pages.set(page, image.slice((page - 1) * PAGE_BYTES, page * PAGE_BYTES));
    }
  }

  /** Frames taken of the transaction that is open. */
  get inside(): number {
    return this.#open.size;
  }

  /** Takes an answer, of which the connection perhaps delivered only a part. */
  take(bytes: Uint8Array): void {
    expect(bytes.length % FRAME_BYTES).toBe(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      const [page, size] = [view.getUint32(at), view.getUint32(at + 4)];
      // A page twice in one transaction would overwrite in place and shift every later number.
      expect(this.#open.has(page)).toBe(false);
      this.#open.set(page, bytes.slice(at + FRAME_HEADER_BYTES, at + FRAME_BYTES));
      if (size === 0) continue;
      for (const [number, body] of this.#open) {
        expect(number).toBeLessThanOrEqual(size);
        this.pages.set(number, body);
      }
      for (const number of this.pages.keys()) if (number > size) this.pages.delete(number);
      this.size = size;
      this.frame += this.#open.size;
      this.#open = new Map();
    }
  }

  /** A broken connection: what is not committed is forgotten, the next pull starts before it. */
  cut(): void {
    this.#open = new Map();
  }

  next(): void {
    expect(this.inside).toBe(0);
    this.generation += 1;
    this.frame = 0;
  }

  hash(): string {
    const image = new Uint8Array(this.size * PAGE_BYTES);
    for (const [page, body] of this.pages) image.set(body, (page - 1) * PAGE_BYTES);
    return hashOf(image);
  }

  /** Pulls to the end of the log, `frames` frames at most per answer. */
  follow(log: PageLog, frames = Number.POSITIVE_INFINITY): "caught_up" | "gone" {
    for (;;) {
      const pull = log.pull(this.generation, this.frame + this.inside + 1);
      if (pull.type === "frames") {
        this.take(pull.bytes.subarray(0, Math.min(frames * FRAME_BYTES, pull.bytes.length)));
        continue;
      }
      if (pull.type !== "next") {
        expect(this.inside).toBe(0);
        return pull.type;
      }
      this.next();
    }
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function randomStep(source: Source, pick: () => number): void {
  const { db } = source;
  const upTo = (n: number): number => Math.floor(pick() * n);
  const insert = db.prepare("INSERT OR REPLACE INTO a VALUES (?, randomblob(?))");
  const put = db.prepare("INSERT OR REPLACE INTO b VALUES (?, ?)");
  const kind = pick();
  if (kind < 0.55) {
    db.transaction(() => {
      const rows = 1 + upTo(8);
      for (let i = 0; i < rows; i += 1) insert.run(upTo(300), 1 + upTo(900));
      for (let i = 0; i < rows; i += 1) put.run(`k${upTo(500)}`, upTo(1e9));
    })();
    source.capture.capture(source.pending);
  } else if (kind < 0.7) source.run("DELETE FROM a WHERE id % 7 = ?", upTo(7));
  else if (kind < 0.78) {
    // More than the cache holds: frames reach the log before the rollback.
    db.run("BEGIN");
    for (let i = 0; i < 60; i += 1) insert.run(upTo(300), 2000);
    db.run("ROLLBACK");
  } else if (kind < 0.84) source.run("VACUUM");
  else if (kind < 0.9) source.run("DELETE FROM a WHERE id > ?", upTo(300));
  else {
    db.run(`PRAGMA wal_checkpoint(${["PASSIVE", "RESTART", "TRUNCATE"][upTo(3)]})`);
  }
}

describe("page log", () => {
  test("random histories replay to the same database, cut anywhere", () => {
    const seed = testSeed("page log");
    for (let round = 0; round < 6; round += 1) {
      const pick = seeded(seed + round);
      using source = new Source();
      const steady = new Replica(source.log);
      const ragged = new Replica(source.log);
      for (let step = 0; step < 120; step += 1) {
        randomStep(source, pick);
        // Several commits may share a tick.
        if (pick() < 0.3) continue;
        source.flush();
        expect(steady.follow(source.log)).toBe("caught_up");
        expect(ragged.follow(source.log, 1 + Math.floor(pick() * 5))).toBe("caught_up");
        const pull = source.log.pull(ragged.generation, Math.max(1, ragged.frame));
        if (pull.type === "frames" && pick() < 0.2) ragged.cut();
        expect(steady.hash()).toBe(hashOf(source.db.serialize()));
      }
      source.run("VACUUM");
      source.flush();
      steady.follow(source.log);
      ragged.follow(source.log, 1);
      expect(steady.hash()).toBe(hashOf(source.db.serialize()));
      expect(ragged.hash()).toBe(steady.hash());
      expect(source.log.generation).toBeGreaterThan(3);
    }
  });

  test("an export is the database at the start of its generation, and leads to the end", () => {
    const pick = seeded(testSeed("export"));
    using source = new Source();
    for (let step = 0; step < 60; step += 1) {
      source.run("INSERT INTO a (body) VALUES (randomblob(3000))");
      if (step % 9 === 8) source.run("UPDATE a SET body = randomblob(?)", Math.floor(3e3 * pick()));
      source.flush();
    }
    expect(source.log.oldestGeneration).toBeGreaterThan(1);
    for (let at = source.log.oldestGeneration; at <= source.log.generation; at += 1) {
      if (source.starts.has(at)) expect(hashOf(source.log.image(at)!)).toBe(source.starts.get(at)!);
      const replica = new Replica(source.log, at);
      expect(replica.follow(source.log)).toBe("caught_up");
      expect(replica.hash()).toBe(hashOf(source.db.serialize()));
    }
  });

  test("a transaction is cut at every frame, dropped and resumed", () => {
    using source = new Source({ ...SMALL, rotateBytes: 1e9, retainBytes: 1e9 });
    for (let i = 0; i < 12; i += 1) {
      source.run("INSERT INTO a (body) VALUES (randomblob(9000))");
      source.flush();
    }
    const whole = source.log.pull(1, 1);
    if (whole.type !== "frames") throw new Error("no frames");
    const want = hashOf(source.db.serialize());
    for (let cut = 1; cut <= source.log.frames; cut += 1) {
      const replica = new Replica(source.log);
      replica.take(whole.bytes.subarray(0, cut * FRAME_BYTES));
      replica.cut();
      expect(replica.frame).toBeLessThanOrEqual(cut);
      replica.follow(source.log, cut);
      expect(replica.hash()).toBe(want);
    }
  });

  test("commits of one and of ten thousand pages", () => {
    using source = new Source({ ...SMALL, rotateBytes: 1e9, retainBytes: 1e9, answerFrames: 1000 });
    const replica = new Replica(source.log);
    source.run("INSERT INTO b VALUES ('one', 1)");
    source.flush();
    expect(source.log.frames).toBe(1);
    source.run(`INSERT INTO a (body) WITH RECURSIVE n(i) AS (
      SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT randomblob(4000) FROM n`);
    source.flush();
    expect(source.log.frames).toBeGreaterThan(10_000);
    expect(replica.follow(source.log)).toBe("caught_up");
    expect(replica.hash()).toBe(hashOf(source.db.serialize()));
  });

  test("a torn or failed commit is not captured, what follows is", () => {
    using source = new Source(SMALL, 0);
    const replica = new Replica(source.log);
    source.run("INSERT INTO b VALUES ('before', 1)");
    source.flush();
    // A transaction that died half written: its frames carry today's salts and no commit mark.
    source.db.run("BEGIN");
    source.db.run("UPDATE b SET v = 2");
    for (let i = 0; i < 40; i += 1) source.db.run("INSERT INTO a (body) VALUES (randomblob(4000))");
    expect(statSync(`${source.db.filename}-wal`).size).toBeGreaterThan(20 * FRAME_BYTES);
    source.capture.capture(source.pending);
    expect(source.pending.pages.size).toBe(0);
    source.db.run("ROLLBACK");
    source.run("INSERT INTO b VALUES ('after', 3)");
    source.flush();
    replica.follow(source.log);
    expect(replica.hash()).toBe(hashOf(source.db.serialize()));
  });

  test("a damaged frame ends the capture before its transaction", () => {
    using source = new Source(SMALL, 0);
    const wal = `${source.db.filename}-wal`;
    source.run("INSERT INTO b VALUES ('first', 1)");
    const intact = statSync(wal).size;
    source.run("INSERT INTO a (body) VALUES (randomblob(9000))");
    const bytes = readFileSync(wal);
    for (let at = intact; at < bytes.length; at += 997) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(`${wal}.damaged`, damaged);
      using capture = new WalCapture(`${wal}.damaged`);
      const changes: ChangedPages = { pages: new Map(), size: 0 };
      capture.capture(changes);
      expect(changes.pages.size).toBe(1);
    }
  });

  test("what is dropped or impossible is gone, never a newer generation", () => {
    using source = new Source();
    const { log } = source;
    const held = new Replica(log);
    held.follow(log);
    while (log.oldestGeneration < 3) {
      source.run("INSERT INTO a (body) VALUES (randomblob(30000))");
      source.flush();
    }
    expect(log.pull(1, 1)).toEqual({ type: "gone", impossible: false });
    expect(log.image(1)).toBeUndefined();
    expect(log.pull(log.generation, log.frames + 2)).toEqual({ type: "gone", impossible: true });
    expect(log.pull(log.generation + 1, 1)).toEqual({ type: "gone", impossible: true });
    expect(log.pull(log.generation, 0)).toEqual({ type: "gone", impossible: true });
    expect(log.pull(log.generation, log.frames + 1)).toEqual({ type: "caught_up" });
    const ended = log.generation - 1;
    const end = new Replica(log, ended);
    let pull = log.pull(ended, 1);
    while (pull.type === "frames") {
      end.take(pull.bytes);
      pull = log.pull(ended, end.frame + 1);
    }
    expect(pull).toEqual({ type: "next" });
    log.close();
    expect(log.pull(log.generation, 1)).toEqual({ type: "gone", impossible: false });
  });

  test("the next poll acknowledges whole transactions only", () => {
    using source = new Source({ ...SMALL, rotateBytes: 6 * FRAME_BYTES });
    const { log } = source;
    expect(log.acknowledged(1, 1)).toBeUndefined();
    source.run("INSERT INTO a (body) VALUES (randomblob(9000))");
    source.flush();
    const first = log.frames;
    expect(first).toBeGreaterThan(1);
    expect(log.acknowledged(1, first)).toBeUndefined();
    expect(log.acknowledged(1, first + 1)).toBe(1);
    while (log.generation === 1) {
      source.run("INSERT INTO b VALUES (hex(randomblob(8)), 1)");
      source.flush();
    }
    expect(log.acknowledged(2, 1)).toBe(source.commits);
  });
});
