/**
 * House rounds: stake, outcome and settlement in one record.
 *
 * @module
 */
import type { HouseRound } from "../wire/gen/countroom/v1/event_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { diceMultiplier } from "./dice.ts";
import type { Entry } from "./entry.ts";
import { line } from "./lines.ts";
import { mayStake } from "./standing.ts";
import { bonusesOf, cashOf, type DerivedState, fits } from "./state.ts";
import { txnTaken } from "./txn-names.ts";
import { absurd, amountFault, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";
import { cashAsked, FUNDING, Working } from "./working.ts";

const I64_MAX = 2n ** 63n - 1n;

/** Whatever could refuse a round is known before its roll, so refusals don't depend on luck. */
export function judgeHouseRound(
  state: DerivedState,
  entry: Entry,
  { stake, game }: HouseRound,
  now: number,
): Verdict {
  const wrong = amountFault(stake, 1n);
  if (wrong !== undefined || stake === undefined) return absurd(String(wrong));
  const { minor, currency } = stake;
  if (game.case !== "dice") return absurd("it has no game");
  const multiplier = diceMultiplier(game.value.targetX100, game.value.over);
  if (multiplier === undefined) return absurd("no roll wins it");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const told = entry.outcome.code;
  const taken = txnTaken(state, entry);
  if (taken !== undefined) return taken;
  const cash = cashAsked(player, currency, minor, FUNDING.ANY, now);
  const refusal = mayStake(state, player, { currency, minor, cash, now, told });
  if (refusal !== undefined) return refusal;
  const winMax = (minor * multiplier) / 100n;
  if (winMax > I64_MAX || told === Code.WIN_ABOVE_CEILING) {
    return no(Code.WIN_ABOVE_CEILING, `it could win ${winMax}`);
  }
  const working = new Working(player, currency, now);
  const divided = working.divide(minor, FUNDING.ANY);
  if (divided === undefined) {
    const has = cashOf(player, currency);
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${currency} aren't enough for ${minor}`);
  }
  if (!fits(player, currency, winMax - minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const { detail } = entry.outcome;
  const win = detail.case === "houseRound" ? detail.value.win : 0n;
  const { ref } = entry;
  if (bonusesOf(player).length > 0) {
    working.play(divided, { minor: win, jackpot: 0n, pool: "" });
    return yes({ ref, lines: working.lines, changes: working.changes(), plays: divided });
  }
  const lines = [
    line(AccountKind.PLAYER_CASH, currency, -minor),
    line(AccountKind.REV_BETS, currency, minor),
    line(AccountKind.REV_WINS, currency, -win),
    line(AccountKind.PLAYER_CASH, currency, win),
  ];
  return yes({ ref, lines });
}
