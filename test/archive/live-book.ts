/** A book with a real primary as its writer, in a process of its own, and traffic for it. */
import { join } from "node:path";
import { ensureDevKeys, identityOf, type Keys } from "../../src/access/index.ts";
import { uuidv7 } from "../../src/runtime/index.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createLedgerClient, encodeEvent, type LedgerClient } from "../../src/wire/index.ts";
import type { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";

const START_MS_MAX = 15_000;
const ROOT = join(import.meta.dir, "..", "..");
type EventInit = Exclude<MessageInitShape<typeof EventSchema>, { $typeName: string }>;
type Payload = NonNullable<EventInit["payload"]>;

/** Seeded numbers from 0 to `below`. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Item {
  readonly event: EventInit;
  readonly credential: number;
  readonly identity?: { readonly keyId: string; readonly hash: Uint8Array };
}

/** One running primary. */
export class LiveBook implements AsyncDisposable {
  readonly dir: string;
  readonly keys: Keys;
  readonly players: string[] = [];
  readonly #child: Bun.Subprocess<"ignore", "pipe", "inherit">;
  readonly #client: LedgerClient;
  readonly #random: (below: number) => number;
  #made = 0;

  private constructor(
    dir: string,
    keys: Keys,
    child: Bun.Subprocess<"ignore", "pipe", "inherit">,
    url: string,
    seed: number,
  ) {
    this.dir = dir;
    this.keys = keys;
    this.#child = child;
    this.#client = createLedgerClient({ baseUrl: url, token: keys.token("edge-eu") });
    this.#random = dice(seed);
  }

  static async start(dir: string, seed: number): Promise<LiveBook> {
    const keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
    const command = [process.execPath, "src/cli/main.ts", "primary", "--data", dir, "--port", "0"];
    const env = { ...process.env, COUNTROOM_LOG_LEVEL: "error" };
    const child = Bun.spawn(command, {
      cwd: ROOT,
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), START_MS_MAX);
    const reader = child.stdout.getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the primary on ${dir} did not start`);
      text += new TextDecoder().decode(value);
    }
    clearTimeout(timer);
    reader.releaseLock();
    const { url } = JSON.parse(text) as { url: string };
    return new LiveBook(dir, keys, child, url, seed);
  }

  /** Players with a Telegram identity and 1 000 FUN and 50 USD each. */
  async populate(count: number): Promise<void> {
    const { identity } = this.keys;
    const first = this.players.length;
    const registrations = Array.from({ length: count }, (_, index): Item => ({
      event: this.#event({ case: "playerRegistered", value: {} }),
      credential: 2,
      identity: identityOf(identity, "demo", "telegram", String(90_000 + first + index)),
    }));
    const receipts = await this.#append(registrations);
    this.players.push(...receipts.map(({ playerRef }) => playerRef));
    const deposit = (playerRef: string, minor: bigint, currency: string, rail: string): Item => ({
      event: this.#event(
        {
          case: "depositCaptured",
          value: { amount: { minor, currency }, rail, externalId: `x${this.#made}` },
        },
        { playerRef },
      ),
      credential: 1,
    });
    const fresh = this.players.slice(first);
    await this.#append([
      ...fresh.map((ref) => deposit(ref, 1_000_000_000n, "FUN", "play")),
      ...fresh.map((ref) => deposit(ref, 50_000_000n, "USD", "test-card")),
    ]);
  }

  /** Bets, settlements, rollbacks before and after, dice, refusals; about `count` records. */
  async traffic(count: number, batch = 200): Promise<void> {
    let items: Item[] = [];
    for (let made = 0; made < count;) {
      const round = this.#round();
      items.push(...round);
      made += round.length;
      if (items.length < batch) continue;
      await this.#append(items);
      items = [];
    }
    if (items.length > 0) await this.#append(items);
  }

  #round(): Item[] {
    const playerRef = this.players[this.#random(this.players.length)]!;
    const n = (this.#made += 1);
    const names = { playerRef, roundId: `r${n}`, txnId: `t${n}`, gameId: "slots" };
    const currency = this.#random(3) === 0 ? "USD" : "FUN";
    const minor = BigInt(1 + this.#random(3_000_000));
    const bet: Payload = { case: "betPlaced", value: { amount: { minor, currency } } };
    const end = { ...names, txnId: `e${n}` };
    const win = { minor: BigInt(this.#random(2)) * minor * 2n, currency };
    switch (this.#random(8)) {
      case 0:
        return [this.#play({ case: "betRolledBack", value: { betTxnId: `t${n}` } }, end)];
      case 1:
        return [
          this.#play(bet, names),
          this.#play({ case: "betRolledBack", value: { betTxnId: `t${n}` } }, end),
        ];
      case 2:
        return [this.#play(bet, names)];
      case 3: {
        const game = { case: "dice" as const, value: { targetX100: 5_000, over: true } };
        const stake = { minor, currency: "FUN" };
        return [this.#play({ case: "houseRound", value: { stake, game } }, names)];
      }
      case 4: {
        const amount = { minor: 10n ** 15n, currency };
        return [this.#play({ case: "betPlaced", value: { amount } }, names)];
      }
      default: {
        const settled = { betTxnId: `t${n}`, win, closesRound: true };
        return [this.#play(bet, names), this.#play({ case: "roundSettled", value: settled }, end)];
      }
    }
  }

  #play(payload: Payload, names: Partial<EventInit>): Item {
    return { event: this.#event(payload, names), credential: 0 };
  }

  #event(payload: Payload, more: Partial<EventInit> = {}): EventInit {
    this.#made += 1;
    const id = uuidv7();
    return { eventId: id, occurredAt: 1n, idempotencyKey: id, schemaVersion: 1, payload, ...more };
  }

  async #append(items: readonly Item[]): Promise<Receipt[]> {
    const credentials = ["api-play", "api-cashier", "bot"].map((name) => this.keys.token(name));
    const receipts: Receipt[] = [];
    for (let at = 0; at < items.length; at += 500) {
      const reply = await this.#client.append({
        credentials,
        items: items.slice(at, at + 500).map(({ event, ...rest }) => ({
          event: encodeEvent(event),
          ...rest,
        })),
      });
      for (const receipt of reply.receipts) {
        // 3 and 4: rejected, unavailable. Refusals are records, and wanted.
        if (receipt.status > 2)
          throw new Error(`${receipt.code} ${receipt.field} ${receipt.message}`);
        receipts.push(receipt);
      }
    }
    return receipts;
  }

  kill(): Promise<number> {
    this.#child.kill("SIGKILL");
    return this.#child.exited;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.kill();
  }
}
