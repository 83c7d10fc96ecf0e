/**
 * What few players have, in one spelling: the same members in the same order, and nothing at all
 * for a player who has nothing.
 *
 * @module
 */
import type { Bonus, Debt, PlayerExtras, PlayerRules, Usage } from "./objects.ts";
import type { Player } from "./state-view.ts";

const NO_BONUSES: readonly Bonus[] = Object.freeze([]);
const NO_DEBTS: readonly Debt[] = Object.freeze([]);

/** The extras of a player after a change. Members left out stay. */
export function extrasWith(
  extras: PlayerExtras | undefined,
  change: Partial<PlayerExtras>,
): PlayerExtras | undefined {
  const bonuses = change.bonuses ?? extras?.bonuses ?? NO_BONUSES;
  const debts = change.debts ?? extras?.debts ?? NO_DEBTS;
  let rules = change.rules ?? extras?.rules;
  if (rules !== undefined && allowsAll(rules)) rules = undefined;
  let usage = change.usage ?? extras?.usage;
  if (usage !== undefined && isNothing(usage)) usage = undefined;
  const isEmpty = rules === undefined && usage === undefined;
  if (isEmpty && bonuses.length === 0 && debts.length === 0) return undefined;
  return { rules, bonuses, debts, usage };
}

/** The rules of a player, those that forbid nothing when there are none. */
export function rulesOf(player: Player): PlayerRules {
  const known = player.extras?.rules;
  if (known !== undefined) return known;
  return {
    object: "rules",
    ref: player.ref,
    limits: [],
    bounds: [],
    timeOutUntil: 0,
    excluded: false,
    excludedUntil: 0,
    exclusionEndsAt: 0,
    frozen: false,
    withdrawalsFrozen: false,
    notBeforeAt: 0,
  };
}

function allowsAll(rules: PlayerRules): boolean {
  return (
    rules.limits.length === 0 &&
    rules.bounds.length === 0 &&
    rules.timeOutUntil === 0 &&
    !rules.excluded &&
    !rules.frozen
  );
}

function isNothing(usage: Usage): boolean {
  return usage.counters.length === 0 && usage.bets.length === 0 && usage.sessionLast === 0;
}
