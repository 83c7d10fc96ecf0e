/**
 * A simulated run: callers whose messages are lost, doubled and late; a writer whose disk fails and
 * who dies at every await; clocks that jump. First safety under all of it, then everything heals
 * and every event must get its receipt.
 */
import { expect } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Credential, Keys } from "../../src/access/index.ts";
import { Code } from "../../src/ledger/index.ts";
import { ledgerEnd, storedBook } from "../../src/cli/verify/stored-book.ts";
import { Audit } from "../../src/verify/index.ts";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import { decodeEvent } from "../../src/wire/index.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { type Fault, Life, SimClock } from "./life.ts";
import { Random } from "./random.ts";
import { Traffic } from "./traffic.ts";

const PLAYERS = 4;
const EVENTS = 160;
const LIVES_MAX = 12;
const HEALING_PASSES_MAX = 3;

/** An event and what its caller was told. */
interface Sent {
  readonly event: Uint8Array;
  readonly key: string;
  receipt?: Receipt | undefined;
}

/** What a run saw, so that a suite of runs can tell whether everything occurred. */
export interface Seen {
  readonly faults: ReadonlySet<Fault>;
  readonly codes: ReadonlySet<number>;
  readonly lives: number;
}

export async function simulate(seed: number, dir: string, keys: Keys, access: Credential) {
  const run = new Run(new Random(seed), dir, keys, access);
  await run.register();
  await run.safety();
  await run.liveness();
  return run.seen();
}

class Run {
  readonly #random: Random;
  readonly #dir: string;
  readonly #keys: Keys;
  readonly #access: Credential;
  readonly #clock = new SimClock();
  readonly #sent: Sent[] = [];
  readonly #faults = new Set<Fault>();
  readonly #players: string[] = [];
  readonly #traffic: Traffic;
  #lives = 0;
  #healed = true;
  #trusted = true;

  constructor(random: Random, dir: string, keys: Keys, access: Credential) {
    this.#random = random;
    this.#dir = dir;
    this.#keys = keys;
    this.#access = access;
    this.#traffic = new Traffic(random, this.#players);
  }

  /** Players first: their references are what the other events are about. */
  async register(): Promise<void> {
    const life = await this.#begin();
    for (let at = 0; at < PLAYERS; at += 1) {
      const one = this.#send(this.#traffic.registration());
      await this.#deliver(life, [one]);
      this.#players.push(one.receipt!.playerRef);
    }
    await this.#bury(life);
  }

