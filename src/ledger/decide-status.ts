/**
 * Standing, freezes and seeds of players.
 *
 * @module
 */
import { applyMovement } from "./apply-movement.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { invalid } from "./faults.ts";
import { CLIENT_SEED_LENGTH_MAX } from "./limits.ts";
import { rulesOf } from "./player-extras.ts";
import { namedPlayer } from "./players.ts";
import { changesRules } from "./rules-change.ts";
import { type MutableState, PlayerStatus, type StateView } from "./state-view.ts";
import type {
  Command,
  Context,
  Fault,
  Outcome,
  PlayerFrozen,
  PlayerStatusChanged,
  PlayerUnfrozen,
  SeedsRotated,
} from "./types.ts";
import { effective, movedBalance, unchanged } from "./verdict.ts";

const STATUSES: ReadonlySet<number> = new Set(Object.values(PlayerStatus));
const NOTHING: readonly never[] = Object.freeze([]);

/** The first fault of a change of status. */
export function statusFault({ status }: PlayerStatusChanged): Fault | undefined {
  return STATUSES.has(status) ? undefined : invalid("player_status_changed.status");
}

/**
 * The player's status from here on. BLOCKED stops bets, CLOSED bets and deposits; CLOSED is for
 * ever: every change of it is PLAYER_CLOSED. Status is part of each wallet row: all rows of the
 * player change (version + 1, the record's seq, same amounts), also when it stays what it was, and
 * the record tells all of them in the order in which they were opened.
 */
export function decideStatus(
  view: StateView,
  command: Command,
  _change: PlayerStatusChanged,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  if (player.status === PlayerStatus.CLOSED) {
    return unchanged(command, context, Code.PLAYER_CLOSED, player, "");
  }
  const balances = player.accounts.map((account) => movedBalance(account, 0n, 0n));
  return effective(command, context, Code.OK, player.ref, { postings: NOTHING, balances });
}

/** Applies a change of status. */
export function applyStatus(
  state: MutableState,
  command: Command,
  { status }: PlayerStatusChanged,
  outcome: Outcome,
): void {
  const { seq, balances, postings, changes, playerRef } = outcome;
  const player = state.edit(playerRef);
  const isPlain = postings.length === 0 && changes === undefined && !outcome.roundClosed;
  if (player === undefined || player.operatorId !== command.operatorId || !isPlain) {
    throw new LedgerError("RECORD_INCONSISTENT", `no change of ${playerRef}'s status`, seq);
  }
  const { accounts } = player;
  const told = accounts.every((account, place) => {
    const balance = balances[place];
    return (
      balance !== undefined &&
      balance.currency === account.currency &&
      balance.available === account.available &&
      balance.bonus === account.bonus &&
      balance.held === account.held &&
      balance.version === account.version + 1
    );
  });
  if (!told || balances.length !== accounts.length) {
    throw new LedgerError("BALANCES_WRONG", `not all balances of ${playerRef}`, seq);
  }
  player.status = status;
  for (const account of accounts) {
    account.version += 1;
    account.seq = seq;
  }
}

/**
 * Debits stop: bets, and with `withdrawals_too` new withdrawals. Deposits, wins, rollbacks and
 * withdrawals that were requested go on. A frozen player can be frozen again, with or without
 * withdrawals.
 */
export function decideFreeze(
  view: StateView,
  command: Command,
  freeze: PlayerFrozen,
  context: Context,
): Outcome {
  const { withdrawalsToo } = freeze;
  return decideFrozen(view, command, true, withdrawalsToo, context);
}

/** Debits go on. So they do for a player who wasn't frozen. */
export function decideUnfreeze(
  view: StateView,
  command: Command,
  _unfreeze: PlayerUnfrozen,
  context: Context,
): Outcome {
  return decideFrozen(view, command, false, false, context);
}

function decideFrozen(
  view: StateView,
  command: Command,
  frozen: boolean,
  withdrawalsFrozen: boolean,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  return changesRules(command, context, { ...rulesOf(player), frozen, withdrawalsFrozen });
}

/** The first fault of a rotation. */
export function seedsFault({ clientSeed }: SeedsRotated): Fault | undefined {
  const isSeed = clientSeed.length <= CLIENT_SEED_LENGTH_MAX;
  return isSeed ? undefined : invalid("seeds_rotated.client_seed");
}

/** The next pair of seeds, from nonce 0; without a client seed, the present one goes on. */
export function decideSeeds(
  view: StateView,
  command: Command,
  _seeds: SeedsRotated,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const effect = { postings: NOTHING, balances: NOTHING };
  return effective(command, context, Code.OK, player.ref, effect);
}

/** Applies a rotation. */
export function applySeeds(
  state: MutableState,
  command: Command,
  { clientSeed }: SeedsRotated,
  outcome: Outcome,
): void {
  const player = applyMovement(state, command, outcome);
  if (player === undefined || outcome.postings.length > 0 || outcome.changes !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", "rotates seeds and something else", outcome.seq);
  }
  player.seedPair += 1;
  player.nonce = 0;
  if (clientSeed !== "") player.clientSeed = clientSeed;
}
