/**
 * The log on one machine: `ledger.db`, one transaction per group, synced before it returns.
 *
 * @module
 */
import { ClaimFilter } from "../store/claim-filter.ts";
import { PAGE_ENTRY_BYTES } from "../store/claim-pages.ts";
import type { LedgerDb } from "../store/ledger-db.ts";
import { RANGE_RECORDS } from "../store/limits.ts";
import type {
  EpochRow,
  Group,
  LedgerIdentityRow,
  LedgerLog,
  LogHead,
  StoredRecord,
} from "./log.ts";

/** A settlement makes up to three claims, a bet one; most ranges hold about this many. */
const CLAIMS_PER_RANGE = 2 * RANGE_RECORDS;

/** `ledger.db` as a log. It owns the database. */
export class SqliteLog implements LedgerLog {
  readonly #ledger: LedgerDb;
  readonly #filter: ClaimFilter;
  #head: LogHead;

  constructor(ledger: LedgerDb) {
    this.#ledger = ledger;
    const { reader } = ledger;
    const { size, edge } = reader.tree();
    this.#head = { size, edge, root: reader.lastCommit()?.root };
    this.#filter = fill(ledger);
  }

  head(): LogHead {
    return this.#head;
  }

  append(group: Group): Promise<void> {
    // The driver is synchronous: what it throws must become a rejection, as other logs would.
    try {
      this.#ledger.writer.append(group);
    } catch (error) {
      return Promise.reject(error);
    }
    const { records, firstSeq, root, edge } = group;
    for (const { claims } of records) for (const hash of claims) this.#filter.add(hash);
    this.#head = { size: firstSeq + records.length - 1, root, edge };
    return Promise.resolve();
  }

  record(seq: number): StoredRecord | undefined {
    return this.#ledger.reader.record(seq);
  }

  read(from: number, limit: number, bytesMax: number): readonly StoredRecord[] {
    return this.#ledger.reader.read(from, limit, bytesMax);
  }

  identities(from: number, to: number): readonly LedgerIdentityRow[] {
    return this.#ledger.reader.identitiesBetween(from, to);
  }

  claimed(hash: Uint8Array): number | undefined {
    return this.#filter.has(hash) ? this.#ledger.reader.claimed(hash) : undefined;
  }

  epoch(epoch: number): EpochRow | undefined {
    return this.#ledger.reader.epoch(epoch);
  }

  openEpoch(): EpochRow | undefined {
    return this.#ledger.reader.openEpoch();
  }

  close(): Promise<void> {
    this.#ledger.close();
    return Promise.resolve();
  }
}

function fill({ reader, writer }: LedgerDb): ClaimFilter {
  const filter = new ClaimFilter((reader.ranges.length + 1) * CLAIMS_PER_RANGE);
  writer.queue.each((hash) => filter.add(hash));
  for (const range of reader.ranges) {
    for (const page of reader.claimPages(range)) {
      for (let at = 0; at < page.length; at += PAGE_ENTRY_BYTES) filter.add(page, at);
    }
  }
  return filter;
}
