/**
 * Limits of the archive, each with its reason.
 *
 * @module
 */

const MIB = 1 << 20;

/** Plaintext of one AEAD block: GCM in OpenSSL reaches its speed here, and memory stays small. */
export const BLOCK_BYTES = MIB;
/** Length of a GCM tag. */
export const TAG_BYTES = 16;
/** The object format keeps the header's length in 16 bits. */
export const HEADER_BYTES_MAX = 65_535;
/** Plaintext compressed at once: standard frames of their own, so that a reader needs 1 MiB. */
export const FRAME_RAW_BYTES = MIB;
/** zstd's worst case for one frame is a few bytes per 128 KiB; beyond this a length is a lie. */
export const FRAME_STORED_BYTES_MAX = FRAME_RAW_BYTES + 64 * 1024;
/** The trailer holds a digest and a few numbers; it must fit the last block. */
export const TRAILER_BYTES_MAX = 64 * 1024;
/** Largest plaintext that a reader accepts in one object: one PUT, one MD5, far below 5 GB. */
export const OBJECT_RAW_BYTES_MAX = 256 * MIB;
/** Largest object: the plaintext not compressible at all, with tags and header. */
export const OBJECT_BYTES_MAX = OBJECT_RAW_BYTES_MAX + 8 * MIB;
/** Plaintext per snapshot object: a sealed object is held in memory until it is stored. */
export const CHUNK_RAW_BYTES = 64 * MIB;
/** Object names carry four digits for the chunk. */
export const CHUNKS_MAX = 10_000;
/** A wrap costs a curve operation and about 400 bytes of header. */
export const RECIPIENTS_MAX = 16;

/** Records read from the log at once: the snapshot must not pin the writer's WAL for long. */
export const RECORDS_PER_READ = 2_000;
/** Records per restored commit: no more than the writer takes, so readers meet no larger ones. */
export const RECORDS_PER_COMMIT = 2_000;
/** One item of a chunk (a record, a row, a key file); a record is two messages of 16 KiB. */
export const ITEM_BYTES_MAX = 4 * MIB;

/** Bytes asked for in one ranged GET; a cut connection costs at most this much again. */
export const RANGE_BYTES = 8 * MIB;
/** Attempts of one request: 500 and 503 are everyday answers of B2. */
export const ATTEMPTS_MAX = 6;
/** First pause between attempts, doubled each time, drawn at random below that. */
export const RETRY_BASE_MS = 200;
/** Longest pause between attempts, also when a server asks for more with Retry-After. */
export const RETRY_PAUSE_MS_MAX = 30_000;
/** One attempt: the slowest link we accept sends 64 MiB in this time (about 0.5 MiB/s). */
export const REQUEST_TIMEOUT_MS = 120_000;
/** A page of a listing holds 1 000 names; this bounds what a server can make us read. */
export const LIST_PAGES_MAX = 10_000;
/** Replies of XML are short; a longer one isn't S3. */
export const XML_BYTES_MAX = 8 * MIB;
/** S3 refuses requests at 15 minutes; locks computed by a wrong clock do harm much earlier. */
export const CLOCK_SKEW_MS_MAX = 60_000;
/** Providers keep the date of a lock to the second. */
export const LOCK_ROUNDING_MS = 1_000;
/** Object Lock of B2 ends here. */
export const LOCK_DAYS_MAX = 3_000;
/** S3's own limit for names. */
export const KEY_BYTES_MAX = 1_024;
/** Ciphertext waiting for the store before reading pauses: memory, not speed, is scarce. */
export const WAITING_BYTES_MAX = 128 * MIB;
/** Rows of a table read at once. */
export const ROWS_PER_READ = 1_000;
