/** A token names a handful of rights; what is longer isn't one of ours. */
export const TOKEN_CHARS_MAX = 4_096;

/** Verified credentials kept by a process: more than any deployment has keys. */
export const CREDENTIAL_CACHE_MAX = 1_024;

/** Entries of each list in a credential. */
export const CLAIM_LIST_MAX = 64;

/** Clocks of two machines may differ this much before a fresh token is judged expired. */
export const CLOCK_TOLERANCE_SECONDS = 5;

/** Keys in `signing.pub`: one more with each rotation, the oldest falls out. */
export const SIGNERS_MAX = 16;
