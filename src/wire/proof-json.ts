/**
 * Proofs in JSON: 64-bit integers as decimal strings, hashes in base64.
 *
 * @module
 */
import type { InclusionProof } from "./gen/countroom/v1/record_pb.ts";

/** That a record is in the tree that a signed checkpoint names. */
export interface InclusionProofJson {
  readonly leaf_index: string;
  readonly tree_size: string;
  readonly leaf_hash: string;
  /** Audit path, from the leaf's sibling up. */
  readonly hashes: readonly string[];
  /** Signed checkpoint of exactly `tree_size`; left out when none of that size is kept. */
  readonly checkpoint?: string;
}

/** That the tree of `to` records begins with the tree of `from` records. */
export interface ConsistencyProofJson {
  readonly from: string;
  readonly to: string;
  readonly hashes: readonly string[];
  /** Signed checkpoint of exactly `to`; left out when none of that size is kept. */
  readonly checkpoint?: string;
}

/** The JSON of a proof. */
export function inclusionProofToJson(proof: Omit<InclusionProof, "$typeName">): InclusionProofJson {
  return {
    leaf_index: String(proof.leafIndex),
    tree_size: String(proof.treeSize),
    leaf_hash: base64(proof.leafHash),
    hashes: proof.hashes.map(base64),
    ...(proof.checkpoint === "" ? {} : { checkpoint: proof.checkpoint }),
  };
}

/** The message of a proof in JSON; the caller has checked its shape. */
export function inclusionProofFromJson(json: InclusionProofJson): InclusionProof {
  return {
    $typeName: "countroom.v1.InclusionProof",
    leafIndex: BigInt(json.leaf_index),
    treeSize: BigInt(json.tree_size),
    leafHash: fromBase64(json.leaf_hash),
    hashes: json.hashes.map(fromBase64),
    checkpoint: json.checkpoint ?? "",
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
