/** Makes Bot API calls fail on demand, so that a bot's manners can be tested. */
import { BotApiError } from "./errors.ts";
import { FAULTS_MAX } from "./limits.ts";

export interface Fault {
  /** Only calls of this method; any when absent. */
  readonly method?: string;
  /** Only calls for this chat; any when absent. */
  readonly chat_id?: number;
  readonly error_code: number;
  readonly description: string;
  readonly retry_after?: number;
  /** How many calls fail. */
  readonly times: number;
}

export class Faults {
  readonly #armed: { fault: Fault; left: number }[] = [];

  arm(fault: Fault): void {
    if (this.#armed.length >= FAULTS_MAX) this.#armed.shift();
    this.#armed.push({ fault, left: fault.times });
  }

  /** Throws when a fault is armed for such a call. */
  check(method: string, params: Readonly<Record<string, unknown>>): void {
    const hit = this.#armed.find(({ fault, left }) =>
      left > 0 &&
      (fault.method === undefined || fault.method.toLowerCase() === method.toLowerCase()) &&
      (fault.chat_id === undefined || String(fault.chat_id) === String(params["chat_id"])));
    if (hit === undefined) return;
    hit.left -= 1;
    const { error_code, description, retry_after } = hit.fault;
    throw new BotApiError(error_code, description, retry_after);
  }
}
