/** What a check of the test command is, and what it answers. */

/** The answer of one check. */
export interface CheckResult {
  readonly passed: number;
  readonly failed: number;
  /** A few words for the check's line. */
  readonly note?: string;
  /** Shown when something failed. */
  readonly output: string;
}

/** A named step of the test command. */
export interface Check {
  readonly name: string;
  run(): Promise<CheckResult>;
}

/** One thing that passed. */
export function passed(note?: string): CheckResult {
  return { passed: 1, failed: 0, output: "", ...(note === undefined ? {} : { note }) };
}

/** One thing that failed, with what its tool said. */
export function failed(output: string, note?: string): CheckResult {
  return { passed: 0, failed: 1, output, ...(note === undefined ? {} : { note }) };
}
