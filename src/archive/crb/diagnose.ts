/**
 * Says what happened to a block that doesn't authenticate, by trying the other places it could
 * come from. Runs only after a failure.
 *
 * @module
 */
import { BLOCK_BYTES, OBJECT_BYTES_MAX } from "../limits.ts";
import { blockNonce, openBlock } from "./keys.ts";

const BLOCKS_MAX = Math.ceil(OBJECT_BYTES_MAX / BLOCK_BYTES);

/** The block that failed, and what is known around it. */
export interface FailedBlock {
  readonly key: Uint8Array;
  readonly prefix: Uint8Array;
  readonly index: number;
  readonly last: boolean;
  readonly sealed: Uint8Array;
  /** The block after it, when there is one. */
  readonly next?: { readonly sealed: Uint8Array; readonly last: boolean };
}

/** One sentence that names the block and what was done to it. */
export function diagnoseBlock(failed: FailedBlock): string {
  const { key, prefix, index, last, sealed } = failed;
  const opens = (at: number, flag: boolean, bytes = sealed): boolean =>
    openBlock(key, blockNonce(prefix, at, flag), bytes) !== undefined;

  if (opens(index, !last)) {
    return last
      ? `ends after block ${index}, which isn't its last: the object was cut at a block border`
      : `block ${index} is the object's last, but bytes follow: something was appended`;
  }
  for (let other = 0; other < BLOCKS_MAX; other += 1) {
    if (other === index || !(opens(other, false) || opens(other, true))) continue;
    return `block ${other} stands in the place of block ${index}: blocks were dropped or swapped`;
  }
  if (last && sealed.length < BLOCK_BYTES) {
    return `block ${index}, the last, doesn't authenticate: changed, cut inside or appended to`;
  }
  if (index > 0) return `block ${index} doesn't authenticate: changed, or from another object`;
  if (failed.next !== undefined && opens(1, failed.next.last, failed.next.sealed)) {
    return "block 0 doesn't authenticate: changed, or from another object";
  }
  return "nothing in it authenticates: its header or nonce prefix was changed";
}
