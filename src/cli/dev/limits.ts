/**
 * Limits of the development supervisor, each with its reason.
 *
 * @module
 */

/** Edges of `dev` unless told otherwise: the least that shows one balance in two places. */
export const EDGES_DEFAULT = 2;

/** Ports above the base must exist too. */
export const PORT_BASE_MAX = 65_000;

/** A port may be held for a moment by a process of an earlier run that is just ending. */
export const PORT_WAIT_MS = 2_000;

/** A first start that takes longer has failed: replicas of a large book need some seconds. */
export const START_MS_MAX = 60_000;

/** Pause between two looks at a child's /readyz. */
export const READY_POLL_MS = 50;

/** One look at a child's HTTP side. */
export const PROBE_MS = 2_000;

/** Pauses before restarting a child that died, the last one again and again. */
export const RESTART_MS: readonly number[] = Object.freeze([50, 250, 1_000, 2_000, 5_000]);

/** A child that lived this long has recovered: the next restart is quick again. */
export const RECOVERED_MS = 10_000;

/** How often the publisher is asked whether its feed has changed. */
export const FEED_POLL_MS = 1_000;

/** How long a child may drain before it is killed. The primary holds what others wait for. */
export const CHILD_STOP_MS = Object.freeze({
  edge: 5_000, publisher: 5_000, search: 5_000, primary: 8_000, telegram: 2_000,
});

/** Everything together: edges, then the publisher, then primary and stand-in, and some air. */
export const DEV_STOP_MS_MAX = 25_000;

/** Long poll of the real bot, seconds, and the most that one call may take. */
export const POLL_SECONDS = 25;
export const POLL_MS_MAX = 40_000;

/** Pause after a failed poll or a round over all edges that took nothing. */
export const POLL_RETRY_MS: readonly number[] = Object.freeze([0, 500, 1_000, 2_000, 5_000]);

/** An edge has so long for one update; Telegram grants a webhook 60 s. */
export const UPDATE_MS_MAX = 60_000;

/** An update that every edge answers with an error of its own is dropped after so many rounds. */
export const UPDATE_ROUNDS_MAX = 10;

/** How often `dev` looks whether the package runner that started it still lives. */
export const RUNNER_POLL_MS = 500;
