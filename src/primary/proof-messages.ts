/**
 * What the checkpointer's thread is asked about the tree, and what it answers.
 *
 * @module
 */

/** A question about the tree. Sizes and seqs are positive safe integers. */
export type ProofQuestion =
  /** Records by seq, in one tree; without a size, in that of the newest checkpoint. */
  | { readonly kind: "inclusion"; readonly seqs: readonly number[]; readonly size?: number }
  /** Without `to`, up to the newest checkpoint. */
  | { readonly kind: "consistency"; readonly from: number; readonly to?: number }
  /** The first `width` hashes of a tile. */
  | {
      readonly kind: "tile";
      readonly level: number;
      readonly index: number;
      readonly width: number;
    }
  /** The first `width` leaves of a bundle, as the tile layout has them. */
  | {
      readonly kind: "entries";
      readonly index: number;
      readonly width: number;
      readonly gzip: boolean;
    };

/** That a record is in the tree of `size` records. */
export interface ProvenRecord {
  readonly seq: number;
  readonly leaf: Uint8Array;
  /** Audit path, from the leaf's sibling up. */
  readonly path: readonly Uint8Array[];
}

/** What came of a question. Everything in it was checked against the newest signed checkpoint. */
export type ProofAnswer =
  | {
      readonly kind: "inclusion";
      readonly size: number;
      readonly records: readonly ProvenRecord[];
      /** Signed checkpoint of exactly that size, "" when none is kept. */
      readonly checkpoint: string;
    }
  | {
      readonly kind: "consistency";
      readonly from: number;
      readonly to: number;
      readonly path: readonly Uint8Array[];
      readonly checkpoint: string;
    }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly gzip: boolean }
  /** There is no such record, size or tile; `size` records are signed. */
  | { readonly kind: "unknown"; readonly size: number }
  /** The tiles are being rebuilt: ask again. */
  | { readonly kind: "unready" };

/** The records that a question is about reach up to here; 0 when it takes what there is. */
export function sizeNeeded(question: ProofQuestion): number {
  switch (question.kind) {
    case "inclusion":
      return Math.max(question.size ?? 0, ...question.seqs);
    case "consistency":
      return Math.max(question.from, question.to ?? 0);
    case "tile":
    case "entries":
      // Tiles belong to trees that were signed: whoever asks has seen the checkpoint.
      return 0;
    default:
      return question satisfies never;
  }
}
