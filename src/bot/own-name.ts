import type { Api } from "grammy";
import { BotUnavailableError } from "./errors.ts";

/**
 * The bot's own username, in lower case. A bot that wasn't told it asks Telegram, once, when the
 * first command names a bot: until then an edge starts and answers without asking anything.
 */
export class OwnName {
  readonly #api: Api;
  #name: string;

  /** `told` is empty when nobody knows it yet. */
  constructor(api: Api, told: string) {
    this.#api = api;
    this.#name = told.toLowerCase();
  }

  /** @throws BotUnavailableError when Telegram must be asked and doesn't answer */
  async is(name: string): Promise<boolean> {
    if (this.#name === "") this.#name = await this.#ask();
    return name === this.#name;
  }

  async #ask(): Promise<string> {
    try {
      return (await this.#api.getMe()).username.toLowerCase();
    } catch {
      // Not the cause: it may quote the URL, and with it the token.
      throw new BotUnavailableError("BOT_NAME_UNKNOWN", "getMe failed");
    }
  }
}
