/**
 * Makes proofs out of `tree.db`, and lets none out that doesn't lead to the signed root: a tile
 * that was damaged, or exchanged, is found where it is used.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  subtreesOf,
  TILE_BYTES,
  TILE_HASHES,
  TREE_HASH_BYTES,
  treeRoot,
  tileRoot,
  tileWidth,
  verifyConsistency,
  verifyInclusion,
  type SubtreeReader,
  type TileReader,
  type TreeEdge,
} from "../ledger/index.ts";
import type { LedgerView } from "../store/ledger-db.ts";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import { damaged, sameBytes } from "./projection.ts";
import type { ProofAnswer, ProofQuestion, ProvenRecord } from "./proof-messages.ts";
import type { TreeKeeper } from "./tree-keeper.ts";

/** What a prover works with. */
export interface ProverOptions {
  readonly ledger: LedgerView;
  readonly keeper: TreeKeeper;
  /** The tree of the newest signed checkpoint. */
  readonly signed: () => TreeEdge;
  /** The signed checkpoint of exactly that size, undefined when none is kept. */
  readonly checkpointAt: (size: number) => string | undefined;
}

/** The tiles don't lead to the signed root. */
class TilesWrong extends Error {
  override readonly name = "TilesWrong";
}

type Of<Kind extends ProofQuestion["kind"]> = Extract<ProofQuestion, { kind: Kind }>;

/** Answers questions about the tree, up to the newest signed checkpoint. */
export class Prover {
  readonly #options: ProverOptions;

  constructor(options: ProverOptions) {
    this.#options = options;
  }

  /** @throws OperatorError LEDGER_DAMAGED when records are not those that were signed */
  answer(question: ProofQuestion): ProofAnswer {
    const { signed, keeper } = this.#options;
    const { size } = signed();
    const tiles = keeper.tiles(size);
    if (tiles === undefined) return { kind: "unready" };
    try {
      return this.#answer(question, new SignedTiles(tiles, size, signed().root()));
    } catch (error) {
      // Tiles that are too short are found while a proof is made, others when it is checked.
      const wrong =
        error instanceof TilesWrong || (error as { code?: unknown }).code === "STATE_MALFORMED";
      if (!wrong) throw error;
      keeper.distrust((error as Error).message);
      return { kind: "unready" };
    }
  }

  #answer(question: ProofQuestion, tree: SignedTiles): ProofAnswer {
    switch (question.kind) {
      case "inclusion":
        return this.#inclusion(question, tree);
      case "consistency":
        return this.#consistency(question, tree);
      case "tile":
        return tile(question, tree);
      case "entries":
        return this.#entries(question, tree);
      default:
        return question satisfies never;
    }
  }

  #inclusion({ seqs, size = 0 }: Of<"inclusion">, tree: SignedTiles): ProofAnswer {
    const wanted = size === 0 ? tree.size : size;
    if (wanted > tree.size || seqs.some((seq) => seq > wanted)) return unknown(tree);
    const root = tree.rootAt(wanted);
    const records = seqs.map((seq): ProvenRecord => {
      const index = seq - 1;
      const leaf = tree.subtrees.node(0, index);
      const path = inclusionProof(index, wanted, tree.subtrees);
      if (!verifyInclusion({ index, size: wanted, leaf, path }, root)) {
        throw new TilesWrong(`the path of record ${seq} doesn't lead to the signed root`);
      }
      return { seq, leaf, path };
    });
    const checkpoint = this.#noteOf(wanted, root);
    return { kind: "inclusion", size: wanted, records, checkpoint };
  }

  #consistency({ from, to = 0 }: Of<"consistency">, tree: SignedTiles): ProofAnswer {
    const wanted = to === 0 ? tree.size : to;
    if (wanted > tree.size || from > wanted) return unknown(tree);
    const path = consistencyProof(from, wanted, tree.subtrees);
    const [fromRoot, toRoot] = [tree.rootAt(from), tree.rootAt(wanted)];
    if (!verifyConsistency({ from, to: wanted, fromRoot, toRoot, path })) {
      throw new TilesWrong(`the proof from ${from} to ${wanted} doesn't hold`);
    }
    const checkpoint = this.#noteOf(wanted, toRoot);
    return { kind: "consistency", from, to: wanted, path, checkpoint };
  }

  /** A kept note is given out only if it says what was proven. */
  #noteOf(size: number, root: Uint8Array): string {
    const note = this.#options.checkpointAt(size) ?? "";
    return note.split("\n", 3)[2] === Buffer.from(root).toString("base64") ? note : "";
  }

  #entries({ index, width, gzip }: Of<"entries">, tree: SignedTiles): ProofAnswer {
    const hashes = tree.proven(0, index);
    if (hashes === undefined || hashes.length < width * TREE_HASH_BYTES) return unknown(tree);
    const first = index * TILE_HASHES + 1;
    const records = this.#options.ledger.reader.read(first, width);
    if (records.length !== width) throw damaged(`records are missing from ${first} on`);
    const parts: Uint8Array[] = [];
    for (const [at, { seq, event, outcome }] of records.entries()) {
      const signed = hashes.subarray(at * TREE_HASH_BYTES, (at + 1) * TREE_HASH_BYTES);
      if (!sameBytes(leafHash(event, outcome), signed)) {
        throw damaged(`record ${seq} is not the one that was signed`);
      }
      // Longer than the layout can say: only Tail and an export carry such a record.
      if (event.length + outcome.length + 8 > ENTRY_BYTES_MAX) return unknown(tree);
      parts.push(...entry(event, outcome));
    }
    const bytes = Buffer.concat(parts);
    return { kind: "bytes", bytes: gzip ? gzipSync(bytes, { level: 1 }) : bytes, gzip };
  }
}

