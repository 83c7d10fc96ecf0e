/**
 * Goal: acknowledged means durable. After SIGKILL in the middle of traffic every receipt that was
 * given is in the book exactly once, with the same seq and balances; what was unclear can be asked
 * again with the same bytes and happens once; money is neither made nor lost.
 * Method: callers over HTTP keep a journal of what they were told; the primary is killed at random
 * moments, also while it starts; at the end the log itself is counted.
 */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import { decodeEvent, openCheckpoint, type LedgerClient } from "../../src/wire/index.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { uuidv7 } from "../../src/runtime/index.ts";
import { bet, deposit, dice, FUN, registration, settlement } from "../primary/events.ts";
import { makeFolder, startIn, type Folder } from "../primary/folder.ts";
import { startProcess, type PrimaryProcess } from "../primary/process.ts";

const ROUNDS = 5;
const CALLERS = 6;
const PLAYERS = 20;
const BATCH_MAX = 8;
const TRAFFIC_MS_MAX = 700;
const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;

/** mulberry32: enough for choosing moments and events. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Entry {
  readonly event: Uint8Array;
  receipt?: Receipt;
}

class Journal {
  readonly entries = new Map<string, Entry>();
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Sends events; whatever is not answered stays unclear. */
  async send(client: LedgerClient, events: readonly Uint8Array[]): Promise<boolean> {
    const keys = events.map(keyOf);
    for (const [index, key] of keys.entries()) {
      if (!this.entries.has(key)) this.entries.set(key, { event: events[index]! });
    }
    try {
      const { receipts } = await client.append(
        {
          credentials: [this.#folder.token("api-play")],
          items: events.map((event) => ({ event, credential: 0 })),
        },
        { timeoutMs: 5_000 },
      );
      for (const [index, key] of keys.entries()) this.#note(key, receipts[index]!);
      return true;
    } catch {
      return false;
    }
  }

  /** A second receipt must be the first one again. */
  #note(key: string, receipt: Receipt): void {
    if (receipt.seq === 0n) throw new Error(`${key}: ${receipt.code} ${receipt.message}`);
    const entry = this.entries.get(key)!;
    if (entry.receipt !== undefined) {
      const { replayed: _, ...again } = receipt;
      const { replayed: __, ...first } = entry.receipt;
      expect(again).toEqual(first);
      expect(receipt.replayed).toBe(true);
    }
    entry.receipt ??= receipt;
  }

  unclear(): Uint8Array[] {
    return [...this.entries.values()]
      .filter(({ receipt }) => receipt === undefined)
      .map(({ event }) => event);
  }
}

function keyOf(event: Uint8Array): string {
  const decoded = decodeEvent(event);
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.event.idempotencyKey;
}

/** One caller's traffic until the primary is gone. */
async function call(
  primary: PrimaryProcess,
  journal: Journal,
  players: readonly string[],
  random: () => number,
): Promise<void> {
  const client = primary.client();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const open: string[] = [];
  for (;;) {
    const events = Array.from({ length: 1 + Math.floor(random() * BATCH_MAX) }, () => {
      const kind = random();
      if (kind < 0.3) return dice(pick(players), 1n + BigInt(Math.floor(random() * 1_000)));
      if (kind < 0.4) return deposit(pick(players), BigInt(1 + Math.floor(random() * 1_000)));
      if (kind < 0.5) return bet(pick(players), 1_000_000n * FUN, uuidv7());
      if (kind < 0.8 || open.length === 0) {
        open.push(uuidv7());
        return bet(pick(players), BigInt(1 + Math.floor(random() * 1_000)), open.at(-1)!);
      }
      return settlement(open.shift()!, BigInt(Math.floor(random() * 2_000)));
    });
    if (!(await journal.send(client, events))) return;
  }
}

async function digestOf(folder: Folder): Promise<{ size: number; state: string }> {
  const { primary } = await startIn(folder);
  const note = await (await fetch(`${primary.url}/v1/checkpoint`)).text();
  await primary.stop();
  const { size, state } = openCheckpoint(note, folder.keys.signingPublic);
  return { size, state: Buffer.from(state).toString("hex") };
}

test(`every receipt survives SIGKILL, exactly once (seed ${seed})`, async () => {
  console.log(`seed ${seed}`);
  const random = randomFrom(seed);
  await using folder = await makeFolder();
  const journal = new Journal(folder);
  let players: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const primary = await startProcess(folder);
    if (players.length === 0) {
      const joins = Array.from({ length: PLAYERS }, () => registration());
      expect(await journal.send(primary.client(), joins)).toBe(true);
      players = joins.map((join) => journal.entries.get(keyOf(join))!.receipt!.playerRef);
      expect(
        await journal.send(
          primary.client(),
          players.map((player) => deposit(player, 10n * FUN)),
        ),
      ).toBe(true);
    }
    const unclear = journal.unclear();
    if (unclear.length > 0) expect(await journal.send(primary.client(), unclear)).toBe(true);
    const known = [...journal.entries.values()].slice(-200).map(({ event }) => event);
    expect(await journal.send(primary.client(), known)).toBe(true);
    const callers = Array.from({ length: CALLERS }, () => call(primary, journal, players, random));
    await Bun.sleep(50 + random() * TRAFFIC_MS_MAX);
    await primary.kill("SIGKILL");
    await Promise.all(callers);
    // Dies once more while it starts.
    const child = startProcess(folder, { readyMsMax: random() * 500 }).catch(() => undefined);
    await (await child)?.kill("SIGKILL");
  }
  const last = await startProcess(folder);
  const unclear = journal.unclear();
  for (let at = 0; at < unclear.length; at += 500) {
    expect(await journal.send(last.client(), unclear.slice(at, at + 500))).toBe(true);
  }
  await last.kill("SIGKILL");
  await checkBook(folder, journal);
}, 120_000);

/** Counts the log, and rebuilds its state from nothing. */
async function checkBook(folder: Folder, journal: Journal): Promise<void> {
  const counted = new Map<string, number[]>();
  {
    using view = openLedgerView(folder.paths.ledger);
    let next = 1;
    for (const { seq, event } of view.reader.read(1, 1_000_000)) {
      expect(seq).toBe(next++);
      counted.set(keyOf(event), [...(counted.get(keyOf(event)) ?? []), seq]);
    }
  }
  expect([...counted.values()].filter(({ length }) => length > 1)).toEqual([]);
  for (const [key, { receipt }] of journal.entries) {
    expect([key, counted.get(key)]).toEqual([key, [Number(receipt!.seq)]]);
  }
  // One record of the primary's own begins the epoch.
  expect(counted.size).toBe(journal.entries.size + 1);
  console.log(`${journal.entries.size} receipts`);
  const kept = await digestOf(folder);
  rmSync(folder.paths.state);
  expect(await digestOf(folder)).toEqual(kept);
}
