/**
 * Setting and removing limits of a player.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { FaultContext } from "./event-rule.ts";
import { invalid, missing, moneyFault, ownMoneyFault } from "./faults.ts";
import { LIMITS_MAX } from "./limits.ts";
import { type Limit, LimitKind, LimitPeriod } from "./objects.ts";
import { rulesOf } from "./player-extras.ts";
import { namedPlayer } from "./players.ts";
import { changesRules } from "./rules-change.ts";
import type { StateView } from "./state-view.ts";
import { DAY_US } from "./times.ts";
import type { Command, Context, Fault, LimitSet, Outcome } from "./types.ts";
import { unchanged } from "./verdict.ts";

/** How long loosening and removing wait. */
const NOTICE_US = DAY_US;

const KINDS: ReadonlySet<number> = new Set(Object.values(LimitKind));
const PERIODS: ReadonlySet<number> = new Set(Object.values(LimitPeriod));

/** A limit as it stands; undefined when it is gone by now. */
export function limitAt(limit: Limit, now: number): Limit | undefined {
  if (limit.pendingAt === 0 || now < limit.pendingAt) return limit;
  if (limit.pendingRemoval) return undefined;
  const value = limit.pendingValue;
  return { ...limit, value, pendingValue: 0n, pendingAt: 0, pendingRemoval: false };
}

/**
 * The first fault. A removal names its currency with an amount of zero. A limit of zero lets
 * nothing pass.
 */
export function limitFault(
  set: LimitSet,
  _command: Command,
  context: FaultContext | undefined,
): Fault | undefined {
  const { kind, period, amount, sessionSeconds, remove } = set;
  if (!KINDS.has(kind)) return invalid("limit_set.kind");
  if (kind === LimitKind.SESSION) {
    if (period !== 0) return invalid("limit_set.period");
    if (amount !== undefined) return invalid("limit_set.amount");
    if (remove) return sessionSeconds === 0 ? undefined : invalid("limit_set.session_seconds");
    if (sessionSeconds === 0) return missing("limit_set.session_seconds");
    return sessionSeconds > 0 ? undefined : invalid("limit_set.session_seconds");
  }
  if (period === 0) return missing("limit_set.period");
  if (!PERIODS.has(period)) return invalid("limit_set.period");
  if (amount === undefined) return missing("limit_set.amount");
  // Made-up currencies would fill the list; what is there may always go.
  const fault = remove
    ? ownMoneyFault(amount, "limit_set.amount", 0n)
    : moneyFault(amount, "limit_set.amount", 0n, context);
  if (fault !== undefined) return fault;
  if (remove && amount.minor !== 0n) return invalid("limit_set.amount.minor");
  return sessionSeconds === 0 ? undefined : invalid("limit_set.session_seconds");
}

/**
 * A player's limit of one kind, period and currency (SESSION: one in all).
 *
 * First, pending changes of all the player's limits whose time has come are made: the value, or
 * the removal. Then, in this order:
 * 1. Removing what isn't there: LIMIT_UNKNOWN. A removal becomes pending for 24 hours later; while
 *    one is pending, asking again changes nothing.
 * 2. A new limit counts at once, at the end of the list; LIMIT_TOO_MANY beyond 64.
 * 3. A value up to the present one counts at once, and cancels what is pending.
 * 4. A larger value becomes pending for 24 hours later, in place of what was pending; while the
 *    same value is pending already, asking again changes nothing.
 */
export function decideLimitSet(
  view: StateView,
  command: Command,
  set: LimitSet,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const { recordedAt } = context;
  const limits = rulesOf(player).limits.flatMap((limit) => limitAt(limit, recordedAt) ?? []);
  const after = set.remove
    ? withRemoval(limits, set, recordedAt)
    : withLimit(limits, set, recordedAt);
  if (typeof after === "number") return unchanged(command, context, after, player, "");
  return changesRules(command, context, { ...rulesOf(player), limits: after });
}

function withRemoval(
  limits: readonly Limit[],
  set: LimitSet,
  now: number,
): readonly Limit[] | Code {
  const place = placeOf(limits, set);
  const known = limits[place];
  if (known === undefined) return Code.LIMIT_UNKNOWN;
  if (known.pendingRemoval) return limits;
  const pendingAt = now + NOTICE_US;
  return limits.with(place, { ...known, pendingValue: 0n, pendingAt, pendingRemoval: true });
}

function withLimit(limits: readonly Limit[], set: LimitSet, now: number): readonly Limit[] | Code {
  const { kind, period, amount } = set;
  const value = amount === undefined ? BigInt(set.sessionSeconds) : amount.minor;
  const nothing = { pendingValue: 0n, pendingAt: 0, pendingRemoval: false };
  const place = placeOf(limits, set);
  const known = limits[place];
  if (known === undefined) {
    if (limits.length >= LIMITS_MAX) return Code.LIMIT_TOO_MANY;
    return [...limits, { kind, period, currency: amount?.currency ?? "", value, ...nothing }];
  }
  if (value <= known.value) return limits.with(place, { ...known, value, ...nothing });
  const isPending = known.pendingAt !== 0 && !known.pendingRemoval && known.pendingValue === value;
  if (isPending) return limits;
  const pending = { pendingValue: value, pendingAt: now + NOTICE_US, pendingRemoval: false };
  return limits.with(place, { ...known, ...pending });
}

/** -1 when the player has no such limit. */
function placeOf(limits: readonly Limit[], set: LimitSet): number {
  const currency = set.amount?.currency ?? "";
  return limits.findIndex((one) => {
    return one.kind === set.kind && one.period === set.period && one.currency === currency;
  });
}
