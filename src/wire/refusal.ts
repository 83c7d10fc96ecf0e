import type { Code } from "../ledger/index.ts";

/** Why an event can't be read. */
export interface Refusal {
  readonly ok: false;
  readonly code: Code;
  /** The field at fault in snake_case with dots, or empty when there is none. */
  readonly field: string;
  /** One sentence for people. */
  readonly message: string;
}

/** A refusal. */
export function refuse(code: Code, field: string, message: string): Refusal {
  return { ok: false, code, field, message };
}
