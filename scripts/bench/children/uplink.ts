/**
 * Helper: an edge process's uplink with its callers in the same process, as in an edge.
 */
import { join } from "node:path";
import { loadKeys } from "../../../src/access/index.ts";
import { CheckpointKeeper } from "../../../src/edge/checkpoint-keeper.ts";
import { UPLINK_CALLS_MAX } from "../../../src/edge/limits.ts";
import { Uplink } from "../../../src/edge/uplink.ts";
import { logger } from "../../../src/ops/index.ts";
import { systemClock, trustingFetch } from "../../../src/runtime/index.ts";
import { createLedgerClient } from "../../../src/wire/index.ts";
import { nowMs, pause } from "../budget.ts";
import { serveCalls } from "../child.ts";
import { type MadeEvent, registrations, Workload } from "../workload.ts";

/** Status of an event that was accepted. */
const ACCEPTED = 1;
const SEED_BATCH = 1_000;
const SEED_STRETCH = 20_000;
/** A steady flow comes in this many portions a second. */
const TURNS_PER_SECOND = 100;
/** Long enough for a whole seeding call on a slow machine. */
const DEADLINE_MS = 30_000;

let uplink: Uplink;
let credential = "";
let readKey = "";
let stopped = false;
let workload: Workload;

const submit = ({ key, event }: { key: string; event: Uint8Array }) =>
  uplink.submit({ key, event, credential, ids: {}, deadlineMs: DEADLINE_MS });

/** Answers the receipt, still encoded; what isn't accepted is an error. */
async function settle(event: MadeEvent) {
  const answer = await submit(event);
  if (answer.status === ACCEPTED) return answer;
  const { code, field } = answer.receipt;
  throw new Error(`refused: code ${code}, field ${field}`);
}

async function seed(events: readonly { key: string; event: Uint8Array }[]): Promise<string[]> {
  const refs: string[] = [];
  for (let at = 0; at < events.length; at += SEED_BATCH) {
    const receipts = await Promise.all(events.slice(at, at + SEED_BATCH).map(submit));
    for (const { receipt } of receipts) {
      if (receipt.status !== ACCEPTED) throw new Error(`seeding: code ${receipt.code}`);
      refs.push(receipt.playerRef);
    }
  }
  return refs;
}

/** Registers players a stretch at a time, until there are enough or the time is over. */
async function register(players: number, untilMs: number): Promise<string[]> {
  const refs: string[] = [];
  while (refs.length < players && (refs.length === 0 || nowMs() < untilMs)) {
    const count = Math.min(SEED_STRETCH, players - refs.length);
    const made = registrations(count, refs.length);
    const first = refs.length;
    refs.push(...(await seed(made.map((event, index) => ({ key: `r${first + index}`, event })))));
  }
  return refs;
}

/** A steady flow. */
interface Steady {
  readonly perSecond: number;
  readonly seconds: number;
  /** Where some of the events are followed to; undefined follows none. */
  readonly edgeUrl?: string | undefined;
}

/** What a flow came to. */
interface Flow {
  settled: number;
  readonly lags: number[];
  /** Followed events that the replica didn't show within the edge's own patience. */
  late: number;
}

/** What a measurement begins with. */
interface Begin {
  readonly dir: string;
  readonly primaryUrl: string;
  /** Players wanted, and the seconds that registering them may take. */
  readonly players: number;
  readonly seconds: number;
  /** Players who get money and play. */
  readonly hot: number;
}

