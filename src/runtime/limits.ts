/** A stop that has waited this long for running requests cuts them. */
export const STOP_DRAIN_MS = 5_000;

/** Bun's own limit for `idleTimeout`. */
export const IDLE_TIMEOUT_SECONDS_MAX = 255;

/** Idle connections are closed after this, unless a route asks otherwise. */
export const IDLE_TIMEOUT_SECONDS = 10;

/** The interpolated wall clock is set anew when it strays this far from the system's. */
export const CLOCK_DRIFT_MS_MAX = 2;

/** A child that ignores SIGTERM this long is killed. */
export const CHILD_KILL_MS = 5_000;
