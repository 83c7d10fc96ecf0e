/**
 * Stored records as the ledger's values.
 *
 * @module
 */
import { identityKey, type Command, type IdentityKey, type Outcome } from "../ledger/index.ts";
import { decodeEvent, decodeOutcome, type DecodedEvent } from "../wire/index.ts";
import type { LedgerIdentityRow, StoredRecord } from "./log.ts";

/** One record, read back. */
export interface DecodedRecord {
  readonly event: DecodedEvent["event"];
  /** With operator and source as they were recorded. */
  readonly command: Command;
  readonly outcome: Outcome;
}

/** The book's bytes can't be read, or contradict themselves: the file is damaged. */
export class RecordFault extends Error {
  override readonly name = "RecordFault";
  readonly code = "RECORD_DAMAGED";
}

/** Reads a record. @throws RecordFault when its bytes are not what a primary writes. */
export function decodeRecord(stored: StoredRecord): DecodedRecord {
  const decoded = decodeEvent(stored.event);
  if (!decoded.ok) {
    throw new RecordFault(`record ${stored.seq} holds no event: ${decoded.message}`);
  }
  let outcome: Outcome;
  try {
    outcome = decodeOutcome(stored.outcome, decoded.command);
  } catch (cause) {
    throw new RecordFault(`record ${stored.seq} holds no outcome`, { cause });
  }
  if (outcome.seq !== stored.seq) {
    throw new RecordFault(`record ${stored.seq} says it is record ${outcome.seq}`);
  }
  const { operatorId, source } = outcome;
  return { event: decoded.event, outcome, command: { ...decoded.command, operatorId, source } };
}

/** The key under which the ledger knows an identity's row. */
export function keyOfIdentity(row: Omit<LedgerIdentityRow, "seq" | "playerRef">): IdentityKey {
  return identityKey(row.operatorId, row.keyId, Buffer.from(row.hash).toString("hex"));
}