serveCalls({
  /** Connects to a primary, registers players, some with money; answers all, and who plays. */
  async begin(args: Begin): Promise<{ players: number; hot: string[]; records: number }> {
    const keys = loadKeys(join(args.dir, "keys"));
    credential = keys.token("api-play");
    readKey = keys.token("api-read");
    const log = logger("bench", { level: "error" });
    const target = { baseUrl: args.primaryUrl, token: keys.token("edge-eu") };
    uplink = new Uplink({
      target: { ...target, fetch: trustingFetch(undefined) },
      checkpoints: new CheckpointKeeper({
        file: join(args.dir, `checkpoint-${process.pid}`),
        publicKey: keys.signingPublic,
        deployment: "dev",
        clock: systemClock,
        log,
      }),
      clock: systemClock,
      log,
      callsMax: UPLINK_CALLS_MAX,
    });
    const refs = await register(args.players, nowMs() + args.seconds * 1_000);
    // Spread over all players, as people who play are.
    const step = Math.max(1, Math.floor(refs.length / args.hot));
    const hot = refs.filter((_, index) => index % step === 0).slice(0, args.hot);
    workload = new Workload(hot);
    await seed(workload.deposits());
    return { players: refs.length, hot, records: 1 + refs.length + hot.length };
  },
  /** One caller after the other's answer, `perCall` events at once; answers the milliseconds. */
  async batches({ events, perCall }: { events: number; perCall: number }): Promise<number> {
    const made = workload.rounds(events);
    const began = nowMs();
    for (let at = 0; at < made.length; at += perCall) {
      await Promise.all(made.slice(at, at + perCall).map(settle));
    }
    return nowMs() - began;
  },
  /** Concurrent callers of single bets; answers the milliseconds. */
  async callers({ events, callers }: { events: number; callers: number }): Promise<number> {
    const made = workload.bets(events);
    let next = 0;
    const caller = async (): Promise<void> => {
      for (let at = next++; at < made.length; at = next++) await settle(made[at] as MadeEvent);
    };
    const began = nowMs();
    await Promise.all(Array.from({ length: callers }, caller));
    return nowMs() - began;
  },
  /** Bets one after the other; answers the milliseconds of each. */
  async singles({ events }: { events: number }): Promise<number[]> {
    const times: number[] = [];
    for (const event of workload.bets(events)) {
      const from = nowMs();
      await settle(event);
      times.push(nowMs() - from);
    }
    return times;
  },
  /** Calls of a Connect server that answers at once; answers the milliseconds of each. */
  async echoes({ url, calls }: { url: string; calls: number }): Promise<number[]> {
    const client = createLedgerClient({ baseUrl: url, token: credential });
    const times: number[] = [];
    for (const { event } of workload.bets(calls)) {
      const from = nowMs();
      await client.append({ credentials: [credential], items: [{ event, credential: 0 }] });
      times.push(nowMs() - from);
    }
    return times;
  },
  /**
   * Bets and settlements at a steady rate, some of them followed to an edge. Answers how many were
   * settled, and for those the milliseconds from the receipt to the edge's answer that shows it.
   */
  async steady(args: Steady): Promise<Flow> {
    const perTurn = Math.max(1, Math.round(args.perSecond / TURNS_PER_SECOND));
    const turns = Math.round((args.perSecond * args.seconds) / perTurn);
    const began = nowMs();
    const flow: Flow = { settled: 0, lags: [], late: 0 };
    const running: Promise<void>[] = [];
    for (let turn = 0; turn < turns && !stopped; turn += 1) {
      const dueMs = began + (turn * perTurn * 1_000) / args.perSecond;
      if (dueMs > nowMs()) await pause(dueMs - nowMs());
      for (const [index, event] of workload.rounds(perTurn).entries()) {
        running.push(follow(event, index === 0 ? args.edgeUrl : undefined, flow));
      }
    }
    await Promise.all(running);
    stopped = false;
    return flow;
  },
  /** Ends a steady flow early. */
  stop(): void {
    stopped = true;
  },
  /** Single bets with a pause after each, followed to an edge. */
  async idle(args: { edgeUrl: string; events: number; pauseMs: number }): Promise<Flow> {
    const flow: Flow = { settled: 0, lags: [], late: 0 };
    for (const event of workload.bets(args.events)) {
      await pause(args.pauseMs * (0.5 + Math.abs(Math.sin(flow.settled))));
      await follow(event, args.edgeUrl, flow);
    }
    return flow;
  },
});

/** Settles an event; then reads its player at an edge with the receipt's bookmark. */
async function follow(event: MadeEvent, edgeUrl: string | undefined, flow: Flow): Promise<void> {
  const { receipt } = await settle(event);
  flow.settled += 1;
  if (edgeUrl === undefined) return;
  const from = nowMs();
  const path = `/v1/players/${event.ref}/balance?at_least=${receipt.bookmark}`;
  const headers = { authorization: `Bearer ${readKey}` };
  const response = await fetch(edgeUrl + path, { headers });
  const answer = (await response.json()) as { freshness?: { source: string } };
  const lagMs = nowMs() - from;
  if (!response.ok) throw new Error(`the edge answered ${response.status} to ${path}`);
  // What the replica doesn't show in time the primary answers: later than can be told from here.
  if (answer.freshness?.source !== "replica") flow.late += 1;
  else flow.lags.push(lagMs);
}
