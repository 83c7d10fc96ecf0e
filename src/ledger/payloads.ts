/**
 * What an event asks for, by type. The types are the names of the contract's oneof fields.
 *
 * @module
 */
import type { Money } from "./money.ts";
import type { NoteType } from "./notes.ts";
import type {
  DebtRecovered,
  DebtWrittenOff,
  DepositAdvanced,
  DepositCaptured,
  DepositReturned,
  DepositSuspended,
  PspFeeCharged,
  PspRemitted,
  SuspenseMatched,
  WithdrawalAdvanced,
  WithdrawalExpired,
  WithdrawalExtended,
  WithdrawalRequested,
  WithdrawalReturned,
  WithdrawalSettled,
  WithdrawalSubmitted,
} from "./payloads-cashier.ts";
import type {
  AdjustmentPosted,
  BetPlaced,
  BetResettled,
  BetRolledBack,
  BetVoided,
  BonusEnded,
  BonusForfeited,
  BonusGranted,
  CurrencyExchanged,
  FeeAccrued,
  FreeBetsGranted,
  HouseRound,
  JackpotMoved,
  RoundClosed,
  RoundSettled,
  RoundVoided,
  WinRolledBack,
} from "./payloads-wallet.ts";
import type {
  AccountBoundsSet,
  LimitSet,
  PlayerFrozen,
  PlayerRegistered,
  PlayerStatusChanged,
  PlayerUnfrozen,
  SeedsRotated,
  SelfExcluded,
  SelfExclusionRevoked,
  TimeOutSet,
  VelocityRuleSet,
} from "./payloads-player.ts";

/** First record of an epoch, written by the primary itself. */
export interface EpochStarted {
  readonly type: "epoch_started";
  readonly reign: string;
  readonly previousEpoch: number;
  readonly previousSize: number;
  readonly previousRoot: Uint8Array;
  readonly reason: string;
}

/** The primary signs with another key from here on; it writes this itself. */
export interface KeyRotated {
  readonly type: "key_rotated";
  readonly previousKeyId: string;
  readonly publicKey: Uint8Array;
  readonly keyId: string;
  readonly reason: string;
}

/** A field of a fact that no rule looks into. */
export type NoteValue = string | bigint | number | boolean | Money | Uint8Array | readonly string[];

/** A fact: kept and proven, without effect on money. */
export interface Note {
  readonly type: NoteType;
  /** By the contract's names of the fields; those left out are absent. */
  readonly fields: Readonly<Record<string, NoteValue>>;
}

/** What an event asks for. */
export type Payload =
  | PlayerRegistered
  | PlayerStatusChanged
  | PlayerFrozen
  | PlayerUnfrozen
  | SeedsRotated
  | DepositCaptured
  | BetPlaced
  | RoundSettled
  | BetRolledBack
  | WinRolledBack
  | BetVoided
  | BetResettled
  | RoundClosed
  | RoundVoided
  | JackpotMoved
  | AdjustmentPosted
  | CurrencyExchanged
  | FeeAccrued
  | BonusGranted
  | FreeBetsGranted
  | BonusEnded
  | BonusForfeited
  | DepositAdvanced
  | DepositReturned
  | DepositSuspended
  | SuspenseMatched
  | PspFeeCharged
  | PspRemitted
  | DebtWrittenOff
  | DebtRecovered
  | WithdrawalRequested
  | WithdrawalAdvanced
  | WithdrawalSubmitted
  | WithdrawalSettled
  | WithdrawalReturned
  | WithdrawalExpired
  | WithdrawalExtended
  | LimitSet
  | TimeOutSet
  | SelfExcluded
  | SelfExclusionRevoked
  | AccountBoundsSet
  | VelocityRuleSet
  | HouseRound
  | EpochStarted
  | KeyRotated
  | Note;

/** Name of an event type. */
export type PayloadType = Payload["type"];

/** The payload of a type; several types may share one form. */
export type PayloadOf<Type extends PayloadType> = OfType<Payload, Type>;

type OfType<Of extends Payload, Type extends PayloadType> = Of extends unknown
  ? Type extends Of["type"]
    ? Of
    : never
  : never;
