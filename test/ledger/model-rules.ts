/** Players, their standing, and what they may not. */
import {
  Code,
  type Command,
  type IdentityKey,
  type Limit,
  type PayloadOf,
  type PlayerRules,
  PlayerStatus,
} from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import { Deed } from "./model-deed.ts";
import { countings, DAY, inForce, isExcluded, rulesOf, velocityRules } from "./model-limits.ts";
import { id, No, type World } from "./model-world.ts";

const LIMITS_MAX = 64;
const VELOCITY_MAX = 32;
const WEEK = 7 * DAY;

export function register(
  world: World,
  { operatorId: operator }: Command,
  identity: IdentityKey | undefined,
): Deed {
  const bound = identity === undefined ? undefined : world.identities.get(identity);
  if (bound !== undefined) throw new No(Code.PLAYER_ALREADY_REGISTERED, bound, "");
  world.minted += 1;
  const ref = refOf(world.minted);
  const seeds = { clientSeed: ref, seedPair: 1, nonce: 0 };
  world.players.set(ref, { operator, status: PlayerStatus.ACTIVE, ...seeds });
  if (identity !== undefined) world.identities.set(identity, ref);
  const deed = new Deed(ref);
  deed.touched.add("FUN");
  return deed;
}

export function changeStatus(
  world: World,
  _command: Command,
  { status }: PayloadOf<"player_status_changed">,
  ref: string,
): Deed {
  const person = world.players.get(ref)!;
  if (person.status === PlayerStatus.CLOSED) throw new No(Code.PLAYER_CLOSED, ref, "");
  world.players.set(ref, { ...person, status });
  const deed = new Deed(ref);
  for (const { currency } of world.rowsOf(ref)) deed.touched.add(currency);
  return deed;
}

export function rotate(
  world: World,
  _command: Command,
  { clientSeed }: PayloadOf<"seeds_rotated">,
  ref: string,
): Deed {
  const person = world.players.get(ref)!;
  const seed = clientSeed === "" ? person.clientSeed : clientSeed;
  const seedPair = person.seedPair + 1;
  world.players.set(ref, { ...person, clientSeed: seed, seedPair, nonce: 0 });
  return new Deed(ref);
}

function changed(world: World, ref: string, change: Partial<PlayerRules>): Deed {
  const deed = new Deed(ref);
  deed.put({ ...rulesOf(world, ref), ...change });
  return deed;
}

export function freeze(
  world: World,
  _command: Command,
  payload: PayloadOf<"player_frozen"> | PayloadOf<"player_unfrozen">,
  ref: string,
): Deed {
  const frozen = payload.type === "player_frozen";
  const withdrawalsFrozen = payload.type === "player_frozen" && payload.withdrawalsToo;
  return changed(world, ref, { frozen, withdrawalsFrozen });
}

export function timeOut(
  world: World,
  _command: Command,
  { until }: PayloadOf<"time_out_set">,
  ref: string,
): Deed {
  const { timeOutUntil } = rulesOf(world, ref);
  if (world.now < timeOutUntil && until < timeOutUntil) {
    throw new No(Code.EXCLUSION_ACTIVE, ref, "");
  }
  return changed(world, ref, { timeOutUntil: until });
}

export function exclude(
  world: World,
  _command: Command,
  { until }: PayloadOf<"self_excluded">,
  ref: string,
): Deed {
  const rules = rulesOf(world, ref);
  const endOf = (end: number): number => (end === 0 ? Infinity : end);
  const isShorter = endOf(until) < endOf(rules.excludedUntil);
  if (isExcluded(rules, world.now) && isShorter) throw new No(Code.EXCLUSION_ACTIVE, ref, "");
  const lasts = isExcluded(rules, world.now);
  const promised = lasts && until === 0 ? Math.max(rules.excludedUntil, rules.notBeforeAt) : 0;
  const dates = { excludedUntil: until, exclusionEndsAt: 0, notBeforeAt: promised };
  return changed(world, ref, { excluded: true, ...dates });
}

export function revoke(
  world: World,
  _command: Command,
  _payload: PayloadOf<"self_exclusion_revoked">,
  ref: string,
): Deed {
  const rules = rulesOf(world, ref);
  if (!isExcluded(rules, world.now)) throw new No(Code.EXCLUSION_UNKNOWN, ref, "");
  if (rules.exclusionEndsAt !== 0) return changed(world, ref, {});
  const { excludedUntil: until } = rules;
  const week = Math.max(world.now + WEEK, rules.notBeforeAt);
  const end = until === 0 ? week : Math.max(until, world.now + DAY);
  return changed(world, ref, { exclusionEndsAt: end });
}

