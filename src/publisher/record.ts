import { leafHash, type Command, type Outcome } from "../ledger/index.ts";
import { decodeEvent, decodeOutcome } from "../wire/index.ts";
import type { SealedRecord } from "../wire/gen/countroom/v1/record_pb.ts";
import { PublisherError } from "./errors.ts";

/** A messenger identity that a record bound to its player. */
export interface BoundIdentity {
  readonly keyId: string;
  readonly hash: Uint8Array;
}

/** A sealed record, read. */
export interface TailRecord {
  readonly command: Command;
  readonly outcome: Outcome;
  /** Its leaf of the record tree. */
  readonly leaf: Uint8Array;
  readonly identity: BoundIdentity | undefined;
}

/** Reads a sealed record. What can't be read can't be published. */
export function readRecord(sealed: SealedRecord): TailRecord {
  const decoded = decodeEvent(sealed.event);
  if (!decoded.ok) {
    throw new PublisherError("TICK_WITHHELD", `a record's event can't be read: ${decoded.message}`);
  }
  const { command } = decoded;
  try {
    const outcome = decodeOutcome(sealed.outcome, command);
    const leaf = leafHash(sealed.event, sealed.outcome);
    return { command, outcome, leaf, identity: sealed.identity };
  } catch (error) {
    throw new PublisherError("TICK_WITHHELD", "a record's outcome can't be read", error);
  }
}
