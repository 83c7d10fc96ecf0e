import { FAIR_VERSION, diceOfferX100, diceWins, rollDice, serverSeedHash } from "../games/index.ts";
import { mulDivFloor } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { hasBonuses } from "./bonus-order.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { namedPlayer } from "./players.ts";
import { Purse } from "./purse.ts";
import { balanceAfter, cashAsked } from "./stakes.ts";
import { mayStake } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { Command, Context, HouseRound, HouseRoundResult, Outcome, Posting } from "./types.ts";
import { txnRefusal } from "./txn-ids.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/**
 * A whole round of a house game. Everything that could refuse it is known before the roll, so a
 * refusal never depends on luck.
 *
 * The stake is taken as that of a bet with funding 0: cash first, then bonus money. The win is
 * shared, the stake wagered and a spent bonus ended as by a settlement. Postings: player:cash,
 * player:bonus (each bonus by its id), rev:bets, rev:wins, player:cash, player:bonus, those that
 * aren't zero.
 */
export function decideHouseRound(
  view: StateView,
  command: Command,
  round: HouseRound,
  context: Context,
): Outcome {
  const { minor: stake, currency } = round.stake;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const taken = txnRefusal(view, command, context);
  if (taken !== undefined) return unchanged(command, context, taken, player, currency);
  const { recordedAt } = context;
  const cash = cashAsked(player, currency, stake, 0, recordedAt);
  const refusal = mayStake(view, player, command, currency, cash, recordedAt);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const multiplierX100 = diceOfferX100(round.game.targetX100, round.game.over);
  if (multiplierX100 === undefined) {
    throw new LedgerError("COMMAND_UNVALIDATED", "a dice bet that is not on offer");
  }
  // Floored in the house's favour. Undefined is above 2^63 - 1, and so above every ceiling.
  const winMax = mulDivFloor(stake, BigInt(multiplierX100), 100n);
  if (winMax === undefined || winMax > context.winCeiling(currency)) {
    return unchanged(command, context, Code.WIN_ABOVE_CEILING, player, currency);
  }
  if (hasBonuses(player))
    return withBonuses(command, player, round, multiplierX100, winMax, context);
  const account = accountOf(player.accounts, currency);
  if (account === undefined || account.available < stake) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  if (!fits(account, winMax - stake)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const houseRound = play(command, player, round, multiplierX100, winMax, context);
  return effective(command, context, Code.OK, player.ref, {
    postings: houseRoundPostings(stake, houseRound.win, currency),
    balances: [movedBalance(account, houseRound.win - stake, 0n)],
    houseRound,
  });
}

/** The round of a player who has bonuses: they pay, win and are wagered. */
function withBonuses(
  command: Command,
  player: Player,
  round: HouseRound,
  multiplierX100: number,
  winMax: bigint,
  context: Context,
): Outcome {
  const { minor, currency } = round.stake;
  const purse = new Purse(player, currency, context.recordedAt);
  const stake = purse.divide(minor, 0);
  if (stake === undefined) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, winMax - minor)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const houseRound = play(command, player, round, multiplierX100, winMax, context);
  purse.play(stake, { minor: houseRound.win, jackpotMinor: 0n, jackpotPool: "" });
  const movement = purse.movement();
  return effective(command, context, Code.OK, player.ref, {
    postings: movement.postings,
    balances: [balanceAfter(account, movement)],
    changes: movement.changes,
    houseRound,
  });
}

function play(
  command: Command,
  player: Player,
  round: HouseRound,
  multiplierX100: number,
  winMax: bigint,
  context: Context,
): HouseRoundResult {
  const { clientSeed, seedPair, nonce } = player;
  const seed = context.serverSeed(command.operatorId, player.ref, context.epoch, seedPair);
  const rollX100 = rollDice(seed, clientSeed, nonce);
  const wins = diceWins(rollX100, round.game.targetX100, round.game.over);
  return {
    serverSeedHash: serverSeedHash(seed),
    clientSeed,
    seedPair,
    nonce,
    fairVersion: FAIR_VERSION,
    rollX100,
    multiplierX100,
    win: wins ? winMax : 0n,
  };
}

/** Gross, so that turnover and wins can be told apart. */
function houseRoundPostings(stake: bigint, win: bigint, currency: string): Posting[] {
  const postings: Posting[] = [
    { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -stake, currency },
    { account: AccountKind.REV_BETS, qualifier: "", minor: stake, currency },
  ];
  if (win > 0n) {
    postings.push(
      { account: AccountKind.REV_WINS, qualifier: "", minor: -win, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: win, currency },
    );
  }
  return postings;
}
