/**
 * What a person wants, read from a text or from a button. Buttons carry the same texts that people
 * type, so there is one parser and nothing else to trust.
 *
 * @module
 */
import { DICE_ROLL_MAX_X100, diceOfferX100 } from "../games/index.ts";
import { hundredths, parseAmount, typedAmount } from "./amount.ts";
import {
  COMMAND_CHARS_MAX,
  COMMAND_WORDS_MAX,
  HISTORY_DEFAULT,
  HISTORY_MAX,
} from "./limits.ts";

/** A roll of the dice: the stake in minor units of FUN, the target in hundredths. */
export interface DiceBet {
  readonly stakeMinor: bigint;
  readonly targetX100: number;
  readonly over: boolean;
}

/** What can be explained when a command isn't complete or makes no sense. */
export type Topic = "deposit" | "play" | "stake" | "target" | "offer" | "history";

export type Intent =
  | { readonly kind: "start" }
  | { readonly kind: "balance" }
  | { readonly kind: "help" }
  | { readonly kind: "history"; readonly count: number }
  | { readonly kind: "deposit"; readonly minor: bigint }
  | { readonly kind: "play"; readonly bet: DiceBet }
  | { readonly kind: "explain"; readonly topic: Topic }
  | { readonly kind: "unknown" };

const UNKNOWN: Intent = { kind: "unknown" };

/** Reads a text such as `/play dice 5 over 50`. Never throws. */
export function readIntent(text: string): Intent {
  if (text.length > COMMAND_CHARS_MAX) return UNKNOWN;
  const words = text.trim().toLowerCase().split(/\s+/).slice(0, COMMAND_WORDS_MAX);
  // Whom a command names was judged before, see `addressee`.
  const [command] = (words[0] ?? "").split("@");
  const rest = words.slice(1);
  switch (command) {
    case "/start":
      return { kind: "start" };
    case "/balance":
      return { kind: "balance" };
    case "/help":
      return { kind: "help" };
    case "/history":
      return readHistory(rest);
    case "/deposit":
      return readDeposit(rest);
    case "/play":
      return readPlay(rest);
    default:
      return UNKNOWN;
  }
}

/**
 * The bot that a command names, in lower case: in a chat with several, `/start@name` is for that
 * one alone. Undefined for commands that name none, and for everything that is no command.
 */
export function addressee(text: string): string | undefined {
  return /^\s*\/[^\s@]*@([^\s@]+)/.exec(text)?.[1]?.toLowerCase();
}

function explain(topic: Topic): Intent {
  return { kind: "explain", topic };
}

function readDeposit(words: readonly string[]): Intent {
  const [amount, ...more] = withoutCurrency(words);
  const minor = more.length === 0 && amount !== undefined ? parseAmount(amount) : undefined;
  return minor === undefined ? explain("deposit") : { kind: "deposit", minor };
}

/** `[n]`: how many operations. */
function readHistory(words: readonly string[]): Intent {
  const [count, ...more] = words;
  if (count === undefined) return { kind: "history", count: HISTORY_DEFAULT };
  const number = /^[1-9][0-9]?$/.test(count) ? Number(count) : Number.NaN;
  if (more.length > 0 || !(number <= HISTORY_MAX)) return explain("history");
  return { kind: "history", count: number };
}

/** `dice <stake> over|under <target>` */
function readPlay(words: readonly string[]): Intent {
  const [game, stake, ...rest] = words;
  const [side, target, ...more] = withoutCurrency(rest);
  if (game !== "dice" || stake === undefined || target === undefined || more.length > 0) {
    return explain("play");
  }
  if (side !== "over" && side !== "under") return explain("play");
  const stakeMinor = parseAmount(stake);
  if (stakeMinor === undefined) return explain("stake");
  const targetX100 = readTarget(target);
  if (targetX100 === undefined) return explain("target");
  const over = side === "over";
  if (diceOfferX100(targetX100, over) === undefined) return explain("offer");
  return { kind: "play", bet: { stakeMinor, targetX100, over } };
}

/** People write "100 FUN"; there is no other currency here. */
function withoutCurrency(words: readonly string[]): readonly string[] {
  const at = words[0] === "fun" ? 0 : words[1] === "fun" ? 1 : -1;
  return at < 0 ? words : words.toSpliced(at, 1);
}

/** 0 to 100 with up to two decimals, by point or comma, in hundredths. */
function readTarget(text: string): number | undefined {
  const match = /^([0-9]{1,3})(?:[.,]([0-9]{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const x100 = Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
  return x100 > DICE_ROLL_MAX_X100 ? undefined : x100;
}

/** The command of a roll; {@link readIntent} reads it back. */
export function diceCommand(bet: DiceBet): string {
  const side = bet.over ? "over" : "under";
  return `/play dice ${typedAmount(bet.stakeMinor)} ${side} ${hundredths(bet.targetX100)}`;
}
