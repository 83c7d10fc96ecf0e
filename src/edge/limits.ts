/** A read that carries a bookmark waits this long for the replica before it asks the primary. */
export const BOOKMARK_WAIT_MS = 100;

/** Reads waiting for a bookmark; more of them go to the primary at once. */
export const BOOKMARK_WAITS_MAX = 1_024;

/** Balances asked of the primary at one time by one edge: it settles, it doesn't serve reads. */
export const PRIMARY_READS_MAX = 64;

/** Questions passed on to search at one time by one edge. */
export const SEARCH_CALLS_MAX = 32;

/** Search has so long for an answer; it waits a second for a bookmark. */
export const SEARCH_MS = 3_000;

/** Path and query of a question for search: five ids at their longest, escaped. */
export const SEARCH_QUERY_CHARS_MAX = 4_096;

/** An answer of search: a full page of CSV stays far below. */
export const SEARCH_ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** Statement lines read for a history: an operation has two to four of them. */
export const HISTORY_LINES = 200;

/** A balance that the primary doesn't tell within this is unavailable. */
export const PRIMARY_READ_MS = 2_000;

/** Hot rows kept ready to send by one worker; about half a kilobyte each. */
export const HOT_ROWS_MAX = 32_768;

/** While the file system tells of new ticks, somebody looks this often all the same. */
export const CALM_LOOK_MS = 25;

/** Under load a timer looks this often, and the file system isn't asked. */
export const BUSY_LOOK_MS = 3;

/** How often it is judged whether there is load. */
export const PACE_MS = 250;

/** Ticks within {@link PACE_MS} that make a load. */
export const BUSY_TICKS = 10;

/** Ticks within {@link PACE_MS} that a load has to stay above; heartbeats are one or two. */
export const CALM_TICKS = 4;

/** After this long without a tick any sign of one is looked into: it gains 0.3 ms (measured). */
export const CALM_MS = 50;

/** Attempts to read a row and the head it belongs to, should ticks pass in between. */
export const SNAPSHOT_ATTEMPTS_MAX = 8;

/** How often an edge asks the primary for its clock and both peers for their distance. */
export const PROBE_MS = 2_000;

/** A probe without an answer counts as failed. */
export const PROBE_TIMEOUT_MS = 2_000;

/** Probes remembered: the best bounds the primary's clock, the worst bounds the round trips. */
export const PROBES_KEPT = 8;

/** Clocks of two machines drift apart by less than this: 200 microseconds per second. */
export const CLOCK_DRIFT_RATIO = 200e-6;

/** Round trip assumed to a peer that hasn't been measured yet. */
export const UNKNOWN_TRIP_MS = 500;

/** Allowed difference of wall clocks before a change of head has been witnessed. */
export const WALL_ALLOWANCE_MS = 1_000;

/** The wall clock ran this much ahead of the monotonic one: the machine slept. */
export const SLEEP_MS = 100;

/** The primary counts as reachable this long after its last answer. */
export const PRIMARY_FRESH_MS = 5_000;

/** Calls of Append in flight from one edge. */
export const UPLINK_CALLS_MAX = 4;

/** Events waiting in one worker; more are refused as OVERLOADED. */
export const UPLINK_QUEUE_MAX = 20_000;

/** Bytes of events waiting in one worker. */
export const UPLINK_QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of one call of Append: a request body that the primary takes, with room for the frame. */
export const UPLINK_CALL_BYTES_MAX = 3 * 1024 * 1024;

/** An event is retried this long unless its caller says otherwise. */
export const SUBMIT_MS = 5_000;

/** The longest deadline a caller may ask for. */
export const SUBMIT_MS_MAX = 30_000;

/** First pause before an unclear call is repeated; it doubles up to the next constant. */
export const RETRY_MS = 20;

/** Longest pause before an unclear call is repeated. */
export const RETRY_MS_MAX = 500;

/** A newer checkpoint of the same epoch is written to disk at most this often. */
export const CHECKPOINT_SAVE_MS = 1_000;

/** How often the supervisor asks the publisher for its feed. */
export const FEED_POLL_MS = 1_000;

/** The same while the replica is behind, missing or its syncer complains. */
export const FEED_POLL_EAGER_MS = 200;

/** A publisher that doesn't answer a control request within this is away. */
export const CONTROL_TIMEOUT_MS = 2_000;

/** A syncer that isn't ready within this is killed and starts over in a new folder. */
export const BOOTSTRAP_MS_MAX = 120_000;

/** An audit of a new replica that takes longer counts as failed. */
export const AUDIT_MS_MAX = 300_000;

/** The replica in service is audited this often, in the background. */
export const AUDIT_EVERY_MS = 600_000;

/** The head stands still this long while the publisher's moves: the replica is stuck. */
export const STUCK_MS = 4_000;

/** A syncer that ran this long before it died may take up its folder again. */
export const RESUME_AFTER_MS = 10_000;

/** First pause after a replica could not be built; it doubles up to the next constant. */
export const REBUILD_MS = 250;

/** Longest pause before another attempt to build a replica. */
export const REBUILD_MS_MAX = 10_000;

/** Workers are given this long to let go of an old replica before its folder is deleted. */
export const RELEASE_MS = 5_000;

/** A worker that dies is restarted after this, doubling up to {@link REBUILD_MS_MAX}. */
export const WORKER_RESTART_MS = 100;

/** A worker that isn't listening within this is killed. */
export const WORKER_READY_MS_MAX = 15_000;

/** A syncer or worker looks this often whether its parent still lives. */
export const PARENT_CHECK_MS = 500;

/** However often it is woken, the supervisor asks no more often than this. */
export const FEED_POLL_GAP_MS = 50;

/** The body of a question about one Telegram id. */
export const RESOLVE_BYTES_MAX = 4 * 1024;

/** How often a replica that is being built is looked at. */
export const READY_CHECK_MS = 5;

/** Questions about the tree passed on to the primary at one time by one edge. */
export const PROOF_CALLS_MAX = 32;

/** The primary itself gives up after two seconds. */
export const PROOF_FORWARD_MS = 4_000;

/** Two numbers and their names. */
export const PROOF_QUERY_CHARS_MAX = 256;

/** Proofs of a hundred records, some 1.5 KiB each. */
export const PROOF_ANSWER_BYTES_MAX = 512 * 1024;
