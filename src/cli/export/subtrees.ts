/**
 * Roots of the perfect subtrees that a proof needs, picked up while leaves go by.
 *
 * @module
 */
import {
  consistencyProof,
  nodeHash,
  type SubtreeReader,
  TREE_HASH_BYTES,
} from "../../ledger/index.ts";

const keyOf = (height: number, index: number): string => `${height} ${index}`;

/** Collects what proves that the tree of one size continues that of another. */
export class Subtrees {
  readonly #from: number;
  readonly #to: number;
  readonly #wanted = new Set<string>();
  readonly #found = new Map<string, Uint8Array>();
  /** Roots of the perfect subtrees so far, by height. */
  readonly #edge: (Uint8Array | undefined)[] = [];
  #size = 0;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    const nothing = new Uint8Array(TREE_HASH_BYTES);
    const ask: SubtreeReader = {
      node: (height, index) => {
        this.#wanted.add(keyOf(height, index));
        return nothing;
      },
    };
    consistencyProof(from, to, ask);
  }

  /** The next leaf, from the book's first on. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    let height = 0;
    let index = this.#size;
    this.#size += 1;
    this.#meet(height, index, node);
    while (index % 2 === 1) {
      node = nodeHash(this.#edge[height] as Uint8Array, node);
      this.#edge[height] = undefined;
      height += 1;
      index = (index - 1) / 2;
      this.#meet(height, index, node);
    }
    this.#edge[height] = node;
  }

  /** The proof, once all leaves have come. */
  proof(): Uint8Array[] {
    return consistencyProof(this.#from, this.#to, {
      node: (height, index) => {
        const node = this.#found.get(keyOf(height, index));
        if (node === undefined) throw new Error(`subtree ${height}/${index} never came`);
        return node;
      },
    });
  }

  #meet(height: number, index: number, node: Uint8Array): void {
    const key = keyOf(height, index);
    if (this.#wanted.has(key)) this.#found.set(key, node);
  }
}
