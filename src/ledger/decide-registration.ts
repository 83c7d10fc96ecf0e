import { PLAY_MONEY } from "../money/index.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Outcome } from "./types.ts";
import { effective, emptyAccount, movedBalance, unchanged } from "./verdict.ts";

/**
 * A player joins with an account in play money, so that a known player always has a row. An
 * identity that is bound already names its player for ever: nothing is created.
 */
export function decideRegistration(view: StateView, command: Command, context: Context): Outcome {
  const bound = context.identity === undefined ? undefined : view.identity(context.identity);
  if (bound !== undefined) {
    const player = view.player(bound);
    if (player === undefined) {
      throw new LedgerError("INVARIANT_BROKEN", `an identity is bound to nobody: ${bound}`);
    }
    return unchanged(command, context, Code.PLAYER_ALREADY_REGISTERED, player, "");
  }
  const playerRef = context.mintPlayerRef();
  if (playerRef === "" || view.player(playerRef) !== undefined) {
    throw new LedgerError("INVARIANT_BROKEN", `minted a reference in use: ${playerRef}`);
  }
  const balances = [movedBalance(emptyAccount(PLAY_MONEY), 0n, 0n)];
  return effective(command, context, Code.OK, playerRef, { postings: [], balances });
}
