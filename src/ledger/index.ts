/**
 * The rules of the book: pure and synchronous.
 *
 * A command's way: `validate` (and the caller's rights) → key claim lookup, `firstDifference` for
 * a used key → `decide` on a `Draft` → `apply` on the same draft → the record is made durable →
 * `Draft.commit`. Start, restore and projections take the same `apply` with recorded outcomes.
 *
 * @module
 */
export { AccountKind } from "./accounts.ts";
export { apply } from "./apply.ts";
export { CLAIM_BYTES, ClaimKind, claim, claimHash, keyHash } from "./claims.ts";
export { claimsOf } from "./claims-of.ts";
export {
  CODES,
  Code,
  type CodeClass,
  type CodeEntry,
  type CodeName,
  type CodeStatus,
} from "./codes.ts";
export { decide } from "./decide.ts";
export { firstDifference } from "./difference.ts";
export { Draft, type PlayerChange } from "./draft.ts";
export { LedgerError, type LedgerErrorCode } from "./errors.ts";
export {
  betKey,
  houseKey,
  identityKey,
  objectKey,
  operatorOfObject,
  roundKey,
  splitIdentityKey,
} from "./keys.ts";
export { ID_LENGTH_MAX, STATE_BUCKETS } from "./limits.ts";
export { TREE_HASH_BYTES, TreeEdge, emptyRoot, leafHash, nodeHash } from "./merkle.ts";
export { resolvePlayer } from "./players.ts";
export {
  consistencyProof,
  inclusionProof,
  rootOfInclusion,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
  type SubtreeReader,
} from "./proof.ts";
export * from "./objects.ts";
export { NOTES, type NoteType, type RequiredId } from "./notes.ts";
export { PRECEDENCE } from "./precedence.ts";
export { PAYLOAD_TYPES } from "./rules.ts";
export { BUCKET_SUM_BYTES, StateDigest, bucketOf } from "./state-digest.ts";
export { type DigestRow, type IdentityRow, type WalletRow, canonicalRow } from "./state-rows.ts";
export {
  type Account,
  type BonusPart,
  Funding,
  type Head,
  type MutableAccount,
  type MutablePlayer,
  type MutableState,
  type OpenBet,
  type OpenRound,
  type Player,
  PlayerStatus,
  type StateView,
} from "./state-view.ts";
export { LedgerState, identityRowOf, walletRowsOf } from "./state.ts";
export { stateText, stateValue } from "./state-text.ts";
export {
  completedTiles,
  edgeOf,
  subtreesOf,
  TILE_BYTES,
  TILE_HASHES,
  TILE_LEVELS_MAX,
  tileRoot,
  tileWidth,
  type TileReader,
} from "./tiles.ts";
export type * from "./types.ts";
export { PLAY_RAIL } from "./faults.ts";
export { validate } from "./validate.ts";
export { LOGIC_VERSION } from "./verdict.ts";
