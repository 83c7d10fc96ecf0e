/**
 * Shapes of proofs and keys, for `/openapi.json`.
 *
 * @module
 */
import * as v from "valibot";

const count = (description: string, example: string) =>
  v.pipe(v.string(), v.regex(/^[0-9]+$/), v.description(description), v.examples([example]));
const hash = (description: string) => v.pipe(v.string(), v.description(`${description}, base64`));
const hashes = (description: string) => v.pipe(v.array(v.string()), v.description(description));
const NOTE = "Signed checkpoint (C2SP note) of exactly that size; left out when none is kept";

const PROOF = {
  leaf_index: count("seq - 1", "41"),
  tree_size: count("Records in the tree", "50"),
  leaf_hash: hash("SHA-256 of the leaf"),
  hashes: hashes("Audit path in base64, from the leaf's sibling up"),
  checkpoint: v.optional(v.pipe(v.string(), v.description(NOTE))),
};

/** That a record is a leaf of a signed tree. */
export const ProofJson = v.pipe(v.object(PROOF), v.metadata({ ref: "InclusionProof" }));

/** The answer of `GET /v1/proofs/inclusion`. */
export const InclusionAnswer = v.object({ seq: count("The record", "42"), ...PROOF });

/** The answer of `GET /v1/proofs/consistency`. */
export const ConsistencyAnswer = v.object({
  from: count("Size of the earlier tree", "42"),
  to: count("Size of the later tree", "50"),
  hashes: hashes("The proof in base64, as in RFC 6962"),
  checkpoint: PROOF.checkpoint,
});

/** The answer of `GET /v1/keys`. */
export const KeysAnswer = v.object({
  keys: v.pipe(
    v.array(
      v.object({
        key_id: v.pipe(v.string(), v.description("Key id of its signatures in notes, hex")),
        public_key: v.pipe(v.string(), v.description("Ed25519, 32 bytes in base64")),
        verifier_key: v.pipe(v.string(), v.description("C2SP form: name+id+key")),
      }),
    ),
    v.description("Newest first"),
  ),
  rotations: v.pipe(
    v.array(
      v.object({
        seq: count("The key_rotated record", "42"),
        event: v.pipe(v.string(), v.description("Its event, base64")),
        outcome: v.pipe(v.string(), v.description("Its outcome, base64")),
        tree_size: PROOF.tree_size,
        hashes: PROOF.hashes,
        checkpoint: v.pipe(v.string(), v.description("Signed by the old and by the new key")),
      }),
    ),
    v.description("Oldest first: each proves with its old key that the new one follows"),
  ),
});
