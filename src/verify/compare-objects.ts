/**
 * Objects and what few players have, in the form in which projections are compared with them.
 *
 * @module
 */
import type { ProjectedExtras, ProjectedUsage } from "./book.ts";
import type { Counter } from "./counter.ts";
import { rulesOf } from "./judge-players.ts";
import { differences, isDepositOver, isHoldOver, same, type Thing } from "./objects.ts";
import type { DerivedState, Player } from "./state.ts";
import type { Usage } from "./usage.ts";

/** Objects that aren't over: `operator NUL kind NUL key`. */
export function objectsOf(state: DerivedState): Map<string, Thing["value"]> {
  const all = new Map<string, Thing["value"]>();
  const add = (kind: Thing["case"], key: string, value: Thing["value"]): void => {
    const [operator = "", ...own] = key.split("\0");
    all.set(`${operator}\0${kind}\0${own.join("\0")}`, value);
  };
  for (const [key, hold] of state.holds) if (!isHoldOver(hold)) add("hold", key, hold);
  for (const [key, deposit] of state.deposits) {
    if (!isDepositOver(deposit)) add("deposit", key, deposit);
  }
  for (const [operator, rules] of state.velocity) {
    for (const rule of rules) add("velocityRule", `${operator}\0${rule.key}`, rule);
  }
  return all;
}

/** What is wrong with a projection's extras of a player. */
export function extrasFault(
  player: Player,
  projected: ProjectedExtras | undefined,
): string | undefined {
  const { extras } = player;
  if (extras === undefined && projected === undefined) return undefined;
  const rules = rulesOf(player);
  const told = projected?.rules ?? rulesOf({ ...player, extras: undefined });
  if (!same(rules, told)) return `rules: ${differences(rules, told)}`;
  const bonuses = extras?.bonuses ?? [];
  if (!same(bonuses, projected?.bonuses ?? [])) return "its bonuses aren't those of the records";
  const debts = [...(extras?.debts ?? [])].map(([currency, owed]) => `${currency} ${owed}`);
  const owed = (projected?.debts ?? []).map((debt) => `${debt.currency} ${debt.owed}`);
  if (!same(debts.sort(), owed.sort())) return `it owes ${owed.join()}, derived ${debts.join()}`;
  return usageFault(extras?.usage, projected?.usage);
}

function usageFault(
  usage: Usage | undefined,
  told: ProjectedUsage | undefined,
): string | undefined {
  const counters = new Map(usage?.counters);
  for (const { name, entries } of told?.counters ?? []) {
    const counter = counters.get(name);
    counters.delete(name);
    if (counter === undefined) return `it counts ${name}, which nobody asks for`;
    if (counter.joined) continue;
    const right = liveEntries(counter);
    if (!same(right, entries)) {
      return `it counts ${entries.length} amounts of ${name}, derived ${right.length}`;
    }
  }
  for (const name of counters.keys()) return `it doesn't count ${name}`;
  const { bets = [], sessionFrom = 0, sessionLast = 0 } = usage ?? {};
  if (!same(bets, told?.bets ?? [])) return "it counts other open bets";
  if (sessionFrom === (told?.sessionFrom ?? 0) && sessionLast === (told?.sessionLast ?? 0)) {
    return undefined;
  }
  return "its session has another begin or end";
}

/** What the writer still keeps of a counter. */
function liveEntries({ at, minor, droppedTo }: Counter): { at: number; minor: bigint }[] {
  return at.flatMap((time, index) =>
    time > droppedTo ? [{ at: time, minor: minor[index] as bigint }] : [],
  );
}
