/**
 * Bonuses begin: bonus money, or an allowance of free bets.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { BONUSES_MAX } from "./limits.ts";
import { objectClaim } from "./object-life.ts";
import { type Bonus, BonusStage } from "./objects.ts";
import { namedPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { BonusGranted, Command, Context, FreeBetsGranted, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, unchanged } from "./verdict.ts";

/**
 * Bonus money for a player: exp:bonus to player:bonus, whose qualifier is the bonus's id. The bonus
 * is ACTIVE with remaining = the amount and wagering_left as the event says.
 *
 * A bonus id is used once per operator, for ever. A grant whose time is over when it is recorded
 * (expires_at not 0 and <= recorded_at) is refused as BONUS_STAGE_INVALID: it would be of no use.
 */
export function decideGrant(
  view: StateView,
  command: Command,
  grant: BonusGranted,
  context: Context,
): Outcome {
  const { minor, currency } = grant.amount;
  const player = namedPlayer(view, command, context.identity);
  const refusal = grantRefuses(player, command, grant, context);
  if (player === undefined || refusal !== undefined) {
    return unchanged(command, context, refusal ?? Code.PLAYER_UNKNOWN, player, currency);
  }
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, minor)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const { available, bonus, held, version } = account;
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.EXP_BONUS, qualifier: "", minor: -minor, currency },
      { account: AccountKind.PLAYER_BONUS, qualifier: grant.bonusId, minor, currency },
    ],
    balances: [{ currency, available, bonus: bonus + minor, held, version: version + 1 }],
    changes: [
      granted(player, grant, context, {
        remaining: minor,
        freeLeft: 0n,
        wageringLeft: grant.wageringMinor,
        winWageringX100: 0,
      }),
    ],
  });
}

/**
 * An allowance of free bets: nothing is posted before they are placed. The bonus is ACTIVE with
 * free_left = the amount; what its bets win becomes its bonus money. Otherwise as bonus money.
 */
export function decideFreeBets(
  view: StateView,
  command: Command,
  grant: FreeBetsGranted,
  context: Context,
): Outcome {
  const { minor, currency } = grant.amount;
  const player = namedPlayer(view, command, context.identity);
  const refusal = grantRefuses(player, command, grant, context);
  if (player === undefined || refusal !== undefined) {
    return unchanged(command, context, refusal ?? Code.PLAYER_UNKNOWN, player, currency);
  }
  const { postings, balances } = unchanged(command, context, Code.OK, player, currency);
  const { winWageringX100 } = grant;
  const bonus = { remaining: 0n, freeLeft: minor, wageringLeft: 0n, winWageringX100 };
  const changes = [granted(player, grant, context, bonus)];
  return effective(command, context, Code.OK, player.ref, { postings, balances, changes });
}

function grantRefuses(
  player: Player | undefined,
  command: Command,
  { bonusId, expiresAt }: BonusGranted | FreeBetsGranted,
  context: Context,
): Code | undefined {
  if (player === undefined) return Code.PLAYER_UNKNOWN;
  const { hash } = objectClaim(command.operatorId, "bonus", bonusId, 1);
  if (context.facts.claimed(hash) !== undefined) return Code.BONUS_DUPLICATE;
  if (expiresAt !== 0 && expiresAt <= context.recordedAt) return Code.BONUS_STAGE_INVALID;
  const count = player.extras?.bonuses.length ?? 0;
  return count < BONUSES_MAX ? undefined : Code.BONUS_TOO_MANY;
}

/** Members are in the contract's order. */
function granted(
  player: Player,
  grant: BonusGranted | FreeBetsGranted,
  context: Context,
  given: Pick<Bonus, "remaining" | "freeLeft" | "wageringLeft" | "winWageringX100">,
): Bonus {
  return {
    object: "bonus",
    key: grant.bonusId,
    version: 1,
    ref: player.ref,
    currency: grant.amount.currency,
    stage: BonusStage.ACTIVE,
    grantedSeq: context.seq,
    expiresAt: grant.expiresAt,
    remaining: given.remaining,
    staked: 0n,
    freeLeft: given.freeLeft,
    wageringLeft: given.wageringLeft,
    winWageringX100: given.winWageringX100,
    conversionMax: grant.conversionMinorMax,
  };
}
