/**
 * Carries out what a person wants and finds the words for it: one event to the primary, or one
 * read, then a reply. Every effect is bound to the update's key, so doing it again changes nothing.
 *
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EdgePort, PlayerBalances, PlayerHistory, PlayerIdentity } from "../edge/bot-port.ts";
import { CODES, Code } from "../ledger/index.ts";
import { type Currencies, DEFAULT_CURRENCIES, PLAY_MONEY } from "../money/index.ts";
import { codeName } from "../wire/codes.ts";
import { type EventSchema, Surface } from "../wire/gen/countroom/v1/event_pb.ts";
import { type Receipt, Status } from "../wire/gen/countroom/v1/record_pb.ts";
import { BoundedMap } from "./bounded-map.ts";
import { BotUnavailableError } from "./errors.ts";
import type { DiceBet, Intent } from "./intent.ts";
import * as history from "./history-texts.ts";
import { BOOKMARKS_MAX } from "./limits.ts";
import * as texts from "./texts.ts";

/** Who asks, and the key that everything done for this update carries. */
export interface Asker {
  readonly identity: PlayerIdentity;
  readonly key: string;
}

export interface DeskOptions {
  readonly port: EdgePort;
  readonly operator: string;
  /** The bot's own credential. */
  readonly credential: string;
  readonly currencies?: Currencies | undefined;
}

type Payload = MessageInitShape<typeof EventSchema>["payload"];

export class Desk {
  readonly #port: EdgePort;
  readonly #operator: string;
  readonly #credential: string;
  readonly #currencies: Currencies;
  /** Newest bookmark this edge handed out, by player: the next balance read includes it. */
  readonly #bookmarks = new BoundedMap<string, string>(BOOKMARKS_MAX);

  constructor(options: DeskOptions) {
    this.#port = options.port;
    this.#operator = options.operator;
    this.#credential = options.credential;
    this.#currencies = options.currencies ?? DEFAULT_CURRENCIES;
  }

  /**
   * Does it and answers.
   *
   * @throws BotUnavailableError when the effect isn't certain: the update must come again.
   */
  async carryOut(intent: Intent, asker: Asker): Promise<texts.Reply> {
    switch (intent.kind) {
      case "start":
        return this.#start(asker);
      case "balance":
        return this.#balance(asker);
      case "history":
        return this.#history(intent.count, asker);
      case "deposit":
        return this.#deposit(intent.minor, asker);
      case "play":
        return this.#play(intent.bet, asker);
      case "help":
        return texts.help();
      case "explain":
        return texts.explain(intent.topic);
      case "unknown":
        return texts.unknown();
      default:
        return unreachable(intent);
    }
  }

  async #start(asker: Asker): Promise<texts.Reply> {
    const receipt = await this.#submit({ case: "playerRegistered", value: {} }, asker);
    switch (receipt.code) {
      case Code.OK:
        return texts.welcome();
      case Code.PLAYER_ALREADY_REGISTERED:
        return texts.welcomeBack(await this.#available(receipt, asker));
      default:
        return refusal(receipt);
    }
  }

