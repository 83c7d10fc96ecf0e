/**
 * What players may not, worked out anew for every question from all records before it: nothing is
 * counted on the way.
 */
import {
  Code,
  type Limit,
  LimitKind,
  LimitPeriod,
  type Payload,
  PlayerStatus,
  type PlayerRules,
  type VelocityRule,
  VelocitySubject,
} from "../../src/ledger/index.ts";
import { betKey, type Entry, id, type World } from "./model-world.ts";

const MINUTE = 60_000_000;
export const DAY = 24 * 60 * MINUTE;
const BREAK = 15 * MINUTE;
const WINDOW = {
  [LimitPeriod.DAY]: DAY,
  [LimitPeriod.WEEK]: 7 * DAY,
  [LimitPeriod.MONTH]: 30 * DAY,
};

/** Of these, cash gained is a win and cash lost a loss. */
const RESULTS: ReadonlySet<string> = new Set([
  "round_settled",
  "bet_rolled_back",
  "win_rolled_back",
  "bet_voided",
  "bet_resettled",
  "round_closed",
  "round_voided",
  "jackpot_won",
]);

export function rulesOf(world: World, ref: string): PlayerRules {
  const none = { limits: [], bounds: [], timeOutUntil: 0, excluded: false, excludedUntil: 0 };
  const free = { exclusionEndsAt: 0, frozen: false, withdrawalsFrozen: false, notBeforeAt: 0 };
  return world.rules.get(ref) ?? { object: "rules", ref, ...none, ...free };
}

/** A limit as it is now, undefined when it is gone. */
export function inForce(limit: Limit, now: number): Limit | undefined {
  if (limit.pendingAt === 0 || limit.pendingAt > now) return limit;
  if (limit.pendingRemoval) return undefined;
  return { ...limit, value: limit.pendingValue, pendingValue: 0n, pendingAt: 0 };
}

/** What must be there for something to be counted, and what it is called. */
export function countings(limits: readonly Limit[]): Set<string> {
  const { SESSION, DEPOSIT } = LimitKind;
  return new Set(
    limits.map(({ kind, currency }) => {
      if (kind === SESSION) return "session";
      return kind === DEPOSIT ? id("deposit", currency) : id("play", currency);
    }),
  );
}

function entriesOf(world: World, ref: string, counting: string): Entry[] {
  const since = world.countedSince.get(id(ref, counting));
  if (since === undefined) return [];
  return world.log.filter((entry) => entry.ref === ref && entry.seq > since);
}

function stakeOf(payload: Payload): { minor: bigint; currency: string } | undefined {
  if (payload.type === "bet_placed") return payload.amount;
  return payload.type === "house_round" ? payload.stake : undefined;
}

/** What counts of an entry against a limit. */
function counted(world: World, kind: LimitKind, currency: string, entry: Entry): bigint {
  const { payload } = entry.command;
  if (kind === LimitKind.DEPOSIT) {
    const isDeposit = payload.type === "deposit_captured" || payload.type === "suspense_matched";
    return isDeposit && payload.amount.currency === currency ? payload.amount.minor : 0n;
  }
  const gained = entry.gained.get(currency) ?? 0n;
  if (stakeOf(payload) === undefined) {
    const isResult = RESULTS.has(payload.type) && entry.returned.length === 0;
    return kind === LimitKind.LOSS && isResult ? -gained : 0n;
  }
  if (isForgiven(world, entry)) return 0n;
  return kind === LimitKind.LOSS ? -gained : (entry.taken.get(currency) ?? 0n);
}

/** Whether a stake came back while its bet was open. Runs stay below what is ever forgotten. */
function isForgiven(world: World, { command }: Entry): boolean {
  const key = betKey(command, command.txnId);
  return world.log.some(({ returned }) => returned.includes(key));
}

