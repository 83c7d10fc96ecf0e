/** Events waiting for their turn. At 50,000 a second a queue this long waits less than a second. */
export const QUEUE_EVENTS_MAX = 20_000;

/** Bytes of the events that wait. */
export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Events of one commit: enough to spread the cost of a sync, few enough to answer in time. */
export const GROUP_EVENTS_MAX = 2_000;

/** Bytes of events in one commit. */
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;

/** Different credentials in one Append: an edge has a handful of API keys and a bot. */
export const CREDENTIALS_MAX = 256;

/** Clocks may drift apart this far before bets are refused. */
export const CLOCK_JUMP_MS_MAX = 60_000;

/** The checkpointer looks this often whether there is anything new. */
export const CHECKPOINT_MS = 800;

/** Checkpoints that proofs ask for are made at most this often. */
export const CHECKPOINT_ON_DEMAND_MS = 25;

/** Records of one checkpoint: a longer catch-up is done in steps, each with its own checkpoint. */
export const CHECKPOINT_RECORDS_MAX = 50_000;

/**
 * Records of one checkpoint while a start catches up: nobody waits for the ones between, and a
 * player's rows are hashed and written once per checkpoint.
 */
export const CATCH_UP_RECORDS_MAX = 250_000;

/** Records the checkpointer reads at once. */
export const CHECKPOINT_CHUNK_RECORDS = 2_000;

/** How long a clean stop waits for the last checkpoint. */
export const CHECKPOINT_STOP_MS = 8_000;

/** Records applied at once while a start catches up. */
export const REPLAY_CHUNK_RECORDS = 5_000;

/** Threads that compute the digest of `state.db` while a start reads it. */
export const PROOF_THREADS = 2;

/** With fewer players than this a start proves the digest itself: a thread needs 0.1 s to come. */
export const PROOF_THREAD_PLAYERS = 20_000;

/** Players read from `state.db` at once. */
export const LOAD_CHUNK_PLAYERS = 5_000;

/** Records kept in memory for live tails. */
export const RING_RECORDS = 65_536;

/** Bytes of the records kept for live tails. */
export const RING_BYTES_MAX = 32 * 1024 * 1024;

/** Tails at once: publishers, standbys and archivers of one primary. */
export const TAILS_MAX = 64;

/** A message of a tail. Records are at most 20 KiB, so it is never much larger. */
export const TAIL_MESSAGE_BYTES = 512 * 1024;

/** Records in one message of a tail. */
export const TAIL_MESSAGE_RECORDS = 2_000;

/** An idle tail says this often that it is alive, and where the head is. */
export const HEARTBEAT_MS = 250;

/** State streams at once. */
export const STATES_MAX = 8;

/** Rows in one message of a State stream: some 50 KiB, and a few milliseconds of the writer. */
export const STATE_MESSAGE_ROWS = 500;

/** A State stream holds a snapshot of `state.db`; a reader slower than this is cut. */
export const STATE_STREAM_MS_MAX = 10 * 60_000;

/** Checkpoints judged lately; each caller shows the same one many times. */
export const FENCE_MEMORY = 64;

/** After the fence has closed, answers under way get this long to leave. */
export const FENCE_EXIT_MS = 50;

/** How often clock and files are looked at. */
export const TEND_MS = 1_000;

/** How often ends that are due are looked for. */
export const SWEEP_MS = 1_000;

/** Ends brought at once: a campaign that ends at midnight must not hold bets up. */
export const SWEEP_EVENTS_MAX = 500;

/** An end that could not be brought is looked at again after this. */
export const SWEEP_AGAIN_US = 60_000_000;

/** Longest id, in bytes, that stands in the key of its end as it is. */
export const SWEEP_KEY_CHARS_MAX = 96;

/** Server seeds remembered, one per player and seed pair lately played. */
export const SERVER_SEEDS_MAX = 16_384;

/** Records hashed at once while `tree.db` is rebuilt; checkpoints are made in between. */
export const TREE_CHUNK_RECORDS = 20_000;

/** A rebuild of `tree.db` says how far it is after each so many records. */
export const TREE_PROGRESS_RECORDS = 1_000_000;

/** When `tree.db` fails again within this, the next attempt waits as long. */
export const TREE_RETRY_MS = 5_000;

/**
 * Longest entry that the tile layout can say: its length is two bytes. An event has at most 16 KiB
 * and an outcome some KiB, so no record is longer; a bundle that held one would not be served.
 */
export const ENTRY_BYTES_MAX = 65_535;

/** Questions of strangers about the tree at once, and a second: each costs up to a millisecond. */
export const PROOF_CALLS_MAX = 32;
export const PROOF_CALLS_PER_SECOND = 200;

/**
 * The same questions by edges, whose callers have shown a key: strangers can't use them up, and
 * together they take less than half of a core.
 */
export const EDGE_PROOF_CALLS_MAX = 64;
export const EDGE_PROOF_CALLS_PER_SECOND = 300;

/** Calls of edges for the proofs of receipts at once, and a second. */
export const RECEIPT_PROOF_CALLS_MAX = 128;
export const RECEIPT_PROOF_CALLS_PER_SECOND = 500;

/** Tiles of hashes at once, and a second. */
export const TILE_CALLS_MAX = 16;
export const TILE_CALLS_PER_SECOND = 200;

/** Bundles of entries at once, and a second: each up to some 100 KiB, at most 8 MiB. */
export const ENTRIES_CALLS_MAX = 4;
export const ENTRIES_CALLS_PER_SECOND = 100;

/** A list of seqs to be proven. */
export const PROOF_BODY_BYTES_MAX = 8 * 1024;

/** A rotation needs one proof: tiles in doubt are made anew, and once more. */
export const TREE_ATTEMPTS_MAX = 3;
