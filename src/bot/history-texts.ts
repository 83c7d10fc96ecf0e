/**
 * What the bot says about the past: one line per operation, newest first.
 *
 * @module
 */
import type { HistoryEntry, HistoryMove, PlayerHistory } from "../edge/bot-port.ts";
import type { Currencies } from "../money/index.ts";
import { money } from "./amount.ts";
import { MESSAGE_CHARS_MAX } from "./limits.ts";
import { age, BALANCE, HISTORY, reply, type Reply } from "./texts.ts";

/** Names of operations; others are called what the book calls them. */
const NAMES: Readonly<Record<string, string>> = Object.freeze({
  house_round: "Dice",
  bet_placed: "Bet",
  round_settled: "Settled",
  round_closed: "Round closed",
  round_voided: "Round void",
  bet_rolled_back: "Bet returned",
  bet_voided: "Bet void",
  bet_resettled: "Bet settled again",
  win_rolled_back: "Win taken back",
  jackpot_won: "Jackpot",
  deposit_captured: "Deposit",
  deposit_refunded: "Deposit refunded",
  deposit_charged_back: "Deposit charged back",
  withdrawal_requested: "Withdrawal",
  withdrawal_settled: "Withdrawal paid",
  withdrawal_released: "Withdrawal released",
  withdrawal_failed: "Withdrawal failed",
  withdrawal_expired: "Withdrawal expired",
  bonus_granted: "Bonus",
  bonus_converted: "Bonus to cash",
  bonus_expired: "Bonus expired",
  adjustment_posted: "Correction",
  currency_exchanged: "Exchange",
});

/** What a person has in hand; the other accounts only hold money on its way. */
const IN_HAND: ReadonlySet<string> = new Set(["cash", "bonus"]);

/** The newest operations. */
export function history({ entries, freshness }: PlayerHistory, currencies: Currencies): Reply {
  const asOf = `As of ${age(freshness.ageMs)} ago, record ${freshness.seq}.`;
  if (entries.length === 0) return reply(`Nothing has happened yet.\n\n${asOf}`, [BALANCE]);
  const lines = entries.map((entry) => line(entry, currencies));
  // Long amounts may fill a message sooner: what is oldest gives way.
  let shown = lines.length;
  const text = (): string => `${lines.slice(0, shown).join("\n")}\n\n${asOf}`;
  while (shown > 1 && text().length > MESSAGE_CHARS_MAX) shown -= 1;
  return reply(text(), [HISTORY, BALANCE]);
}

/** Search is away or behind. */
export function unavailable(): Reply {
  return reply(
    "I can't look into the past just now; your money is safe, and /balance works. " +
      "Please try again in a moment.",
    [HISTORY, BALANCE],
  );
}

function line({ recordedAt, type, moves }: HistoryEntry, currencies: Currencies): string {
  const name = NAMES[type] ?? type.replaceAll("_", " ");
  const inHand = moves.filter(({ bucket }) => IN_HAND.has(bucket));
  const told =
    inHand.length === 0
      ? still(type, moves, currencies)
      : inHand.map((move) => change(move, currencies)).join(", ");
  const last = inHand.at(-1);
  const left = last === undefined ? "" : ` → ${money(last.balance, last.currency, currencies)}`;
  return `${moment(recordedAt)} ${name}: ${told}${left}`;
}

function change({ amount, currency, bucket }: HistoryMove, currencies: Currencies): string {
  const sign = amount < 0n ? "−" : "+";
  const kind = bucket === "bonus" ? " bonus" : "";
  return `${sign}${money(amount < 0n ? -amount : amount, currency, currencies)}${kind}`;
}

/** Nothing came to hand: a stake that was held is lost, say. */
function still(type: string, moves: readonly HistoryMove[], currencies: Currencies): string {
  if (type === "round_settled" || type === "round_closed") return "no win";
  const [first] = moves;
  return first === undefined ? "no change" : `${change(first, currencies)} held`;
}

/** Day and time in UTC: 21 Nov 11:02. */
function moment(recordedAt: number): string {
  const words = new Date(recordedAt / 1000).toUTCString().split(" ");
  const [, day = "", month = "", , time = ""] = words;
  return `${day} ${month} ${time.slice(0, 5)}`;
}
