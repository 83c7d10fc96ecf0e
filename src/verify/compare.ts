/**
 * Compares a ledger's own tables with what its records say.
 *
 * @module
 */
import type { StoredClaim, StoredEpoch } from "./book.ts";
import { FACT_NAMES } from "./claim-table.ts";
import type { Findings } from "./findings.ts";
import type { EpochStart } from "./replay.ts";
import type { DerivedState } from "./state.ts";
import { sameBytes } from "./tree.ts";

const CLAIM_BYTES = 16;

/** Every claim of the ledger is one that a record made, and the other way round. */
export function compareClaims(
  state: DerivedState,
  size: number,
  claims: Iterable<StoredClaim>,
  findings: Findings,
): void {
  for (const { hash, seq } of claims) {
    if (seq > size) continue;
    const derived = hash.length === CLAIM_BYTES ? state.claims.mark(hash) : undefined;
    if (derived === seq) continue;
    const name = Buffer.from(hash).toString("hex");
    if (derived === undefined) {
      findings.add("claim_stray", seq, `claim ${name} is made by no record`);
    } else {
      const detail = `claim ${name} is said to be of record ${seq}, but ${derived} made it`;
      findings.add("claim_wrong", Math.min(derived, seq), detail);
    }
  }
  for (const { fact, seq } of state.claims.unmarked()) {
    findings.add("claim_missing", seq, `the ${FACT_NAMES[fact]} by record ${seq} isn't claimed`);
  }
}

/** Rows of epochs are what the epochs' first records say. */
export function compareEpochs(
  derived: readonly EpochStart[],
  size: number,
  stored: readonly StoredEpoch[],
  findings: Findings,
): void {
  const rows = new Map(stored.map((row) => [row.epoch, row]));
  for (const [index, start] of derived.entries()) {
    const row = rows.get(start.epoch);
    rows.delete(start.epoch);
    const lastSeq = derived[index + 1]?.previousSize;
    // The last one is open, or closed at the end of the book.
    const ends = lastSeq ?? (row?.lastSeq === null ? null : size);
    const same =
      row !== undefined &&
      row.reign === start.reign &&
      row.firstSeq === start.firstSeq &&
      row.previousEpoch === start.previousEpoch &&
      row.previousSize === start.previousSize &&
      row.reason === start.reason &&
      sameBytes(row.previousRoot, start.previousRoot) &&
      row.lastSeq === ends;
    if (!same) {
      const detail = `the row of epoch ${start.epoch} isn't what its first record says`;
      findings.add("epoch_row_wrong", start.firstSeq, detail);
    }
  }
  for (const row of rows.values()) {
    if (row.firstSeq > size) continue;
    const detail = `epoch ${row.epoch} has a row, but no first record`;
    findings.add("epoch_row_wrong", row.firstSeq, detail);
  }
}
