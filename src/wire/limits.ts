/** An event is some hundred bytes; what is larger isn't an event. */
export const EVENT_BYTES_MAX = 16 * 1024;

/** Events of one request: a commit of this many stays within some tens of milliseconds. */
export const BATCH_EVENTS_MAX = 1_000;

/** A request body: a full batch of ordinary events fits several times over. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** Idempotency keys, as UTF-8. They are hashed, but also logged and answered. */
export const KEY_BYTES_MAX = 128;

/** Ids that callers make up (round, transaction, game, external), as UTF-8. */
export const ID_BYTES_MAX = 128;

/** Texts in a list of an event: approvers, rules, evidence. */
export const LIST_ITEMS_MAX = 32;

/** Bytes in a field of an event: hashes and keys. */
export const BYTES_FIELD_MAX = 64;

/** Short names (operator, source, region, rail, currency and such), as UTF-8. */
export const NAME_BYTES_MAX = 64;

/** The newest `schema_version` of an event that this build reads. */
export const SCHEMA_VERSION_MAX = 1;

/** Objects and arrays of an event in JSON, one inside the other. */
export const JSON_DEPTH_MAX = 8;

/** A note has five lines and a signature; some witnesses may be added. */
export const CHECKPOINT_BYTES_MAX = 4 * 1024;

/** A bookmark is two numbers below 2^53. */
export const BOOKMARK_CHARS_MAX = 33;

/** The longest deadline a caller of the ledger may ask for. */
export const CALL_MS_MAX = 60_000;

/** A call of the ledger without a deadline of its own ends after this. */
export const CALL_MS = 10_000;

/** A Tail silent for this long is dead: heartbeats come several times a second. */
export const TAIL_SILENCE_MS = 5_000;

/** Leaves kept behind the newest checked checkpoint, for one that names an older size. */
export const LEAVES_KEPT_MAX = 65_536;

/** Records that one call asks proofs for: a proof is some 20 hashes, and the primary's time. */
export const PROOF_RECORDS_MAX = 100;

/** A caller that wants a proof waits this long for a signed checkpoint that covers the record. */
export const PROOF_WAIT_MS = 2_000;
