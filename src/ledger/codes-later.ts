/**
 * Codes of the whole catalogue of events: acceptances without effect, players, limits, movements,
 * deposits, withdrawals, bonuses.
 *
 * @module
 */
import { type CodeClass, type CodeEntry, entry } from "./code-entry.ts";
import { Code, type CodeName } from "./code-numbers.ts";

type Line = readonly [name: CodeName, kind: CodeClass, httpStatus: number, text: string];

const LINES = [
  ["WIN_TOMBSTONED", "accepted", 200, "The win is not known; it will be refused if it arrives."],
  ["WIN_ALREADY_ROLLED_BACK", "accepted", 200, "The win was already taken back."],
  ["BET_ALREADY_VOIDED", "accepted", 200, "The bet was already voided."],
  ["ROUND_ALREADY_CLOSED", "accepted", 200, "The round was already closed."],
  ["PLAYER_EXCLUDED", "refusal", 403, "The player is excluded from betting and depositing."],
  ["PLAYER_TIMED_OUT", "refusal", 403, "The player is taking time out."],
  ["PLAYER_FROZEN", "refusal", 403, "The player's money is frozen."],
  ["PLAYER_CLOSED", "refusal", 403, "The player is closed."],
  ["LIMIT_DEPOSIT_REACHED", "limit", 422, "The player's deposit limit is reached."],
  ["LIMIT_LOSS_REACHED", "limit", 422, "The player's loss limit is reached."],
  ["LIMIT_WAGER_REACHED", "limit", 422, "The player's wager limit is reached."],
  ["LIMIT_SESSION_REACHED", "limit", 422, "The player's session has lasted long enough."],
  ["LIMIT_VELOCITY_REACHED", "limit", 422, "Too much in too short a time."],
  ["LIMIT_UNKNOWN", "not_found", 404, "The player has no such limit."],
  ["LIMIT_TOO_MANY", "limit", 422, "The player has too many limits."],
  ["ACCOUNT_FLOOR_REACHED", "limit", 422, "The account must keep more than that."],
  ["ACCOUNT_CEILING_REACHED", "limit", 422, "The account may not hold that much."],
  ["EXCLUSION_ACTIVE", "conflict", 409, "An exclusion or a time-out can only be made longer."],
  ["EXCLUSION_UNKNOWN", "not_found", 404, "The player is not excluded."],
  ["TXN_DUPLICATE", "conflict", 409, "Another movement has this transaction id."],
  ["BET_OPEN", "conflict", 409, "The bet is not settled yet."],
  ["BET_VOIDED", "conflict", 409, "The bet is void."],
  ["WIN_UNKNOWN", "not_found", 404, "There is no such win."],
  ["WIN_ROLLED_BACK", "conflict", 409, "The win was taken back."],
  ["ROUND_UNKNOWN", "not_found", 404, "There is no such round."],
  ["ROUND_TOO_MANY_BETS", "limit", 422, "The round has too many open bets."],
  ["CORRECTION_TOO_MANY", "limit", 422, "The bet was corrected too often."],
  ["JACKPOT_INSUFFICIENT", "refusal", 422, "The jackpot pool holds less."],
  ["RECORD_UNKNOWN", "not_found", 404, "There is no such record."],
  ["DEPOSIT_UNKNOWN", "not_found", 404, "There is no such deposit."],
  ["DEPOSIT_DUPLICATE", "conflict", 409, "The payment was captured already."],
  ["DEPOSIT_MISMATCH", "conflict", 409, "The deposit belongs to another player or currency."],
  ["DEPOSIT_STAGE_INVALID", "conflict", 409, "The deposit doesn't stand where that could happen."],
  ["DEPOSIT_AMOUNT_EXCEEDED", "refusal", 422, "The deposit holds less than that."],
  ["DEBT_EXCEEDED", "refusal", 422, "The player owes less than that."],
  ["HOLD_UNKNOWN", "not_found", 404, "There is no such withdrawal."],
  ["HOLD_DUPLICATE", "conflict", 409, "A withdrawal with this transaction id exists."],
  ["HOLD_MISMATCH", "conflict", 409, "The withdrawal belongs to another player or currency."],
  ["HOLD_STAGE_INVALID", "conflict", 409, "The withdrawal doesn't stand where that could happen."],
  ["HOLD_EXPIRED", "conflict", 409, "The withdrawal's time is over."],
  ["HOLD_NOT_DUE", "conflict", 409, "The withdrawal's time isn't over yet."],
  ["HOLD_AMOUNT_EXCEEDED", "refusal", 422, "The withdrawal holds less than that."],
  ["BONUS_UNKNOWN", "not_found", 404, "There is no such bonus."],
  ["BONUS_DUPLICATE", "conflict", 409, "A bonus with this id exists."],
  ["BONUS_MISMATCH", "conflict", 409, "The bonus belongs to another player."],
  ["BONUS_STAGE_INVALID", "conflict", 409, "The bonus has ended."],
  ["BONUS_IN_PLAY", "conflict", 409, "Bets from the bonus are open."],
  ["BONUS_WAGERING_OPEN", "refusal", 422, "The bonus isn't wagered yet."],
  ["BONUS_NOT_DUE", "conflict", 409, "The bonus's time isn't over yet."],
  ["BONUS_TOO_MANY", "limit", 422, "The player has too many bonuses."],
  ["APPROVAL_MISSING", "auth", 403, "Two different people must approve."],
] as const satisfies readonly Line[];

type LaterCode = (typeof Code)[(typeof LINES)[number][0]];

/** Lines of the catalogue, by number. */
export const LATER_CODES: Readonly<Record<LaterCode, CodeEntry>> = Object.freeze(
  Object.fromEntries(
    LINES.map(([name, kind, httpStatus, text]) => {
      const status = kind === "accepted" ? "accepted" : kind === "auth" ? "rejected" : "refused";
      return [Code[name], entry(name, kind, status, httpStatus, text)];
    }),
  ) as Record<LaterCode, CodeEntry>,
);