function used(world: World, ref: string, kind: LimitKind, currency: string, window: number) {
  const isAlways = kind === LimitKind.DEPOSIT && currency !== "FUN";
  const what = id(kind === LimitKind.DEPOSIT ? "deposit" : "play", currency);
  const entries = isAlways
    ? world.log.filter((entry) => entry.ref === ref)
    : entriesOf(world, ref, what);
  let sum = 0n;
  for (const entry of entries) {
    if (world.now - entry.at < window) sum += counted(world, kind, currency, entry);
  }
  return sum;
}

function limitsOf(world: World, ref: string, kind: LimitKind, currency: string): Limit[] {
  return rulesOf(world, ref)
    .limits.flatMap((limit) => inForce(limit, world.now) ?? [])
    .filter((limit) => limit.kind === kind && limit.currency === currency);
}

/** How much more a limit of this kind lets pass, undefined without one. */
export function roomOf(
  world: World,
  ref: string,
  kind: LimitKind,
  currency: string,
): bigint | undefined {
  let least: bigint | undefined;
  for (const { period, value } of limitsOf(world, ref, kind, currency)) {
    const room = value - used(world, ref, kind, currency, WINDOW[period as LimitPeriod]);
    if (least === undefined || room < least) least = room;
  }
  return least;
}

function exceeds(world: World, ref: string, kind: LimitKind, currency: string, minor: bigint) {
  const room = roomOf(world, ref, kind, currency);
  return room !== undefined && minor > room;
}

function isSessionOver(world: World, ref: string): boolean {
  let [from, last] = [0, 0];
  for (const { at, command } of entriesOf(world, ref, "session")) {
    if (stakeOf(command.payload) === undefined) continue;
    if (last === 0 || at - last >= BREAK) from = at;
    last = at;
  }
  if (last === 0 || world.now - last >= BREAK) return false;
  const longest = limitsOf(world, ref, LimitKind.SESSION, "")[0]?.value;
  return longest !== undefined && BigInt(world.now - from) > longest * 1_000_000n;
}

export function isExcluded({ excluded, exclusionEndsAt }: PlayerRules, now: number): boolean {
  return excluded && (exclusionEndsAt === 0 || now < exclusionEndsAt);
}

function exclusion(world: World, ref: string): Code | undefined {
  const rules = rulesOf(world, ref);
  if (isExcluded(rules, world.now)) return Code.PLAYER_EXCLUDED;
  return world.now < rules.timeOutUntil ? Code.PLAYER_TIMED_OUT : undefined;
}

/** Why a stake may not be, of which so much is cash. */
export function stakeRefusal(
  world: World,
  ref: string,
  { minor, currency }: { minor: bigint; currency: string },
  cash: bigint,
): Code | undefined {
  const person = world.players.get(ref)!;
  const rules = rulesOf(world, ref);
  if (person.status === PlayerStatus.CLOSED) return Code.PLAYER_CLOSED;
  if (person.status === PlayerStatus.BLOCKED) return Code.PLAYER_BLOCKED;
  const excluded = exclusion(world, ref);
  if (excluded !== undefined) return excluded;
  if (rules.frozen) return Code.PLAYER_FROZEN;
  if (isSessionOver(world, ref)) return Code.LIMIT_SESSION_REACHED;
  const limited = (kind: LimitKind): boolean => {
    return cash > 0n && exceeds(world, ref, kind, currency, cash);
  };
  if (limited(LimitKind.WAGER)) return Code.LIMIT_WAGER_REACHED;
  if (limited(LimitKind.LOSS)) return Code.LIMIT_LOSS_REACHED;
  if (isTooFast(world, ref, VelocitySubject.BET, currency, minor)) {
    return Code.LIMIT_VELOCITY_REACHED;
  }
  return isBelowFloor(world, ref, currency, cash) ? Code.ACCOUNT_FLOOR_REACHED : undefined;
}

