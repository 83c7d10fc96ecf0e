import type { MutableState } from "./state-view.ts";
import type { Command, IdentityKey, Outcome } from "./types.ts";

/** Applies one record. */
export function apply(
  _state: MutableState,
  _command: Command,
  _outcome: Outcome,
  _identity?: IdentityKey,
): void {
  throw new Error("not yet");
}
