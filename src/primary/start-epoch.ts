/**
 * The beginning of an epoch: its row when the folder is new, and its first record.
 *
 * @module
 */
import { emptyRoot } from "../ledger/index.ts";
import { OperatorError } from "../ops/index.ts";
import { randomHex, uuidv7, type Clock } from "../runtime/index.ts";
import type { EpochRow, LedgerDb } from "../store/ledger-db.ts";
import { encodeEvent } from "../wire/index.ts";

/** Bytes of a reign's random id. */
export const REIGN_BYTES = 16;

/** The open epoch; an empty folder gets its first. @throws OperatorError LEDGER_SEALED. */
export function openEpochOf(ledger: LedgerDb, clock: Clock): EpochRow {
  const { reader, writer } = ledger;
  const open = reader.openEpoch();
  if (open !== undefined) return open;
  if (reader.tree().size > 0 || reader.epochs().length > 0) {
    throw new OperatorError("LEDGER_SEALED", `${ledger.path} is sealed: no epoch is open`, {
      hint: "If its old primary is gone for good: countroom promote --data DIR --confirm",
    });
  }
  return writer.openEpoch({
    epoch: 1,
    reign: randomHex(REIGN_BYTES),
    openedAt: clock.nowUs(),
    reason: "genesis",
    previousRoot: emptyRoot(),
  });
}

/** The event that begins an epoch. `previousEpoch` is the epoch of the record before it. */
export function epochStartedEvent(row: EpochRow, previousEpoch: number, clock: Clock): Uint8Array {
  return encodeEvent({
    eventId: uuidv7(clock),
    occurredAt: BigInt(clock.nowUs()),
    source: "system",
    idempotencyKey: `epoch:${row.epoch}:${row.reign}`,
    payload: {
      case: "epochStarted",
      value: {
        reign: row.reign,
        previousEpoch: BigInt(previousEpoch),
        previousSize: BigInt(row.previousSize),
        previousRoot: row.previousRoot,
        reason: row.reason,
      },
    },
  });
}
