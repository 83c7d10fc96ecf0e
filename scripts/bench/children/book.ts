/**
 * Helper: a book in this process, decided and committed group by group as the primary does it, but
 * without its network and its checkpointer. What it says of cost is the writer's own thread.
 */
import { CredentialVerifier, loadKeys, type Credential } from "../../../src/access/index.ts";
import { logger } from "../../../src/ops/index.ts";
import { openBook, type Book } from "../../../src/primary/book.ts";
import { systemClock } from "../../../src/runtime/index.ts";
import { join } from "node:path";
import { nowMs } from "../budget.ts";
import { serveCalls } from "../child.ts";
import { Stamps } from "../stamp.ts";

const GROUP = 500;
/** Groups in which a book is built: the largest that a primary makes. */
const BUILD_GROUP = 2_000;
/** Operators of the rounds that are spread over many. */
const OPERATORS = 64;

/** Whose events a round brings. */
export type Spread = "players" | "one player" | "operators" | "one operator";

interface Side {
  readonly access: Credential;
  readonly refs: readonly string[];
}

let book: Book;
let access: Credential;
let hot: readonly string[] = [];
let sides: readonly Side[] = [];
const stamps = new Stamps();
let random = 0x9e37_79b9;

function below(count: number): number {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((random / 2 ** 32) * count);
}

interface Item {
  readonly event: Uint8Array;
  readonly access: Credential;
}

async function settle(items: readonly Item[]): Promise<string[]> {
  const { decider, log } = book;
  decider.begin();
  const receipts = items.map((item) => decider.add(item));
  const group = decider.group();
  if (group === undefined || group.records.length !== items.length) {
    const bad = receipts.find(({ seq }) => seq === 0n);
    throw new Error(`refused: code ${bad?.code}, field ${bad?.field}`);
  }
  await log.append(group);
  decider.commit();
  return receipts.map(({ playerRef }) => playerRef);
}

async function build(events: number, make: (count: number) => Uint8Array[], by = access) {
  const refs: string[] = [];
  for (let at = 0; at < events; at += BUILD_GROUP) {
    const made = make(Math.min(BUILD_GROUP, events - at));
    for (const ref of await settle(made.map((event) => ({ event, access: by })))) refs.push(ref);
  }
  return refs;
}

/** The players of a number of rounds, and under whose credential they come. */
function choose(spread: Spread, rounds: number): Item[] {
  const round = (ref: string, by: Credential): Item[] =>
    stamps.rounds([ref]).map((event) => ({ event, access: by }));
  return Array.from({ length: rounds }, (_, index) => {
    if (spread === "one player") return round(hot[0]!, access);
    if (spread === "players") return round(hot[below(hot.length)]!, access);
    const side = sides[spread === "operators" ? index % OPERATORS : 0]!;
    return round(side.refs[below(side.refs.length)]!, side.access);
  }).flat();
}

serveCalls({
  /**
   * Opens a book, registers players, gives some of them money, and lets these play until there are
   * enough records. Answers the milliseconds and the records.
   */
  async begin(args: { dir: string; players: number; hot: number; records: number }) {
    const keys = loadKeys(join(args.dir, "keys"));
    const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
    access = await verifier.verify(keys.token("api-play"));
    book = await openBook({
      dataDir: args.dir,
      deployment: "dev",
      keys,
      clock: systemClock,
      log: logger("bench", { level: "error" }),
      clockTrusted: () => true,
    });
    const began = nowMs();
    const refs = await build(args.players, (count) => stamps.registrations(count));
    // Spread over all players, as people who play are.
    const step = Math.max(1, Math.floor(args.players / args.hot));
    hot = refs.filter((_, index) => index % step === 0).slice(0, args.hot);
    let at = 0;
    await build(hot.length, (count) => stamps.deposits(hot.slice(at, (at += count))));
    const rest = args.records - book.log.head().size;
    await build(Math.max(0, rest), (count) =>
      stamps.rounds(Array.from({ length: count / 2 }, () => hot[below(hot.length)]!)),
    );
    return { ms: nowMs() - began, records: book.log.head().size };
  },
  /** Registers players of other operators, for rounds that are spread over them. */
  async operators({ players }: { players: number }): Promise<void> {
    const made: Side[] = [];
    for (let number = 0; number < OPERATORS; number += 1) {
      const by = { ...access, operatorId: `operator-${number}` };
      const refs = await build(players / OPERATORS, (count) => stamps.registrations(count), by);
      await build(refs.length, () => stamps.deposits(refs), by);
      made.push({ access: by, refs });
    }
    // One operator with as many players as all of them together.
    const [first] = made;
    const more = await build(players, (count) => stamps.registrations(count), first!.access);
    let at = 0;
    await build(
      more.length,
      (count) => stamps.deposits(more.slice(at, (at += count))),
      first!.access,
    );
    sides = [{ access: first!.access, refs: more }, ...made.slice(1)];
  },
  /** Settles in groups of 500; answers microseconds per event, of this thread and by the clock. */
  async round({ events, spread }: { events: number; spread: Spread }) {
    const items = choose(spread, events / 2);
    const cpu = process.threadCpuUsage();
    const began = nowMs();
    for (let at = 0; at < items.length; at += GROUP) await settle(items.slice(at, at + GROUP));
    const wallUs = (1_000 * (nowMs() - began)) / items.length;
    const used = process.threadCpuUsage(cpu);
    return { cpuUs: (used.user + used.system) / items.length, wallUs };
  },
  /** Closes the book. */
  async end(): Promise<void> {
    await book.close();
  },
});
