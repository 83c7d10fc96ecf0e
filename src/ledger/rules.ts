/**
 * The rules of every type of event.
 *
 * @module
 */
import { bonusRules } from "./rules-bonus.ts";
import { correctionRules } from "./rules-corrections.ts";
import { depositRules } from "./rules-deposits.ts";
import { type EventRule } from "./event-rule.ts";
import { jackpotRules } from "./rules-jackpots.ts";
import { limitRules } from "./rules-limits.ts";
import { moneyRules } from "./rules-money.ts";
import { noteRules } from "./rules-notes.ts";
import { playerRules } from "./rules-players.ts";
import { walletRules } from "./rules-wallet.ts";
import { withdrawalRules } from "./rules-withdrawals.ts";
import type { Payload, PayloadType } from "./types.ts";

const RULES = {
  ...playerRules,
  ...walletRules,
  ...correctionRules,
  ...jackpotRules,
  ...bonusRules,
  ...moneyRules,
  ...depositRules,
  ...withdrawalRules,
  ...limitRules,
  ...noteRules,
};

/** Types of events, as the payload is named in the contract. */
export const PAYLOAD_TYPES = Object.freeze(Object.keys(RULES) as PayloadType[]);

/** The rule of a type; undefined for a type that this build doesn't know. */
export function ruleOf(type: PayloadType): EventRule | undefined {
  return (RULES as Partial<Record<PayloadType, EventRule<Payload>>>)[type];
}
