/**
 * Whether a stake or a deposit would carry a player beyond a limit.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { counterName } from "./limits-count.ts";
import { SESSION_BREAK_US } from "./limits.ts";
import { limitAt } from "./limits-set.ts";
import { LimitKind, type PlayerRules, type Usage } from "./objects.ts";
import { windowOf } from "./times.ts";
import { entriesOf, usedWithin } from "./usage.ts";

/**
 * The limits on stakes, SESSION first, then WAGER, then LOSS; the strictest of a kind refuses.
 *
 * SESSION: a session begins with the first stake after 15 minutes without one. A stake later than
 * its begin + the limit is refused until there was such a break; refused stakes don't disturb it.
 *
 * WAGER and LOSS: refused when what counts in the window and the stake's cash are more than the
 * limit. A stake without cash isn't asked about.
 */
export function stakeLimitRefusal(
  rules: PlayerRules,
  usage: Usage | undefined,
  currency: string,
  cashMinor: bigint,
  now: number,
): Code | undefined {
  if (rules.limits.length === 0) return undefined;
  if (isSessionOver(rules, usage, now)) return Code.LIMIT_SESSION_REACHED;
  if (cashMinor === 0n) return undefined;
  const exceeds = (kind: LimitKind): boolean => {
    return isExceeded(rules, usage, kind, currency, cashMinor, now);
  };
  if (exceeds(LimitKind.WAGER)) return Code.LIMIT_WAGER_REACHED;
  return exceeds(LimitKind.LOSS) ? Code.LIMIT_LOSS_REACHED : undefined;
}

/** Whether a limit of this kind would be exceeded by so much more. */
export function isExceeded(
  rules: PlayerRules,
  usage: Usage | undefined,
  kind: LimitKind,
  currency: string,
  minor: bigint,
  now: number,
): boolean {
  for (const one of rules.limits) {
    if (one.kind !== kind || one.currency !== currency) continue;
    const limit = limitAt(one, now);
    if (limit === undefined) continue;
    const entries = entriesOf(usage, counterName(kind, currency));
    if (usedWithin(entries, windowOf(limit.period), now) + minor > limit.value) return true;
  }
  return false;
}

function isSessionOver(rules: PlayerRules, usage: Usage | undefined, now: number): boolean {
  if (usage === undefined || usage.sessionLast === 0) return false;
  if (now - usage.sessionLast >= SESSION_BREAK_US) return false;
  for (const one of rules.limits) {
    if (one.kind !== LimitKind.SESSION) continue;
    const limit = limitAt(one, now);
    if (limit === undefined) continue;
    if (BigInt(now - usage.sessionFrom) > limit.value * 1_000_000n) return true;
  }
  return false;
}