  async #deposit(minor: bigint, asker: Asker): Promise<texts.Reply> {
    const value = { amount: { minor, currency: PLAY_MONEY }, rail: "play" };
    const receipt = await this.#submit({ case: "depositCaptured", value }, asker);
    if (receipt.code !== Code.OK) return refusal(receipt);
    return texts.deposited(minor, availableIn(receipt));
  }

  async #play(bet: DiceBet, asker: Asker): Promise<texts.Reply> {
    const stake = { minor: bet.stakeMinor, currency: PLAY_MONEY };
    const dice = { targetX100: bet.targetX100, over: bet.over };
    const value = { stake, game: { case: "dice", value: dice } } as const;
    const receipt = await this.#submit({ case: "houseRound", value }, asker);
    if (receipt.code === Code.FUNDS_INSUFFICIENT) {
      return texts.insufficient(bet.stakeMinor, await this.#available(receipt, asker));
    }
    if (receipt.code !== Code.OK || receipt.detail.case !== "houseRound") return refusal(receipt);
    return texts.rolled(bet, receipt.detail.value, availableIn(receipt));
  }

  async #balance(asker: Asker): Promise<texts.Reply> {
    const answer = await this.#read(asker);
    return answer === undefined ? texts.notRegistered() : texts.balance(answer, this.#currencies);
  }

  /** Reading changes nothing: what can't be told now is said so, and not tried again for hours. */
  async #history(count: number, asker: Asker): Promise<texts.Reply> {
    const atLeast = this.#bookmarks.get(mark(asker));
    const read = (bookmark?: string): Promise<PlayerHistory | undefined> =>
      this.#port.history(this.#operator, asker.identity, count, bookmark);
    try {
      // Better without the last operation than nothing.
      const told = await read(atLeast).catch((error: unknown) => {
        if (atLeast === undefined) throw error;
        return read();
      });
      return told === undefined ? texts.notRegistered() : history.history(told, this.#currencies);
    } catch (error) {
      if (typeof (error as { code?: unknown }).code !== "string") throw error;
      return history.unavailable();
    }
  }

  /** Cash after the receipt; a refusal may not carry it, then it is read. */
  async #available(receipt: Receipt, asker: Asker): Promise<bigint | undefined> {
    const told = availableIn(receipt);
    if (told !== undefined) return told;
    try {
      const answer = await this.#read(asker);
      return answer?.balances.find((row) => row.currency === PLAY_MONEY)?.available;
    } catch (error) {
      // The effect is known; a reply without the figure is better than none.
      if (error instanceof BotUnavailableError) return undefined;
      throw error;
    }
  }

  async #submit(payload: Payload, asker: Asker): Promise<Receipt> {
    const houseRound = payload?.case === "houseRound";
    const receipt = await this.#port.submit(
      {
        idempotencyKey: asker.key,
        surface: Surface.BOT,
        // The update's key is the only id that two edges derive alike.
        txnId: asker.key,
        ...(houseRound ? { roundId: asker.key, gameId: "dice" } : {}),
        payload,
      },
      { credential: this.#credential, identity: asker.identity },
    );
    if (!isFinal(receipt)) {
      throw new BotUnavailableError(codeName(receipt.code), "the primary gave no final answer");
    }
    if (receipt.bookmark !== "") this.#bookmarks.set(mark(asker), receipt.bookmark);
    return receipt;
  }

  async #read(asker: Asker): Promise<PlayerBalances | undefined> {
    const atLeast = this.#bookmarks.get(mark(asker));
    try {
      return await this.#port.balanceByIdentity(this.#operator, asker.identity, atLeast);
    } catch (cause) {
      const code = (cause as { code?: unknown }).code;
      if (typeof code !== "string") throw cause;
      if (atLeast !== undefined && code.startsWith("BOOKMARK_")) {
        // The book was restored to a time before that receipt; what it has now is the truth.
        this.#bookmarks.delete(mark(asker));
        return this.#read(asker);
      }
      throw new BotUnavailableError(code, "the balance can't be read", { cause });
    }
  }
}

/** In the book, or rejected for what the event says; everything else may end differently later. */
function isFinal(receipt: Receipt): boolean {
  if (receipt.status === Status.ACCEPTED || receipt.status === Status.REFUSED) return true;
  if (receipt.status !== Status.REJECTED) return false;
  // An operator must repair these; until then nobody's update may be dropped.
  return !codeName(receipt.code).startsWith("ACCESS_");
}

function refusal(receipt: Receipt): texts.Reply {
  if (receipt.code === Code.PLAYER_UNKNOWN) return texts.notRegistered();
  return texts.refused(CODES[receipt.code as Code]?.text ?? "");
}

function availableIn(receipt: Receipt): bigint | undefined {
  return receipt.balances.find((row) => row.currency === PLAY_MONEY)?.available;
}

/** The identity as a key of a map. */
function mark(asker: Asker): string {
  return String.fromCharCode(...asker.identity.hash);
}

function unreachable(value: never): never {
  throw new TypeError(`no answer to ${String(value)}`);
}
