import type { Command, Context, Fault } from "./types.ts";

/** Finds what keeps a command from becoming a record. */
export function validate(
  _command: Command,
  _context?: Pick<Context, "identity" | "rails">,
): Fault | undefined {
  throw new Error("not yet");
}
