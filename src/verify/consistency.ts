/**
 * Proof that one tree continues another (RFC 9162 §2.1.4.2).
 *
 * @module
 */
import { type Hash, parent, sameBytes, textOf } from "./tree.ts";

/** A tree by its size and root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

const half = (value: number): number => Math.floor(value / 2);

/** Whether a path proves that `later` begins with the leaves of `earlier`. */
export function continues(
  earlier: TreeHead,
  later: TreeHead,
  path: readonly Uint8Array[],
): boolean {
  if (earlier.size < 1 || earlier.size > later.size) return false;
  if (path.some((node) => node.length !== earlier.root.length)) return false;
  if (earlier.size === later.size) {
    return path.length === 0 && sameBytes(earlier.root, later.root);
  }
  let place = earlier.size - 1;
  let last = later.size - 1;
  while (place % 2 === 1) {
    place = half(place);
    last = half(last);
  }
  const rest = path.map(textOf);
  // A perfect tree is itself the first node; the path doesn't repeat it.
  const first: Hash | undefined = place === 0 ? textOf(earlier.root) : rest.shift();
  if (first === undefined) return false;
  let old = first;
  let now = first;
  for (const node of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      old = parent(node, old);
      now = parent(node, now);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      now = parent(now, node);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && old === textOf(earlier.root) && now === textOf(later.root);
}
