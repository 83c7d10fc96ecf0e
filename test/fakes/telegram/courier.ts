/**
 * Brings updates to the bot: by webhook with Telegram's order and retries, or held for getUpdates
 * while no webhook is set. A failed attempt goes on at the next webhook of the list, as if another
 * edge had taken over the bot's address.
 *
 * @module
 */
import { BotApiError } from "./errors.ts";
import * as limits from "./limits.ts";
import { retryDelayMs } from "./retry.ts";
import type { QueuedUpdate, Update } from "./updates.ts";

export interface Webhook {
  readonly region: string;
  readonly url: string;
}

interface Item extends QueuedUpdate {
  readonly since: number;
  readonly preferred: string | undefined;
}

/** Executes a Bot API call that the webhook's answer carries. */
export type ReplyExecutor = (params: Record<string, unknown>) => Promise<void>;

export class Courier {
  readonly #queues = new Map<string, Item[]>();
  readonly #stopping = new AbortController();
  readonly #execute: ReplyExecutor;
  #held: Item[] = [];
  #webhooks: readonly Webhook[] = [];
  #secret = "";
  /** Index of the webhook that last worked. */
  #current = 0;
  #busy = 0;
  readonly #turns: (() => void)[] = [];
  #wakePoll: (() => void) | undefined;
  #lastError: { date: number; message: string } | undefined;

  constructor(execute: ReplyExecutor) {
    this.#execute = execute;
  }

  /** From now on updates go to these, in turn when one fails; none: they wait for getUpdates. */
  setWebhooks(webhooks: readonly Webhook[], secret: string): void {
    this.#webhooks = webhooks;
    this.#secret = secret;
    this.#current = 0;
    this.#lastError = undefined;
    if (webhooks.length === 0) return;
    const held = this.#held;
    this.#held = [];
    for (const item of held) this.#enqueue(item);
  }

  get webhooks(): readonly Webhook[] {
    return this.#webhooks;
  }

  /** Takes an update for delivery; `preferred` names the region of the first attempt. */
  deliver(update: QueuedUpdate, preferred?: string): void {
    if (this.#pending() >= limits.PENDING_UPDATES_MAX) throw new BotApiError(503, "Too many");
    const item: Item = { ...update, preferred, since: Date.now() };
    if (this.#webhooks.length > 0) return this.#enqueue(item);
    this.#held.push(item);
    this.#wakePoll?.();
  }

  dropPending(): void {
    this.#held = [];
    for (const queue of this.#queues.values()) queue.splice(1);
  }

  /** getUpdates: confirms everything below the offset, then answers what waits. */
  async poll(ask: { offset: number; limit: number; waitMs: number }): Promise<Update[]> {
    if (this.#webhooks.length > 0) {
      throw new BotApiError(409, "Conflict: can't use getUpdates method while webhook is active; " +
        "use deleteWebhook to delete the webhook first");
    }
    this.#held = this.#held.filter((item) => item.update.update_id >= ask.offset);
    this.#wakePoll?.();
    if (this.#held.length === 0 && ask.waitMs > 0) {
      await this.#pause(ask.waitMs, (wake) => {
        this.#wakePoll = wake;
      });
    }
    return this.#held.slice(0, ask.limit).map((item) => item.update);
  }

  /** The answer of getWebhookInfo. */
  info(): Record<string, unknown> {
    return {
      url: this.#webhooks[this.#current]?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: this.#pending(),
      max_connections: limits.CONNECTIONS_MAX,
      ...(this.#lastError === undefined
        ? {}
        : {
          last_error_date: this.#lastError.date, last_error_message: this.#lastError.message,
        }),
    };
  }

  stop(): void {
    this.#stopping.abort();
    this.#queues.clear();
    this.#wakePoll?.();
  }

  #pending(): number {
    let count = this.#held.length;
    for (const queue of this.#queues.values()) count += queue.length;
    return count;
  }

  #enqueue(item: Item): void {
    const queue = this.#queues.get(item.queue);
    if (queue !== undefined) {
      queue.push(item);
      return;
    }
    const fresh = [item];
    this.#queues.set(item.queue, fresh);
    void this.#drain(item.queue, fresh);
  }

  /** Works off one queue in order; the next update waits until this one is taken or expires. */
  async #drain(name: string, queue: Item[]): Promise<void> {
    for (let item = queue[0]; item !== undefined; item = queue[0]) {
      await this.#bring(item);
      if (this.#stopping.signal.aborted) return;
      queue.shift();
    }
    this.#queues.delete(name);
  }

  async #bring(item: Item): Promise<void> {
    const life = item.isCallback ? limits.CALLBACK_LIFE_MS : limits.MESSAGE_LIFE_MS;
    const wanted = this.#webhooks.findIndex((webhook) => webhook.region === item.preferred);
    const first = wanted >= 0 ? wanted : this.#current;
    for (let failed = 0; Date.now() - item.since < life; ) {
      if (this.#stopping.signal.aborted) return;
      const count = this.#webhooks.length;
      if (count === 0) {
        this.#held.push(item);
        return;
      }
      const index = (first + failed) % count;
      const answer = await this.#attempt(item.update, index);
      if (answer.taken) {
        if (wanted < 0) this.#current = index;
        return;
      }
      failed += 1;
      await this.#pause(retryDelayMs(failed, Math.random(), answer.retryAfter));
    }
  }

  async #attempt(
    update: Update,
    index: number,
  ): Promise<{ taken: boolean; retryAfter?: string | null }> {
    const webhook = this.#webhooks[index];
    if (webhook === undefined) return { taken: false };
    await this.#takeTurn();
    try {
      const response = await fetch(webhook.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(this.#secret === "" ? {} : { "x-telegram-bot-api-secret-token": this.#secret }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([
          this.#stopping.signal, AbortSignal.timeout(limits.WEBHOOK_TIMEOUT_MS),
        ]),
      });
      const body = await response.text();
      if (response.ok) {
        await this.#reply(body);
        return { taken: true };
      }
      this.#failed(`Wrong response from the webhook: ${response.status} ${response.statusText}`);
      return { taken: false, retryAfter: response.headers.get("retry-after") };
    } catch {
      this.#failed("Connection refused or timed out");
      return { taken: false };
    } finally {
      this.#busy -= 1;
      this.#turns.shift()?.();
    }
  }

  /** A webhook may answer with one API call, whose result it doesn't learn. */
  async #reply(body: string): Promise<void> {
    if (!body.startsWith("{")) return;
    try {
      await this.#execute(JSON.parse(body) as Record<string, unknown>);
    } catch {
      // Telegram ignores a reply that it can't carry out.
    }
  }

  #failed(message: string): void {
    this.#lastError = { date: Math.floor(Date.now() / 1000), message };
  }

  async #takeTurn(): Promise<void> {
    while (this.#busy >= limits.CONNECTIONS_MAX) {
      await new Promise<void>((resolve) => this.#turns.push(resolve));
    }
    this.#busy += 1;
  }

  /** Waits; stopping ends it early, and so does whoever is given `wake`. */
  async #pause(ms: number, hand?: (wake: () => void) => void): Promise<void> {
    if (ms <= 0 || this.#stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const wake = (): void => resolve();
    this.#stopping.signal.addEventListener("abort", wake);
    hand?.(wake);
    await promise;
    clearTimeout(timer);
    this.#stopping.signal.removeEventListener("abort", wake);
  }
}