  /** Whatever happens, nothing that was acknowledged is lost, doubled or changed. */
  async safety(): Promise<void> {
    this.#healed = false;
    while (this.#sent.length < EVENTS && this.#lives < LIVES_MAX) {
      this.#trusted = !this.#random.chance(0.1);
      const life = await this.#begin();
      this.#check(life);
      while (life.cause === undefined && this.#sent.length < EVENTS) await this.#step(life);
      await this.#bury(life);
    }
  }

  /** Once nothing fails any more, every caller is answered. */
  async liveness(): Promise<void> {
    this.#healed = true;
    this.#trusted = true;
    const life = await this.#begin();
    this.#check(life);
    for (let pass = 0; pass < HEALING_PASSES_MAX; pass += 1) {
      const open = this.#sent.filter(({ receipt }) => receipt === undefined);
      await this.#deliver(life, open);
    }
    expect(this.#sent.filter(({ receipt }) => receipt === undefined)).toEqual([]);
    this.#check(life);
    await this.#bury(life);
    this.#audit();
  }

  seen(): Seen {
    const codes = new Set(this.#sent.map(({ receipt }) => receipt!.code as number));
    return { faults: this.#faults, codes, lives: this.#lives };
  }

  get #folder(): string {
    return join(this.#dir, `life-${this.#lives}`);
  }

  async #begin(): Promise<Life> {
    mkdirSync(this.#folder, { recursive: true });
    const fault = () => this.#fault();
    return Life.begin(this.#folder, this.#keys, this.#clock, fault, this.#random, () => {
      return this.#trusted;
    });
  }

  async #bury(life: Life): Promise<void> {
    this.#lives += 1;
    await life.bury(this.#folder);
  }

  #fault(): Fault {
    if (this.#healed) return "none";
    const weights = { none: 40, full: 1, unknown: 1, before: 1, after: 1, torn: 2, garbled: 2 };
    const fault = this.#random.weighted(weights);
    this.#faults.add(fault);
    return fault;
  }

  /** Some callers send, at once; some of them things they have sent before. */
  async #step(life: Life): Promise<void> {
    this.#tick();
    const calls = Array.from({ length: 1 + this.#random.below(4) }, () => {
      const batch = Array.from({ length: 1 + this.#random.below(4) }, () => this.#choose());
      // The request is lost on its way.
      return this.#random.chance(0.1) ? [] : batch;
    });
    const answered = Promise.all(calls.map((batch) => this.#deliver(life, batch)));
    await Promise.race([answered, life.dead]);
  }

  #choose(): Sent {
    if (this.#sent.length > 0 && this.#random.chance(0.3)) return this.#random.pick(this.#sent);
    return this.#send(this.#traffic.next());
  }

  #send(event: Uint8Array): Sent {
    const decoded = decodeEvent(event, { caller: { operatorId: "demo", source: "sim" } });
    if (!decoded.ok) throw new Error(decoded.message);
    const sent: Sent = { event, key: decoded.event.idempotencyKey };
    this.#sent.push(sent);
    return sent;
  }

  async #deliver(life: Life, batch: readonly Sent[]): Promise<void> {
    if (life.cause !== undefined) return;
    const events = batch.map(({ event }) => ({ event, access: this.#access }));
    const receipts = await life.queue.append(events);
    // The reply is lost on its way.
    if (!this.#healed && this.#random.chance(0.15)) return;
    for (const [index, sent] of batch.entries()) this.#hear(sent, receipts[index]!);
  }

  /** What was told once is told again, word for word. */
  #hear(sent: Sent, receipt: Receipt): void {
    if (receipt.seq === 0n) {
      expect([Code.CLOCK_UNTRUSTED, Code.UNAVAILABLE]).toContain(receipt.code as never);
      return;
    }
    if (sent.receipt !== undefined) {
      const { replayed: _, ...again } = receipt;
      const { replayed: __, ...first } = sent.receipt;
      expect(again).toEqual(first);
    }
    sent.receipt ??= receipt;
  }

  #tick(): void {
    this.#clock.pass(this.#random.below(50));
    if (!this.#random.chance(0.05)) return;
    // The wall clock is set: by up to an hour, in either direction.
    this.#clock.wallUs += (this.#random.below(7_200) - 3_600) * 1_000_000;
  }

  #check(life: Life): void {
    const { log } = life.book;
    for (const { receipt, event } of this.#sent) {
      if (receipt === undefined) continue;
      const record = log.record(Number(receipt.seq));
      expect(record && Buffer.from(record.event)).toEqual(Buffer.from(event));
    }
  }

  /** The auditor finds nothing, and every event is in the book exactly once. */
  #audit(): void {
    const ledger = openLedgerView(join(this.#folder, "primary", "ledger.db"));
    try {
      const { size, tree } = ledgerEnd(ledger);
      const publicKeys = [{ key: this.#keys.signingPublic }];
      const audit = new Audit(storedBook(ledger, tree), { publicKeys });
      audit.advance(size);
      expect(audit.finish().findings).toEqual([]);
      const keys: string[] = [];
      for (const { event } of ledger.reader.read(1, size)) {
        const decoded = decodeEvent(event);
        if (decoded.ok && decoded.event.payload.case !== "epochStarted") {
          keys.push(decoded.event.idempotencyKey);
        }
      }
      expect(keys.sort()).toEqual(this.#sent.map(({ key }) => key).sort());
    } finally {
      ledger.close();
    }
  }
}
