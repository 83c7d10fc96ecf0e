/**
 * Floors and ceilings of a player's accounts.
 *
 * @module
 */
import { I64_MAX, isCurrencyCode } from "../money/index.ts";
import { Code } from "./codes.ts";
import { missing } from "./faults.ts";
import { LIMITS_MAX } from "./limits.ts";
import type { AccountBounds, PlayerRules } from "./objects.ts";
import { rulesOf } from "./player-extras.ts";
import { namedPlayer } from "./players.ts";
import { changesRules } from "./rules-change.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { AccountBoundsSet, Command, Context, Fault, Outcome } from "./types.ts";
import { unchanged } from "./verdict.ts";

/** The first fault. */
export function boundsFault(set: AccountBoundsSet): Fault | undefined {
  const { currency, floorMinor: floor, ceilingMinor: ceiling } = set;
  const field = "account_bounds_set.currency";
  if (currency === "") return missing(field);
  if (!isCurrencyCode(currency)) return { code: Code.CURRENCY_UNKNOWN, field };
  const isMinor = (minor: bigint): boolean => minor >= 0n && minor <= I64_MAX;
  if (!isMinor(floor)) {
    return { code: Code.AMOUNT_INVALID, field: "account_bounds_set.floor_minor" };
  }
  const isBelowFloor = ceiling !== 0n && ceiling < floor;
  if (isMinor(ceiling) && !isBelowFloor) return undefined;
  return { code: Code.AMOUNT_INVALID, field: "account_bounds_set.ceiling_minor" };
}

/**
 * Sets both bounds of one account, in place of those before. A floor and a ceiling of 0 take the
 * account's bounds away. LIMIT_TOO_MANY beyond 64 accounts with bounds.
 */
export function decideBounds(
  view: StateView,
  command: Command,
  set: AccountBoundsSet,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const { currency, floorMinor: floor, ceilingMinor: ceiling } = set;
  const rules = rulesOf(player);
  const place = rules.bounds.findIndex((one) => one.currency === currency);
  const after = { currency, floor, ceiling };
  const isNone = floor === 0n && ceiling === 0n;
  let { bounds } = rules;
  if (place >= 0) bounds = isNone ? bounds.toSpliced(place, 1) : bounds.with(place, after);
  else if (!isNone) {
    if (bounds.length >= LIMITS_MAX) {
      return unchanged(command, context, Code.LIMIT_TOO_MANY, player, "");
    }
    bounds = [...bounds, after];
  }
  return changesRules(command, context, { ...rules, bounds });
}

/** Whether taking so much cash would leave less than the floor. */
export function isBelowFloor(
  rules: PlayerRules,
  player: Player,
  currency: string,
  minor: bigint,
): boolean {
  const floor = boundsOf(rules, currency)?.floor ?? 0n;
  return floor > 0n && availableOf(player, currency) - minor < floor;
}

/** Whether a deposit of so much would carry the cash above the ceiling. */
export function isAboveCeiling(
  rules: PlayerRules,
  player: Player,
  currency: string,
  minor: bigint,
): boolean {
  const ceiling = boundsOf(rules, currency)?.ceiling ?? 0n;
  return ceiling > 0n && availableOf(player, currency) + minor > ceiling;
}

function boundsOf(rules: PlayerRules, currency: string): AccountBounds | undefined {
  return rules.bounds.find((one) => one.currency === currency);
}

function availableOf(player: Player, currency: string): bigint {
  return accountOf(player.accounts, currency)?.available ?? 0n;
}
