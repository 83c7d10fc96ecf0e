/**
 * Bonuses end: what is left of them becomes cash, or goes back to the operator.
 *
 * A bonus ends with remaining = free_left = 0 and leaves memory; its id stays used. None ends while
 * bets from it are open. Those of which nothing is left end as LOST, in the record that takes the
 * last of it: see `decideSettlement`.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { isDue } from "./bonus-order.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { objectClaim } from "./object-life.ts";
import { type Bonus, BonusStage } from "./objects.ts";
import { namedPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { BonusEnded, BonusForfeited, Command, Context, Outcome, Posting } from "./types.ts";
import { effective, emptyAccount, unchanged } from "./verdict.ts";

type Ended = BonusEnded | BonusForfeited;

/**
 * A bonus that is wagered becomes cash: player:bonus to player:cash, as much as conversion_max
 * says (0: all), the rest to exp:bonus. Free bets that are left lapse. A bonus whose time is over
 * can't be converted any more, whether or not its expiry is in the book already.
 */
export function decideConversion(
  view: StateView,
  command: Command,
  payload: BonusEnded,
  context: Context,
): Outcome {
  return decideEnd(view, command, payload, context, BonusStage.CONVERTED, (bonus) => {
    if (isDue(bonus, context.recordedAt)) return Code.BONUS_STAGE_INVALID;
    if (bonus.staked > 0n) return Code.BONUS_IN_PLAY;
    return bonus.wageringLeft > 0n ? Code.BONUS_WAGERING_OPEN : undefined;
  });
}

/** A bonus whose time is over ends: player:bonus to exp:bonus. Its free bets lapse. */
export function decideExpiry(
  view: StateView,
  command: Command,
  payload: BonusEnded,
  context: Context,
): Outcome {
  return decideEnd(view, command, payload, context, BonusStage.EXPIRED, (bonus) => {
    if (!isDue(bonus, context.recordedAt)) return Code.BONUS_NOT_DUE;
    return bonus.staked > 0n ? Code.BONUS_IN_PLAY : undefined;
  });
}

/** A bonus ends at any time: player:bonus to exp:bonus. Its free bets lapse. */
export function decideForfeit(
  view: StateView,
  command: Command,
  payload: BonusForfeited,
  context: Context,
): Outcome {
  return decideEnd(view, command, payload, context, BonusStage.FORFEITED, (bonus) =>
    bonus.staked > 0n ? Code.BONUS_IN_PLAY : undefined,
  );
}

function decideEnd(
  view: StateView,
  command: Command,
  { bonusId }: Ended,
  context: Context,
  stage: BonusStage,
  refuses: (bonus: Bonus) => Code | undefined,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  const bonus = findBonus(player, command, bonusId, context);
  if (typeof bonus === "number") return unchanged(command, context, bonus, player, "");
  const { currency, remaining } = bonus;
  const refusal = refuses(bonus);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const changes: Bonus[] = [
    { ...bonus, version: bonus.version + 1, stage, remaining: 0n, freeLeft: 0n },
  ];
  if (remaining === 0n) {
    const { postings, balances } = unchanged(command, context, Code.OK, player, currency);
    return effective(command, context, Code.OK, player.ref, { postings, balances, changes });
  }
  const cash = stage === BonusStage.CONVERTED ? convertible(bonus) : 0n;
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  const { available, held, version } = account;
  const after = { available: available + cash, bonus: account.bonus - remaining };
  return effective(command, context, Code.OK, player.ref, {
    postings: endPostings(bonus, cash),
    balances: [{ currency, ...after, held, version: version + 1 }],
    changes,
  });
}

/** The player's bonus, or why it can't be ended by this. */
function findBonus(
  player: Player,
  { operatorId }: Command,
  bonusId: string,
  { facts }: Context,
): Bonus | Code {
  const bonus = player.extras?.bonuses.find((one) => one.key === bonusId);
  if (bonus !== undefined) return bonus;
  const seq = facts.claimed(objectClaim(operatorId, "bonus", bonusId, 1).hash);
  if (seq === undefined) return Code.BONUS_UNKNOWN;
  const first = facts
    .record(seq)
    ?.outcome.changes?.find((change) => change.object === "bonus" && change.key === bonusId);
  if (first?.object !== "bonus") {
    throw new LedgerError("INVARIANT_BROKEN", `record ${seq} has lost its bonus`);
  }
  return first.ref === player.ref ? Code.BONUS_STAGE_INVALID : Code.BONUS_MISMATCH;
}

function convertible({ remaining, conversionMax }: Bonus): bigint {
  return conversionMax === 0n || remaining < conversionMax ? remaining : conversionMax;
}

function endPostings({ key, remaining, currency }: Bonus, cash: bigint): Posting[] {
  const postings: Posting[] = [
    { account: AccountKind.PLAYER_BONUS, qualifier: key, minor: -remaining, currency },
  ];
  if (cash > 0n) {
    postings.push({ account: AccountKind.PLAYER_CASH, qualifier: "", minor: cash, currency });
  }
  if (remaining > cash) {
    const back = remaining - cash;
    postings.push({ account: AccountKind.EXP_BONUS, qualifier: "", minor: back, currency });
  }
  return postings;
}
