/**
 * The records of a ledger as followers of its Tail read them.
 *
 * @module
 */
import { openLedgerView } from "../../store/ledger-db.ts";
import { readTailRecord, type TailRecord } from "../../wire/index.ts";

const BATCH_RECORDS = 2_000;

/** Records 1 to `to`, in runs. Ends early when some are missing. */
export function* runsOfRecords(ledgerPath: string, to: number): Generator<TailRecord[]> {
  using ledger = openLedgerView(ledgerPath);
  const { reader } = ledger;
  for (let next = 1; next <= to;) {
    const stored = reader.read(next, Math.min(BATCH_RECORDS, to - next + 1));
    const last = stored.at(-1);
    if (last === undefined) return;
    const bound = new Map(reader.identitiesBetween(next, last.seq).map((row) => [row.seq, row]));
    yield stored.map(({ seq, event, outcome }) => {
      const row = bound.get(seq);
      const identity = row && {
        $typeName: "countroom.v1.Identity" as const,
        keyId: row.keyId,
        hash: row.hash,
      };
      return readTailRecord({ event, outcome, identity });
    });
    next = last.seq + 1;
  }
}

/** The same one by one. */
export function* eachRecord(ledgerPath: string, to: number): Generator<TailRecord> {
  for (const run of runsOfRecords(ledgerPath, to)) yield* run;
}
