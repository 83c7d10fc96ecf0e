/**
 * Where objects are kept: a folder, or a bucket that speaks S3.
 *
 * @module
 */
import type { Sealed } from "../crb/seal.ts";

/** Modes of Object Lock; a COMPLIANCE lock can only be extended, by nobody shortened. */
export type LockMode = "COMPLIANCE" | "GOVERNANCE";

/** A lock asked for, or read back. */
export interface Lock {
  readonly mode: LockMode;
  /** Milliseconds since 1970, whole seconds. */
  readonly untilMs: number;
}

/** One stored version of an object. */
export interface StoredObject {
  /** Relative to the store's prefix. */
  readonly key: string;
  readonly bytes: number;
  /** Names this version where the store keeps versions. */
  readonly version?: string;
  /** MD5 of the bytes in lower-case hex, where the store tells it. */
  readonly md5?: string;
  /** Something newer hides it: a delete marker or a later version. */
  readonly hidden: boolean;
}

/** What the store acknowledged. */
export interface PutReceipt {
  readonly version?: string;
  /** The lock as the store tells it afterwards; undefined when there is none. */
  readonly lock?: Lock;
}

/** Contract of a place for objects. Keys are relative to the store's prefix. */
export interface ObjectStore {
  /** For messages and certificates; holds no secret. */
  readonly place: string;

  /** Proves that the place can be reached and its clock trusted, before any work is done. */
  probe(): Promise<void>;

  /**
   * Stores an object durably and checks the acknowledgement. A key is used once; putting the same
   * bytes again after an unclear reply is allowed and adds at worst an equal version. With a
   * lock, resolves only when the store has told the lock back.
   */
  put(key: string, object: Sealed, lock?: Lock): Promise<PutReceipt>;

  /** Every version under the prefix in the order of keys, newest first, hidden ones included. */
  list(prefix: string): Promise<readonly StoredObject[]>;

  /** The bytes of one version, checked in length only; ends early without harm. */
  read(object: StoredObject): AsyncGenerator<Uint8Array>;
}
