/**
 * Brings the updates of a real bot to the edges, as a webhook would, from a machine that Telegram
 * can't reach. An update is confirmed only after an edge has answered 200.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Logger, OperatorError } from "../../ops/index.ts";
import {
  POLL_MS_MAX, POLL_RETRY_MS, POLL_SECONDS, UPDATE_MS_MAX, UPDATE_ROUNDS_MAX,
} from "./limits.ts";
import type { DevOptions } from "./plan.ts";

interface Update {
  readonly update_id: number;
}

/** What became of one attempt at one edge. */
type Attempt = "taken" | "later" | "broken";

export class RealBotPoller {
  readonly #options: DevOptions;
  readonly #credentials: { readonly token: string; readonly secret: string };
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #offset = 0;
  #edge = 0;

  constructor(
    options: DevOptions,
    credentials: { readonly token: string; readonly secret: string },
    log: Logger,
  ) {
    this.#options = options;
    this.#credentials = credentials;
    this.#log = log;
  }

  /**
   * Asks Telegram once whether this bot can be polled.
   *
   * @throws OperatorError TELEGRAM_REFUSED or TELEGRAM_WEBHOOK_SET
   */
  async check(): Promise<void> {
    const me = await this.#call("getMe", {});
    if (!me.ok) {
      throw new OperatorError("TELEGRAM_REFUSED", `Telegram doesn't take the token: ${me.why}`, {
        hint: "check TELEGRAM_BOT_TOKEN, or unset it to use the stand-in",
      });
    }
    const info = await this.#call("getWebhookInfo", {});
    if (info.ok && (info.result as { url?: string }).url) {
      throw new OperatorError("TELEGRAM_WEBHOOK_SET", "this bot sends its updates to a webhook", {
        hint: "use a bot of your own for development; polling this one would need deleteWebhook",
      });
    }
  }

  start(): void {
    void this.#loop();
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #loop(): Promise<void> {
    for (let failed = 0; !this.#stopping.signal.aborted; ) {
      const answer = await this.#call("getUpdates", {
        offset: this.#offset,
        timeout: POLL_SECONDS,
        allowed_updates: ["message", "callback_query"],
      });
      if (this.#stopping.signal.aborted) return;
      if (!answer.ok) {
        failed += 1;
        this.#log.warn("the bot can't be polled", { why: answer.why });
        await this.#pause(failed);
        continue;
      }
      failed = 0;
      for (const update of answer.result as Update[]) {
        if (!await this.#bring(update)) return;
        this.#offset = update.update_id + 1;
      }
    }
  }

  /** Tries the edges in turn until one takes it; false when stopped before. */
  async #bring(update: Update): Promise<boolean> {
    let broken = 0;
    for (let round = 0; !this.#stopping.signal.aborted; round += 1) {
      let attempt: Attempt = "later";
      for (let tried = 0; tried < this.#options.edges.length; tried += 1) {
        attempt = await this.#attempt(update);
        if (attempt === "taken") return true;
        this.#edge = (this.#edge + 1) % this.#options.edges.length;
      }
      if (attempt === "broken") broken += 1;
      if (broken >= UPDATE_ROUNDS_MAX) {
        this.#log.error("an update that no edge takes is dropped", {
          update_id: update.update_id,
        });
        return true;
      }
      await this.#pause(round + 1);
    }
    return false;
  }

  async #attempt(update: Update): Promise<Attempt> {
    const edge = this.#options.edges[this.#edge]!;
    try {
      const response = await fetch(`${edge.url}/telegram/webhook`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-telegram-bot-api-secret-token": this.#credentials.secret,
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(UPDATE_MS_MAX)]),
      });
      await response.body?.cancel();
      if (response.ok) return "taken";
      return response.status === 503 ? "later" : "broken";
    } catch {
      return "later";
    }
  }

  async #call(
    method: string,
    params: object,
  ): Promise<{ ok: true; result: unknown } | { ok: false; why: string }> {
    try {
      const response = await fetch(
        `${this.#options.realApi}/bot${this.#credentials.token}/${method}`,
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(params),
          signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(POLL_MS_MAX)]),
        },
      );
      const body = await response.json() as { ok: boolean; result?: unknown; description?: string };
      if (body.ok) return { ok: true, result: body.result };
      return { ok: false, why: body.description ?? `status ${response.status}` };
    } catch {
      // The cause may quote the URL, and with it the token.
      return { ok: false, why: "no connection" };
    }
  }

  async #pause(failed: number): Promise<void> {
    const ms = POLL_RETRY_MS[Math.min(failed, POLL_RETRY_MS.length - 1)]!;
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
