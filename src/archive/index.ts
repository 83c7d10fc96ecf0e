/**
 * Encrypted copies of the book outside of it: snapshots, the places they are kept, and the way
 * back. Whoever writes an archive can't read it.
 *
 * @module
 */
export { parseIdentities, parseRecipients } from "./crb/wrap.ts";
export { ArchiveError } from "./errors.ts";
export type { ArchiveCode } from "./errors.ts";
export { LOCK_DAYS_MAX } from "./limits.ts";
export { restore } from "./restore/restore.ts";
export type { Certificate, RestoreOptions } from "./restore/restore.ts";
export type { RestoreProgress } from "./restore/read-set.ts";
export { splitPlace } from "./snapshot/object-keys.ts";
export { takeSnapshot } from "./snapshot/take.ts";
export type { SnapshotReport, TakeOptions, TakeProgress } from "./snapshot/take.ts";
export { openStore, parsePlace } from "./stores/open-store.ts";
export type { OpenStoreOptions, Place } from "./stores/open-store.ts";
export type { Lock, LockMode, ObjectStore } from "./stores/object-store.ts";
