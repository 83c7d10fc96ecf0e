/**
 * Says what any event must have done, from the event and the state before it. Written from the
 * documented rules, not from the code that decides.
 *
 * @module
 */
import type { Event } from "../wire/gen/countroom/v1/event_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { judgeRecovery, judgeWriteOff } from "./debts.ts";
import type { Entry } from "./entry.ts";
import { judgeBet, judgeRollback, judgeSettlement } from "./judge-bets.ts";
import {
  judgeConversion,
  judgeExpiry,
  judgeForfeit,
  judgeFreeBets,
  judgeGrant,
} from "./judge-bonuses.ts";
import { judgeResettlement, judgeVoid, judgeWinRollback } from "./judge-corrections.ts";
import { judgeAdvance, judgeCapture } from "./judge-deposits.ts";
import { judgeHouseRound } from "./judge-house-round.ts";
import {
  judgeBounds,
  judgeExclusion,
  judgeLimit,
  judgeRevocation,
  judgeTimeOut,
  judgeVelocityRule,
} from "./judge-limits.ts";
import {
  judgeAdjustment,
  judgeExchange,
  judgeFee,
  judgePspFee,
  judgeRemittance,
} from "./judge-money.ts";
import {
  judgeFact,
  judgeFreeze,
  judgeNamedFact,
  judgeOwn,
  judgeRegistration,
  judgeStatus,
  judgeUnfreeze,
} from "./judge-players.ts";
import {
  judgeJackpotFunded,
  judgeJackpotWon,
  judgeRoundClosed,
  judgeRoundVoided,
} from "./judge-rounds.ts";
import { judgeChargeback, judgeMatch, judgeRefund, judgeSuspense } from "./judge-suspense.ts";
import {
  judgeExtension,
  judgeHoldMove,
  judgeRequest,
  judgeWithdrawalStage,
} from "./judge-withdrawals.ts";
import type { DerivedState } from "./state.ts";
import type { Judge, Verdict } from "./verdict.ts";

type Payload = Event["payload"];
export type Case = NonNullable<Payload["case"]>;
type ValueOf<C extends Case> = Extract<Payload, { case: C }>["value"];

const JUDGES: { readonly [C in Case]: Judge<ValueOf<C>> } = {
  playerRegistered: judgeRegistration,
  playerStatusChanged: judgeStatus,
  playerFrozen: judgeFreeze,
  playerUnfrozen: judgeUnfreeze,
  seedsRotated: judgeNamedFact,
  houseRound: judgeHouseRound,
  betPlaced: judgeBet,
  roundSettled: judgeSettlement,
  betRolledBack: judgeRollback,
  winRolledBack: judgeWinRollback,
  betVoided: judgeVoid,
  betResettled: judgeResettlement,
  roundClosed: judgeRoundClosed,
  roundVoided: judgeRoundVoided,
  jackpotContributed: judgeJackpotFunded,
  jackpotSeeded: judgeJackpotFunded,
  jackpotWon: judgeJackpotWon,
  adjustmentPosted: judgeAdjustment,
  currencyExchanged: judgeExchange,
  feeAccrued: judgeFee,
  bonusGranted: judgeGrant,
  bonusConverted: judgeConversion,
  bonusExpired: judgeExpiry,
  bonusForfeited: judgeForfeit,
  freeBetsGranted: judgeFreeBets,
  depositCaptured: judgeCapture,
  depositAdvanced: judgeAdvance,
  depositRefunded: judgeRefund,
  depositChargedBack: judgeChargeback,
  depositSuspended: judgeSuspense,
  suspenseMatched: judgeMatch,
  pspFeeCharged: judgePspFee,
  pspRemitted: judgeRemittance,
  debtWrittenOff: judgeWriteOff,
  debtRecovered: judgeRecovery,
  withdrawalRequested: judgeRequest,
  withdrawalAdvanced: judgeWithdrawalStage,
  withdrawalSubmitted: judgeHoldMove("submitted"),
  withdrawalSettled: judgeHoldMove("settled"),
  withdrawalFailed: judgeHoldMove("failed"),
  withdrawalReleased: judgeHoldMove("released"),
  withdrawalExpired: judgeHoldMove("expired"),
  withdrawalReversed: judgeHoldMove("reversed"),
  withdrawalExtended: judgeExtension,
  limitSet: judgeLimit,
  timeOutSet: judgeTimeOut,
  selfExcluded: judgeExclusion,
  selfExclusionRevoked: judgeRevocation,
  accountBoundsSet: judgeBounds,
  velocityRuleSet: judgeVelocityRule,
  epochStarted: judgeOwn,
  keyRotated: judgeOwn,
  playerLinked: judgeNamedFact,
  consentRecorded: judgeNamedFact,
  dataRequestNoted: judgeNamedFact,
  authNoted: judgeNamedFact,
  kycNoted: judgeNamedFact,
  kytNoted: judgeNamedFact,
  amlAlerted: judgeNamedFact,
  riskNoted: judgeNamedFact,
  gameSessionNoted: judgeNamedFact,
  roundStarted: judgeNamedFact,
  roundActed: judgeNamedFact,
  roundReported: judgeNamedFact,
  roundNoted: judgeNamedFact,
  seedNoted: judgeNamedFact,
  realityCheckNoted: judgeNamedFact,
  caseNoted: judgeFact,
  gameNoted: judgeFact,
  jackpotNoted: judgeFact,
  betRejected: judgeFact,
  pspWebhookNoted: judgeFact,
  cashierRouteSwitched: judgeFact,
  configChanged: judgeFact,
  operationNoted: judgeFact,
  backupNoted: judgeFact,
  securityNoted: judgeFact,
  significantEvent: judgeFact,
  systemNoted: judgeFact,
  telegramUpdateNoted: judgeFact,
  releaseNoted: judgeFact,
};

/** What the event must have been answered with, and done. */
export function judge(state: DerivedState, entry: Entry, now: number): Verdict {
  const { case: name, value } = entry.event.payload;
  if (name === undefined) throw new TypeError("an entry has a payload");
  return (JUDGES[name] as Judge)(state, entry, value as never, now);
}

/** Events that are about no player, so that none can be unknown. */
const NOBODYS: ReadonlySet<Case> = new Set<Case>([
  "playerRegistered",
  "epochStarted",
  "keyRotated",
  "jackpotSeeded",
  "depositSuspended",
  "pspFeeCharged",
  "pspRemitted",
  "feeAccrued",
  "velocityRuleSet",
]);

/**
 * Whether a recorded code is right beside the verdict's. An identity may name a player beside the
 * event, which the book doesn't show: who says that the player was unknown is believed.
 */
export function isBelieved(told: Code, name: Case): boolean {
  return told === Code.PLAYER_UNKNOWN && !NOBODYS.has(name);
}
