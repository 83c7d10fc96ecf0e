/** Page size of `wallet.db` and of the protocol. */
export const PAGE_BYTES = 4096;
/** Header in front of each page, in the write-ahead log and in the protocol alike. */
export const FRAME_HEADER_BYTES = 24;
export const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;

/** Frames of the write-ahead log read at once: more than a tick at a thousand events a second. */
export const WAL_READ_FRAMES = 32;

/**
 * A generation of the page log ends above this. Each end makes every replica checkpoint and wait
 * for its readers, so it should be seldom: about 7 s at 1000 events a second, hours when idle.
 */
export const ROTATE_BYTES = 32 * 1024 * 1024;
/** Frames kept for replicas that lag, all generations together: about 25 s at full load. */
export const RETAIN_BYTES = 128 * 1024 * 1024;
/**
 * Kept whatever their size: a replica that asked for the export just before a rotation must still
 * find the frames behind it.
 */
export const RETAIN_GENERATIONS_MIN = 3;
/** Frames per answer, 8 MiB: the client buffers an answer whole. */
export const ANSWER_FRAMES_MAX = 2048;
/** An export is sent in pieces, so that slow edges share one image instead of a copy each. */
export const EXPORT_PIECE_BYTES = 1024 * 1024;

/** A poll is answered after this at the latest, below the idle timeouts of what lies between. */
export const HOLD_MS = 20_000;
/**
 * A pull that begins this soon after the last one's end is a background task's, and may be held:
 * longer than any way there and back.
 */
export const REPOLL_MS_MAX = 500;
/**
 * A client's pull is ended after this many times the gap between pulls, within the bounds below: a
 * program that waits for a pull would otherwise wait for ever, and a background task loses only
 * that gap.
 */
export const PULL_GAPS = 5;
export const PULL_MS_MIN = 100;
export const PULL_MS_MAX = 1_000;
/** Connections whose pulls are remembered. */
export const PULL_SESSIONS_MAX = 1_024;
/** Refusals are delayed: the client repeats an error at its sync interval, a millisecond. */
export const ERROR_DELAY_MS = 250;
/** Edges with positions and metrics of their own. */
export const EDGES_MAX = 256;
/** An edge that hasn't asked for this long is forgotten. */
export const EDGE_FORGET_MS = 600_000;

/** Records in one tick while catching up: some tens of milliseconds in which nobody is served. */
export const TICK_RECORDS_MAX = 1024;
/** Player references in one row of `changes`: with more it would leave its page. */
export const CHANGES_REFS_MAX = 240;
/** An idle primary heartbeats every 250 ms; the head moves with it, but not much more often. */
export const HEARTBEAT_MS = 200;
/** Waits between attempts to reach the primary: doubled, jittered. Balances age meanwhile. */
export const RETRY_MS_MIN = 50;
export const RETRY_MS_MAX = 500;
/** The same failure is logged again after this. */
export const SAY_AGAIN_MS = 10_000;
/** Attempts after which a file that can't be rebuilt is an alarm. */
export const REBUILDS_UNNOTICED = 3;
/** Waits start short again after the Tail was followed for this long. */
export const STEADY_MS = 5_000;
/** A withheld tick is fetched and judged again after this. */
export const WITHHELD_RETRY_MS = 15_000;
/** The files of `wallet.db` are compared with what is open at least this often. */
export const FILES_CHECK_MS = 1_000;
/** State digests kept by seq, for a checkpoint that arrives after its tick. */
export const DIGESTS_KEPT_MAX = 4_096;
/** Rows written per transaction of a rebuild. */
export const LOAD_ROWS = 5_000;
/** A file further behind than this is rebuilt: replaying would take longer. */
export const CATCH_UP_RECORDS_MAX = 200_000;
/** The primary's state trails its log: how often and how long to wait for it to pass the file. */
export const STATE_BEHIND_TRIES = 12;
export const STATE_BEHIND_WAIT_MS = 300;
/** Random bytes in a feed's name. */
export const FEED_ID_BYTES = 8;
/** Following yields to requests after this long, also when the Tail never pauses. */
export const FOLLOW_TURN_MS = 20;
