import { leafHash, type Command, type Outcome } from "../ledger/index.ts";
import { decodeEvent } from "./event-codec.ts";
import type { Event } from "./gen/countroom/v1/event_pb.ts";
import type { SealedRecord } from "./gen/countroom/v1/record_pb.ts";
import { decodeOutcome } from "./outcome-codec.ts";
import { TailFault } from "./tail-fault.ts";

/** A messenger identity that a record bound to its player. */
export interface BoundIdentity {
  readonly keyId: string;
  readonly hash: Uint8Array;
}

/** A sealed record, read. */
export interface TailRecord {
  /** What arrived, with the fields that no rule depends on. */
  readonly event: Event;
  readonly command: Command;
  readonly outcome: Outcome;
  /** Its leaf of the record tree. */
  readonly leaf: Uint8Array;
  readonly identity: BoundIdentity | undefined;
}

/**
 * Reads a sealed record.
 *
 * @throws TailFault RECORD_WRONG for what can't be read
 */
export function readTailRecord(
  sealed: Pick<SealedRecord, "event" | "outcome" | "identity">,
): TailRecord {
  const decoded = decodeEvent(sealed.event);
  if (!decoded.ok) {
    throw new TailFault("RECORD_WRONG", `a record's event can't be read: ${decoded.message}`);
  }
  const { command, event } = decoded;
  try {
    const outcome = decodeOutcome(sealed.outcome, command);
    const leaf = leafHash(sealed.event, sealed.outcome);
    return { event, command, outcome, leaf, identity: sealed.identity };
  } catch (error) {
    throw new TailFault("RECORD_WRONG", "a record's outcome can't be read", error);
  }
}
