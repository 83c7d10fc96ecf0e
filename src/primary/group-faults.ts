import { LedgerError } from "../ledger/index.ts";
import { RecordFault } from "./record-codec.ts";

/**
 * Whether an error concerns one event only: it contradicts the rules, or the record it repeats
 * can't be read. Anything else (the disk, the driver, a bug) concerns the process.
 */
export function isEventFault(error: unknown): boolean {
  return error instanceof LedgerError || error instanceof RecordFault;
}
