/**
 * Applying a record to the state. Nothing is decided here: the recorded outcome is taken, and
 * everything it says is checked against the state before anything changes.
 *
 * The writer, a start, a restore, a standby and every projection apply records by this function.
 *
 * @module
 */
import { PLAY_MONEY } from "../money/index.ts";
import { applyBet, applyHouseRound, applyRollback, applySettlement } from "./apply-rounds.ts";
import { CODES, Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { checkUnchanged, post } from "./post.ts";
import type { Head, MutableState } from "./state-view.ts";
import { PlayerStatus } from "./state-view.ts";
import type { Command, DepositCaptured, EpochStarted, IdentityKey, Outcome } from "./types.ts";
import { LOGIC_VERSION, emptyAccount } from "./verdict.ts";

/** Seed pair of a new player. */
const FIRST_SEED_PAIR = 1;

/**
 * Applies one record. The identity is the one that travels beside a registration.
 *
 * @throws LedgerError when the record doesn't follow the state, contradicts its event, or its
 * postings and balances don't explain its effect
 */
export function apply(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  identity?: IdentityKey | undefined,
): void {
  checkPlace(state.head(), command, outcome);
  if (hasEffect(command, outcome)) applyEffect(state, command, outcome, identity);
  else checkUnchanged(state, outcome);
  state.setHead(outcome.seq, outcome.epoch, outcome.recordedAt);
}

/** Gap-free seq, strictly rising time, and an epoch that only its own record changes. */
function checkPlace(head: Head, command: Command, outcome: Outcome): void {
  const { seq, epoch, recordedAt } = outcome;
  if (seq !== head.seq + 1 || recordedAt <= head.recordedAt || !Number.isSafeInteger(recordedAt)) {
    const after = `seq ${head.seq} at ${head.recordedAt}`;
    throw new LedgerError("RECORD_OUT_OF_ORDER", `at ${recordedAt} can't follow ${after}`, seq);
  }
  if (command.payload.type === "epoch_started") checkEpochStart(head, command.payload, outcome);
  else if (epoch !== head.epoch && head.seq !== 0) {
    const message = `epoch ${epoch} has no start after epoch ${head.epoch}`;
    throw new LedgerError("RECORD_OUT_OF_ORDER", message, seq);
  }
  if (outcome.operatorId !== command.operatorId || outcome.source !== command.source) {
    throw new LedgerError("RECORD_INCONSISTENT", "operator or source is not the event's", seq);
  }
  if (outcome.logicVersion < 1 || outcome.logicVersion > LOGIC_VERSION) {
    const message = `rules of version ${outcome.logicVersion} are not known to this build`;
    throw new LedgerError("RECORD_INCONSISTENT", message, seq);
  }
}

function checkEpochStart(head: Head, start: EpochStarted, outcome: Outcome): void {
  const continues = start.previousEpoch === head.epoch && start.previousSize === head.seq;
  if (continues && outcome.epoch > head.epoch) return;
  const message = `epoch ${outcome.epoch} continues ${start.previousEpoch}-${start.previousSize}`;
  throw new LedgerError("RECORD_OUT_OF_ORDER", message, outcome.seq);
}

/** Whether the record changes accounts, bets, rounds or players; checks that its code may be. */
function hasEffect(command: Command, outcome: Outcome): boolean {
  const { code, seq } = outcome;
  const { type } = command.payload;
  if (code === Code.OK) return type !== "epoch_started";
  const entry = CODES[code];
  if (entry === undefined || code === Code.UNSPECIFIED) {
    throw new LedgerError("RECORD_INCONSISTENT", `code ${code} is not known to this build`, seq);
  }
  const acceptable =
    entry.status !== "accepted" ||
    (type === "player_registered" && code === Code.PLAYER_ALREADY_REGISTERED) ||
    (type === "bet_rolled_back" && code !== Code.PLAYER_ALREADY_REGISTERED);
  if (acceptable) return false;
  throw new LedgerError("RECORD_INCONSISTENT", `${entry.name} can't accept ${type}`, seq);
}

function applyEffect(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  identity: IdentityKey | undefined,
): void {
  const { payload } = command;
  switch (payload.type) {
    case "player_registered":
      return applyRegistration(state, command, outcome, identity);
    case "deposit_captured":
      return applyDeposit(state, command, payload, outcome);
    case "bet_placed":
      return applyBet(state, command, payload, outcome);
    case "round_settled":
      return applySettlement(state, command, payload, outcome);
    case "bet_rolled_back":
      return applyRollback(state, command, payload, outcome);
    case "house_round":
      return applyHouseRound(state, command, payload, outcome);
    case "epoch_started":
      return;
    default:
      return payload satisfies never;
  }
}

function applyRegistration(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  identity: IdentityKey | undefined,
): void {
  const { playerRef: ref, balances, seq } = outcome;
  if (ref === "" || state.player(ref) !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", `registers ${ref}, which is known`, seq);
  }
  const bound = identity === undefined ? undefined : state.identity(identity);
  if (bound !== undefined && bound !== ref) {
    throw new LedgerError("RECORD_INCONSISTENT", `binds an identity of ${bound}`, seq);
  }
  const first = balances[0];
  const opens =
    balances.length === 1 &&
    first !== undefined &&
    first.currency === PLAY_MONEY &&
    first.available === 0n &&
    first.bonus === 0n &&
    first.held === 0n &&
    first.version === 1;
  if (!opens) throw new LedgerError("BALANCES_WRONG", "a player starts with no play money", seq);
  if (outcome.postings.length > 0) {
    throw new LedgerError("POSTINGS_WRONG", "a registration moves no money", seq);
  }
  state.putPlayer({
    ref,
    operatorId: command.operatorId,
    status: PlayerStatus.ACTIVE,
    // The player may choose another; until then its reference is public and its own.
    clientSeed: ref,
    seedPair: FIRST_SEED_PAIR,
    nonce: 0,
    accounts: [{ ...emptyAccount(PLAY_MONEY), version: 1, seq }],
  });
  if (identity !== undefined) state.bindIdentity(identity, ref);
}

function applyDeposit(
  state: MutableState,
  command: Command,
  deposit: DepositCaptured,
  outcome: Outcome,
): void {
  const { minor, currency } = deposit.amount;
  post(state, command, outcome, { currency, available: minor, bonus: 0n, held: 0n });
}