/** A leaf's data behind its length: what follows the 0x00 of the leaf's hash. */
function entry(event: Uint8Array, outcome: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(event.length + outcome.length + 8, 0);
  head.writeUInt32BE(event.length, 2);
  const middle = Buffer.alloc(4);
  middle.writeUInt32BE(outcome.length, 0);
  return [head, event, middle, outcome];
}

function tile({ level, index, width }: Of<"tile">, tree: SignedTiles): ProofAnswer {
  const hashes = tree.proven(level, index);
  if (hashes === undefined || hashes.length < width * TREE_HASH_BYTES) return unknown(tree);
  const bytes = Uint8Array.from(hashes.subarray(0, width * TREE_HASH_BYTES));
  return { kind: "bytes", bytes, gzip: false };
}

function unknown({ size }: SignedTiles): ProofAnswer {
  return { kind: "unknown", size };
}

/** Tiles as far as a signed root reaches. */
class SignedTiles {
  readonly size: number;
  readonly subtrees: SubtreeReader;
  readonly #tiles: TileReader;
  readonly #root: Uint8Array;

  constructor(tiles: TileReader, size: number, root: Uint8Array) {
    this.size = size;
    this.#tiles = tiles;
    this.#root = root;
    this.subtrees = subtreesOf({ tile: (level, index) => this.#read(level, index) });
  }

  /** Root at an earlier size, which the signed tree is proven to extend. */
  rootAt(size: number): Uint8Array {
    const root = size === this.size ? this.#root : treeRoot(size, this.subtrees);
    const path = consistencyProof(size, this.size, this.subtrees);
    const claim = { from: size, to: this.size, fromRoot: root, toRoot: this.#root, path };
    if (verifyConsistency(claim)) return root;
    throw new TilesWrong(`the tree of ${size} records is not the beginning of the signed one`);
  }

  /** A tile's hashes, proven to be below the signed root; undefined when it has none. */
  proven(level: number, index: number): Uint8Array | undefined {
    const width = tileWidth(level, index, this.size);
    if (width === 0) return undefined;
    const stored = this.#read(level, index);
    const hashes = stored?.subarray(0, width * TREE_HASH_BYTES);
    if (hashes?.length !== width * TREE_HASH_BYTES) {
      throw new TilesWrong(`tile ${level}/${index} is not whole`);
    }
    if (hashes.length < TILE_BYTES) {
      // The last tiles of all levels make up the root together.
      if (sameBytes(treeRoot(this.size, this.subtrees), this.#root)) return hashes;
      throw new TilesWrong("the last tiles don't make up the signed root");
    }
    const parent = this.proven(level + 1, Math.floor(index / TILE_HASHES));
    const at = (index % TILE_HASHES) * TREE_HASH_BYTES;
    const said = parent?.subarray(at, at + TREE_HASH_BYTES);
    if (said !== undefined && sameBytes(said, tileRoot(hashes))) return hashes;
    throw new TilesWrong(`tile ${level}/${index} is not the one below the signed root`);
  }
  /** A file that can't be read is as wrong as one that says something else. */
  #read(level: number, index: number): Uint8Array | undefined {
    try {
      return this.#tiles.tile(level, index);
    } catch (cause) {
      throw new TilesWrong(`tile ${level}/${index} can't be read`, { cause });
    }
  }
}
