/**
 * Between bytes and the domain: events, outcomes, receipts, checkpoints, and the ledger's service.
 *
 * @module
 */
export { decodeAppendRequest, encodeAppendResponse } from "./append-codec.ts";
export type { AppendCall, CalledEvent, ItemIdentity } from "./append-codec.ts";
export { formatBookmark, parseBookmark } from "./bookmark.ts";
export type { Bookmark } from "./bookmark.ts";
export {
  BELIEVED_NOWHERE,
  checkpointKeyId,
  currentSigners,
  publicKeyFromRaw,
  rawPublicKey,
  verifierKey,
} from "./checkpoint-key.ts";
export type { CheckpointKeys, KeyBound, Signer } from "./checkpoint-key.ts";
export {
  CheckpointError,
  cosignCheckpoint,
  formatCheckpoint,
  newerCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from "./checkpoint.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { CheckpointFile } from "./checkpoint-file.ts";
export { codeName, codeNumber, statusName, statusNumber } from "./codes.ts";
export type { StatusName } from "./codes.ts";
export { connectFetch } from "./connect-server.ts";
export type { ConnectFetch, ConnectServerOptions } from "./connect-server.ts";
export { encodeReceiptBatch, eventsOfBinary, eventsOfJson } from "./event-batch.ts";
export type { Batch } from "./event-batch.ts";
export { eventFromJson } from "./event-json.ts";
export { decodeEvent, encodeEvent } from "./event-codec.ts";
export type { Caller, DecodedEvent, DecodeOptions, Refusal } from "./event-command.ts";
export { keyLinkToJson, parseKeyChain, successor, successorsOf } from "./key-chain.ts";
export type { KeyLink, KeyLinkJson } from "./key-chain.ts";
export { createLedgerClient } from "./ledger-client.ts";
export type { LedgerClient, LedgerClientOptions } from "./ledger-client.ts";
export * from "./limits.ts";
export { balanceFrom, decodeOutcome, encodeOutcome } from "./outcome-codec.ts";
export type { NamesPlayer } from "./outcome-codec.ts";
export { problem, PROBLEM_TYPE, problemResponse } from "./problem.ts";
export type { Problem } from "./problem.ts";
export { inclusionProofFromJson, inclusionProofToJson } from "./proof-json.ts";
export type { ConsistencyProofJson, InclusionProofJson } from "./proof-json.ts";
export { receiptFrom, receiptWithoutRecord } from "./receipt.ts";
export type { ReceiptIds, Unrecorded } from "./receipt.ts";
export { balanceToJson, receiptToJson } from "./receipt-json.ts";
export type { BalanceJson, HouseRoundJson, ReceiptJson } from "./receipt-json.ts";
export { safeNumber } from "./safe-number.ts";
export { splitEdge, TailBook } from "./tail-book.ts";
export type { BookPosition } from "./tail-book.ts";
export { TailFault } from "./tail-fault.ts";
export type { TailFaultCode } from "./tail-fault.ts";
export { readTailRecord } from "./tail-record.ts";
export type { BoundIdentity, TailRecord } from "./tail-record.ts";
export { openState, openTail } from "./tail-streams.ts";
export type { UnaryCall, UnaryRoute } from "./unary-route.ts";
