/**
 * Who a command is about.
 *
 * @module
 */
import type { Player, StateView } from "./state-view.ts";
import type { Command, IdentityKey } from "./types.ts";

/** Whether a command names a player at all. */
export function namesPlayer(command: Command, identity: IdentityKey | undefined): boolean {
  return command.playerRef !== "" || identity !== undefined;
}

/**
 * The player that a command names, by reference or by identity. When both are given, an identity
 * that is bound must be bound to that player. Players belong to an operator: another operator's
 * are unknown.
 */
export function namedPlayer(
  view: StateView,
  command: Command,
  identity: IdentityKey | undefined,
): Player | undefined {
  const bound = identity === undefined ? undefined : view.identity(identity);
  const ref = command.playerRef === "" ? bound : command.playerRef;
  if (ref === undefined || (bound !== undefined && bound !== ref)) return undefined;
  const player = view.player(ref);
  return player !== undefined && player.operatorId === command.operatorId ? player : undefined;
}

/**
 * Stands for an identity that is bound to nobody. No reference looks like it, so it differs from
 * every resolved player.
 */
const NOBODY = "\0nobody";

/**
 * The player to compare a repeated command by: its reference, else the player its identity is
 * bound to, else "" when it names none.
 */
export function resolvePlayer(
  view: StateView,
  command: Command,
  identity?: IdentityKey | undefined,
): string {
  if (command.playerRef !== "" || identity === undefined) return command.playerRef;
  return view.identity(identity) ?? NOBODY;
}
