import type { StateView } from "./state-view.ts";
import type { Command, Context, Decision } from "./types.ts";

/** Version of the rules in this folder; recorded in every outcome. */
export const LOGIC_VERSION = 1;

/** Decides one command. */
export function decide(_view: StateView, _command: Command, _context: Context): Decision {
  throw new Error("not yet");
}
