/**
 * Records of players who join.
 *
 * @module
 */
import { PLAY_MONEY } from "../money/index.ts";
import { LedgerError } from "./errors.ts";
import { type MutableState, PlayerStatus } from "./state-view.ts";
import type { Command, IdentityKey, Outcome } from "./types.ts";
import { emptyAccount } from "./verdict.ts";

/** Seed pair of a new player. */
const FIRST_SEED_PAIR = 1;

/** Adds the player, with an account in play money. */
export function applyRegistration(
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
    // One shape for all players.
    extras: undefined,
  });
  if (identity !== undefined) state.bindIdentity(identity, ref);
}