export function depositRefusal(
  world: World,
  ref: string,
  { minor, currency }: { minor: bigint; currency: string },
): Code | undefined {
  if (world.players.get(ref)!.status === PlayerStatus.CLOSED) return Code.PLAYER_CLOSED;
  const excluded = exclusion(world, ref);
  if (excluded !== undefined) return excluded;
  if (exceeds(world, ref, LimitKind.DEPOSIT, currency, minor)) return Code.LIMIT_DEPOSIT_REACHED;
  if (isTooFast(world, ref, VelocitySubject.DEPOSIT, currency, minor)) {
    return Code.LIMIT_VELOCITY_REACHED;
  }
  const ceiling = boundsOf(world, ref, currency)?.ceiling ?? 0n;
  const isAbove = ceiling > 0n && world.row(ref, currency).available + minor > ceiling;
  return isAbove ? Code.ACCOUNT_CEILING_REACHED : undefined;
}

export function withdrawalRefusal(
  world: World,
  ref: string,
  { minor, currency }: { minor: bigint; currency: string },
): Code | undefined {
  if (rulesOf(world, ref).withdrawalsFrozen) return Code.PLAYER_FROZEN;
  if (isTooFast(world, ref, VelocitySubject.WITHDRAWAL, currency, minor)) {
    return Code.LIMIT_VELOCITY_REACHED;
  }
  return isBelowFloor(world, ref, currency, minor) ? Code.ACCOUNT_FLOOR_REACHED : undefined;
}

function boundsOf(world: World, ref: string, currency: string) {
  return rulesOf(world, ref).bounds.find((one) => one.currency === currency);
}

export function isBelowFloor(world: World, ref: string, currency: string, cash: bigint): boolean {
  const floor = boundsOf(world, ref, currency)?.floor ?? 0n;
  return cash > 0n && floor > 0n && world.row(ref, currency).available - cash < floor;
}

/** Rules that haven't been taken away. */
export function velocityRules(world: World, operator: string): VelocityRule[] {
  return [...world.velocity]
    .filter(
      ([key, rule]) => (JSON.parse(key) as string[])[0] === operator && rule.windowSeconds > 0,
    )
    .map(([, rule]) => rule);
}

/** What a rule counts, under names that change with whatever makes it count anew. */
export function velocityNames({ key, subject, windowSeconds, countMax, currency }: VelocityRule) {
  const name = (what: string): string => id(what, String(subject), String(windowSeconds), key);
  return [...(countMax > 0 ? [name("count")] : []), ...(currency === "" ? [] : [name(currency)])];
}

/** What velocity rules look at. */
export function askedOf(
  payload: Payload,
): { subject: VelocitySubject; minor: bigint; currency: string } | undefined {
  const stake = stakeOf(payload);
  if (stake !== undefined) return { ...stake, subject: VelocitySubject.BET };
  switch (payload.type) {
    case "deposit_captured":
    case "suspense_matched":
      return { ...payload.amount, subject: VelocitySubject.DEPOSIT };
    case "withdrawal_requested":
      return { ...payload.amount, subject: VelocitySubject.WITHDRAWAL };
    default:
      return undefined;
  }
}

/** Counted back from now, until a record of the player at which the name wasn't there. */
function seen(world: World, ref: string, rule: VelocityRule, name: string) {
  let [count, sum] = [0, 0n];
  for (const { ref: whose, at, command, velocity } of world.log.toReversed()) {
    const asked = askedOf(command.payload);
    if (whose !== ref || asked === undefined || velocity.length === 0) continue;
    if (!velocity.includes(name)) break;
    if (asked.subject !== rule.subject || world.now - at >= rule.windowSeconds * 1_000_000)
      continue;
    count += 1;
    if (asked.currency === rule.currency) sum += asked.minor;
  }
  return { count, sum };
}

function isTooFast(
  world: World,
  ref: string,
  subject: VelocitySubject,
  currency: string,
  minor: bigint,
): boolean {
  const { operator } = world.players.get(ref)!;
  return velocityRules(world, operator).some((rule) => {
    if (rule.subject !== subject) return false;
    return velocityNames(rule).some((name) => {
      const { count, sum } = seen(world, ref, rule, name);
      const isCount = rule.countMax > 0 && name === velocityNames({ ...rule, currency: "" })[0];
      if (isCount) return count >= rule.countMax;
      return rule.currency === currency && sum + minor > rule.amountMax;
    });
  });
}