export function setBounds(
  world: World,
  _command: Command,
  { currency, floorMinor: floor, ceilingMinor: ceiling }: PayloadOf<"account_bounds_set">,
  ref: string,
): Deed {
  const { bounds } = rulesOf(world, ref);
  const after = { currency, floor, ceiling };
  const isNone = floor === 0n && ceiling === 0n;
  if (bounds.some((one) => one.currency === currency)) {
    const others = bounds.flatMap((one) => {
      if (one.currency !== currency) return one;
      return isNone ? [] : after;
    });
    return changed(world, ref, { bounds: others });
  }
  if (isNone) return changed(world, ref, {});
  if (bounds.length >= LIMITS_MAX) throw new No(Code.LIMIT_TOO_MANY, ref, "");
  return changed(world, ref, { bounds: [...bounds, after] });
}

export function setLimit(
  world: World,
  _command: Command,
  payload: PayloadOf<"limit_set">,
  ref: string,
): Deed {
  const { kind, period, amount, sessionSeconds, remove } = payload;
  const currency = amount?.currency ?? "";
  const limits = rulesOf(world, ref).limits.flatMap((limit) => inForce(limit, world.now) ?? []);
  const isIt = (one: Limit): boolean => {
    return one.kind === kind && one.period === period && one.currency === currency;
  };
  const known = limits.find(isIt);
  const calm = { pendingValue: 0n, pendingAt: 0, pendingRemoval: false };
  const value = amount === undefined ? BigInt(sessionSeconds) : amount.minor;
  const pendingAt = world.now + DAY;
  let after: Limit | undefined;
  if (known === undefined) {
    if (remove) throw new No(Code.LIMIT_UNKNOWN, ref, "");
    if (limits.length >= LIMITS_MAX) throw new No(Code.LIMIT_TOO_MANY, ref, "");
    limits.push({ kind, period, currency, value, ...calm });
  } else if (remove) {
    after = known.pendingRemoval
      ? known
      : { ...known, pendingValue: 0n, pendingAt, pendingRemoval: true };
  } else if (value <= known.value) after = { ...known, ...calm, value };
  else {
    const isPending = known.pendingAt > 0 && !known.pendingRemoval && known.pendingValue === value;
    after = isPending ? known : { ...known, pendingValue: value, pendingAt, pendingRemoval: false };
  }
  const all = limits.map((one) => (after !== undefined && isIt(one) ? after : one));
  keepCounting(world, ref, all);
  return changed(world, ref, { limits: all });
}

/** What is counted begins with the first limit that asks for it, and ends with the last. */
function keepCounting(world: World, ref: string, limits: readonly Limit[]): void {
  const asked = countings(limits);
  for (const key of world.countedSince.keys()) {
    const [whose, what] = JSON.parse(key) as [string, string];
    if (whose === ref && !asked.has(what)) world.countedSince.delete(key);
  }
  for (const what of asked) {
    const key = id(ref, what);
    if (!world.countedSince.has(key)) world.countedSince.set(key, world.seq);
  }
}

export function setVelocity(
  world: World,
  { operatorId }: Command,
  payload: PayloadOf<"velocity_rule_set">,
): Deed {
  const { ruleId: key, subject, remove, windowSeconds, countMax, amountMax } = payload;
  const rules = velocityRules(world, operatorId);
  const known = rules.find((rule) => rule.key === key);
  if (known === undefined && remove) throw new No(Code.LIMIT_UNKNOWN, "", "");
  if (known === undefined && rules.length >= VELOCITY_MAX) {
    throw new No(Code.LIMIT_TOO_MANY, "", "");
  }
  const bounds = remove
    ? { windowSeconds: 0, countMax: 0, currency: "", amountMax: 0n }
    : {
        windowSeconds,
        countMax,
        currency: amountMax?.currency ?? "",
        amountMax: amountMax?.minor ?? 0n,
      };
  const deed = new Deed("");
  deed.put({ object: "velocity", key, version: known?.version ?? 0, subject, ...bounds });
  return deed;
}
