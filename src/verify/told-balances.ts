/**
 * Records without effect tell their player's balances: that in the event's currency, or all.
 *
 * @module
 */
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import type { Case } from "./judge.ts";
import { type DerivedState, rowOf } from "./state.ts";
import { playerOf } from "./verdict.ts";

/** Events about an object with a currency of its own: of those, one row may be told. */
const OF_OBJECTS: ReadonlySet<Case> = new Set<Case>([
  "withdrawalAdvanced",
  "withdrawalExtended",
  "withdrawalExpired",
  "betVoided",
  "winRolledBack",
]);

/** Those whose refusals may be about a currency in which the player has no row. */
const PERHAPS_NOTHING: ReadonlySet<Case> = new Set<Case>([
  "bonusConverted",
  "bonusExpired",
  "bonusForfeited",
  "currencyExchanged",
]);

/** Whether a refusal, or an acceptance without effect, leaves out what it must tell. */
export function tellsTooLittle(state: DerivedState, entry: Entry): boolean {
  const { outcome, event } = entry;
  const player = playerOf(state, entry);
  const name = event.payload.case;
  // Whoever wasn't known has no balances.
  if (player === undefined || outcome.code === Code.PLAYER_UNKNOWN || name === undefined) {
    return false;
  }
  const told = outcome.balances.length;
  if (PERHAPS_NOTHING.has(name)) return false;
  if (OF_OBJECTS.has(name)) return told === 0;
  const currency = currencyOf(event.payload.value);
  if (currency === "") return told === 0;
  if (currency === undefined) return told !== player.rows.length;
  return told === 0 && rowOf(player, currency) !== undefined;
}

/** Currency of the money that an event names; bounds of accounts are no money. */
function currencyOf(value: object): string | undefined {
  if ("win" in value && "betTxnId" in value) return currencyIn(value.win);
  if ("withdrawalId" in value) return currencyIn("amount" in value ? value.amount : "") ?? "";
  if ("amount" in value && !("sessionSeconds" in value)) return currencyIn(value.amount);
  return "stake" in value ? currencyIn(value.stake) : undefined;
}

function currencyIn(amount: unknown): string | undefined {
  return (amount as { currency?: string } | undefined)?.currency;
}
