import type { StateView } from "./state-view.ts";
import type { Command, IdentityKey } from "./types.ts";

/** The player a command is about. */
export function resolvePlayer(
  _view: StateView,
  _command: Command,
  _identity?: IdentityKey,
): string {
  throw new Error("not yet");
}

/** The first semantic field that differs. */
export function firstDifference(_original: Command, _again: Command): string | undefined {
  throw new Error("not yet");
}
