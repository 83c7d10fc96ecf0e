/**
 * One life of a writer: the real book on real SQLite files, until the plan lets it die. What is on
 * the disk at that moment, perhaps with the end of the last write torn off, is what the next life
 * begins with.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Keys } from "../../src/access/index.ts";
import { AppendQueue } from "../../src/primary/append-queue.ts";
import { type Book, openBook } from "../../src/primary/book.ts";
import type { LedgerLog } from "../../src/primary/log.ts";
import type { Clock } from "../../src/runtime/index.ts";
import type { Group } from "../../src/store/ledger-db.ts";
import { recordingLog } from "../primary/folder.ts";
import type { Random } from "./random.ts";

/** A wall clock that may be set, and a monotonic one that may not. */
export class SimClock implements Clock {
  wallUs = 1_800_000_000_000_000;
  elapsedMs = 0;

  nowUs(): number {
    return this.wallUs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  pass(ms: number): void {
    this.elapsedMs += ms;
    this.wallUs += ms * 1000;
  }
}

/** What befalls a commit. Only the first leaves the writer alive. */
export type Fault = "none" | "full" | "unknown" | "before" | "after" | "torn" | "garbled";

const FILES = ["ledger.db", "ledger.db-wal"] as const;
type Disk = ReadonlyMap<string, Buffer>;

export class Life {
  readonly queue: AppendQueue;
  readonly book: Book;
  /** Resolves when the writer is dead. */
  readonly dead: Promise<void>;
  cause: Fault | undefined;
  #die!: () => void;
  #disk: Disk | undefined;
  readonly #dir: string;

  private constructor(dir: string, book: Book, clock: Clock, fault: () => Fault, random: Random) {
    this.#dir = dir;
    this.book = book;
    this.dead = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.queue = new AppendQueue({
      decider: book.decider,
      log: this.#faulty(book.log, fault, random),
      monotonicMs: () => clock.monotonicMs(),
      onCommit: () => undefined,
      onReceipts: () => undefined,
      onEventFault: (error) => {
        throw error;
      },
      // A primary ends its process here: nothing that follows reaches anybody.
      onFatal: () => this.#end("unknown"),
    });
  }

  static async begin(
    dir: string,
    keys: Keys,
    clock: SimClock,
    fault: () => Fault,
    random: Random,
    trusted: () => boolean,
  ): Promise<Life> {
    const { log } = recordingLog();
    const options = { dataDir: dir, keys, deployment: "dev", clock, log, clockTrusted: trusted };
    return new Life(dir, await openBook(options), clock, fault, random);
  }

  /** Puts what was on the disk into another folder, for the next life. */
  async bury(nextDir: string): Promise<void> {
    const disk = this.#disk ?? this.#read();
    mkdirSync(join(nextDir, "primary"), { recursive: true });
    for (const [name, bytes] of disk) writeFileSync(join(nextDir, "primary", name), bytes);
    const id = join(this.#dir, "primary", "fence");
    if (existsSync(id)) copyFileSync(id, join(nextDir, "primary", "fence"));
    this.queue.halt();
    await this.book.close();
  }

  #end(cause: Fault): void {
    this.cause ??= cause;
    this.#disk ??= this.#read();
    this.queue.halt();
    this.#die();
  }

  #read(): Disk {
    const path = (name: string) => join(this.#dir, "primary", name);
    const present = FILES.filter((name) => existsSync(path(name)));
    return new Map(present.map((name) => [name, readFileSync(path(name))]));
  }

  #faulty(log: LedgerLog, fault: () => Fault, random: Random): LedgerLog {
    const never = new Promise<void>(() => undefined);
    const append = async (group: Group): Promise<void> => {
      const what = fault();
      if (what === "none") return log.append(group);
      this.cause = what;
      if (what === "full") throw new Error("no space left on device");
      if (what === "before") {
        this.#end(what);
        return never;
      }
      const before = this.#read();
      await log.append(group);
      if (what === "torn" || what === "garbled") {
        this.#disk = tear(before, this.#read(), what === "garbled", random);
      }
      if (what === "unknown") throw new Error("nobody knows whether it was written");
      this.#end(what);
      return never;
    };
    return new Proxy(log, {
      get: (target, name) => {
        if (name === "append") return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** The write-ahead log with only a part of its last transaction, or that part gone bad. */
function tear(before: Disk, after: Disk, garble: boolean, random: Random): Disk {
  const old = before.get("ledger.db-wal") ?? Buffer.alloc(0);
  const now = after.get("ledger.db-wal") ?? Buffer.alloc(0);
  const moved = !(before.get("ledger.db")?.equals(after.get("ledger.db")!) ?? false);
  // A transaction that also moved pages into the database can't be told apart from here.
  if (moved || now.length < old.length || now.equals(old)) return before;
  let from = 0;
  const shared = Math.min(old.length, now.length);
  while (from < shared && old[from] === now[from]) from += 1;
  const torn = Buffer.from(now);
  const cut = from + random.below(Math.max(1, now.length - from));
  if (garble) torn[cut]! ^= 1 << random.below(8);
  else old.copy(torn, cut, Math.min(cut, old.length));
  const end = garble ? now.length : Math.max(cut, old.length);
  return new Map([...after, ["ledger.db-wal", torn.subarray(0, end)]]);
}
