/** Exit codes of every command and script. */
export const EXIT = Object.freeze({
  /** It did what was asked, or found it already done. */
  done: 0,
  /** It failed; the message says why. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Nothing contradicts the books, but a gap keeps them from being proven. */
  notProvable: 3,
  /** A needed approval is missing. */
  approvalMissing: 4,
  /** Integrity failure: the evidence contradicts itself. Stop and look. */
  integrity: 5,
});

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
