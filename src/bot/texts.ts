/**
 * What the bot says, and the buttons below it. Plain text: nothing needs escaping.
 *
 * @module
 */
import type { BalanceView, PlayerBalances } from "../edge/bot-port.ts";
import { DICE_ROLL_MAX_X100, diceOfferX100 } from "../games/index.ts";
import type { Currencies } from "../money/index.ts";
import type { HouseRoundResult } from "../wire/gen/countroom/v1/record_pb.ts";
import { hundredths, money, twoDigits } from "./amount.ts";
import { diceCommand, type DiceBet, type Topic } from "./intent.ts";

/** A button; `data` is the command that pressing it stands for, at most 64 bytes. */
export interface Button {
  readonly text: string;
  readonly data: string;
}

export interface Reply {
  readonly text: string;
  readonly buttons: readonly (readonly Button[])[];
}

export const BALANCE: Button = { text: "Balance", data: "/balance" };
const DEPOSIT: Button = { text: "Deposit 100", data: "/deposit 100" };
const DICE: Button = { text: "Play dice", data: "/play dice" };
export const HISTORY: Button = { text: "History", data: "/history" };
const HELP: Button = { text: "Help", data: "/help" };
const START: Button = { text: "Open a wallet", data: "/start" };
const OVER: Button = { text: "5 over 50", data: "/play dice 5 over 50" };
const UNDER: Button = { text: "5 under 50", data: "/play dice 5 under 50" };

const PLAY_MONEY_NOTE = "Play money: it can't be bought or paid out.";
const COMMANDS = [
  "/balance – what you have",
  "/history – your last operations, /history 50 for more",
  "/deposit 100 – take play money, 1 to 1 000 000 whole FUN",
  "/play dice 5 over 50 – stake 5 FUN on a roll over 50 (or under), 0.00 to 100.00",
  "/start – open your wallet",
  "/help – this list",
].join("\n");

/** A reply with its rows of buttons. */
export function reply(text: string, ...rows: (readonly Button[])[]): Reply {
  return { text, buttons: rows };
}

const cash = (minor: bigint): string => `Cash: ${money(minor)}`;

export function welcome(): Reply {
  return reply(
    `Welcome to Countroom. Your wallet is open.\n${PLAY_MONEY_NOTE}\n\n` +
      "Take some with /deposit 100, then try /play dice 5 over 50.",
    [BALANCE, DEPOSIT],
    [DICE],
  );
}

export function welcomeBack(available: bigint | undefined): Reply {
  const line = available === undefined ? "" : `\n${cash(available)}`;
  const text = `Welcome back. Your wallet is where you left it.${line}`;
  return reply(text, [BALANCE, DEPOSIT], [DICE]);
}

export function help(): Reply {
  return reply(`${COMMANDS}\n\n${PLAY_MONEY_NOTE}`, [BALANCE, DEPOSIT], [DICE, HISTORY]);
}

export function unknown(): Reply {
  return reply(`I didn't understand that. This is what I can do:\n\n${COMMANDS}`, [BALANCE, HELP]);
}

export function privateOnly(): Reply {
  return reply("Your wallet is between us: please write to me in a private chat.");
}

export function notRegistered(): Reply {
  return reply("You have no wallet yet. Send /start to open one.", [START]);
}

export function explain(topic: Topic): Reply {
  switch (topic) {
    case "deposit":
      return reply(
        "How much? Write a whole number of FUN from 1 to 1 000 000, like /deposit 100.",
        [DEPOSIT, { text: "Deposit 1000", data: "/deposit 1000" }],
      );
    case "play":
      return reply(
        "Dice roll from 0.00 to 100.00. Say your stake and which side you bet on, like\n" +
          "/play dice 5 over 50\n/play dice 5 under 25.5",
        [OVER, UNDER],
      );
    case "stake":
      return reply(
        "The stake is a whole number of FUN from 1 to 1 000 000, like /play dice 5 over 50.",
        [OVER, UNDER],
      );
    case "target":
      return reply(
        "The target is a number from 0 to 100 with at most two decimals, like " +
          "/play dice 5 over 62.5",
        [OVER, UNDER],
      );
    case "history":
      return reply("How many? Write a number from 1 to 50, like /history 20.", [HISTORY, BALANCE]);
    case "offer":
      return reply(
        "That isn't on offer: no roll, or nearly every roll, would win.\n" +
          `Over takes ${range(true)}, under ${range(false)}.`,
        [OVER, UNDER],
      );
    default:
      return unreachable(topic);
  }
}

/** The targets on offer for one side. */
function range(over: boolean): string {
  const offered: number[] = [];
  for (let target = 0; target <= DICE_ROLL_MAX_X100; target += 1) {
    if (diceOfferX100(target, over) !== undefined) offered.push(target);
  }
  return `${hundredths(offered[0]!)} to ${hundredths(offered.at(-1)!)}`;
}

export function balance(answer: PlayerBalances, currencies: Currencies): Reply {
  const { ageMs, seq } = answer.freshness;
  const rows = answer.balances.map((row) => balanceLines(row, currencies));
  return reply(
    `${rows.join("\n\n")}\n\nAs of ${age(ageMs)} ago, record ${seq}.`,
    [BALANCE, DEPOSIT],
    [DICE],
  );
}

function balanceLines(row: BalanceView, currencies: Currencies): string {
  return [
    `Cash: ${money(row.available, row.currency, currencies)}`,
    `Bonus: ${money(row.bonus, row.currency, currencies)}`,
    `Held in rounds: ${money(row.held, row.currency, currencies)}`,
  ].join("\n");
}

/** How old at most, rounded up: a stated age is never less than the true one. */
export function age(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)} ms`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

export function deposited(minor: bigint, available: bigint | undefined): Reply {
  const line = available === undefined ? "" : `\n${cash(available)}`;
  return reply(`Added ${money(minor)}. ${PLAY_MONEY_NOTE}${line}`, [BALANCE, DICE]);
}

export function rolled(
  bet: DiceBet,
  round: HouseRoundResult,
  available: bigint | undefined,
): Reply {
  const side = `${bet.over ? "over" : "under"} ${hundredths(bet.targetX100)}`;
  const roll = twoDigits(BigInt(round.rollX100));
  const result =
    round.win > 0n
      ? `You win ${money(round.win)} (${money(bet.stakeMinor)} × ` +
        `${twoDigits(round.multiplierX100)}).`
      : `You lose ${money(bet.stakeMinor)}.`;
  const line = available === undefined ? "" : `\n${cash(available)}`;
  return reply(
    `🎲 ${roll}, you bet on ${side}. ${result}${line}`,
    [{ text: `Again: ${money(bet.stakeMinor)} ${side}`, data: diceCommand(bet) }],
    [BALANCE, DEPOSIT],
  );
}

export function insufficient(stakeMinor: bigint, available: bigint | undefined): Reply {
  const have = available === undefined ? "you have less" : `you have ${money(available)}`;
  return reply(
    `That costs ${money(stakeMinor)}, and ${have}. Take more play money with /deposit 100.`,
    [DEPOSIT, BALANCE],
  );
}

/** Something that the book refuses and that needs no text of its own. `text` is the code's. */
export function refused(text: string): Reply {
  return reply(`That wasn't done, and your balance is unchanged. ${text}`, [BALANCE, HELP]);
}

function unreachable(value: never): never {
  throw new TypeError(`no text for ${String(value)}`);
}
