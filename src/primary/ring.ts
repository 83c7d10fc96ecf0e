/**
 * The newest records in memory, for tails that have caught up.
 *
 * @module
 */
import type { Group } from "../store/ledger-db.ts";
import type { SealedRecord } from "../wire/gen/countroom/v1/record_pb.ts";
import { RING_BYTES_MAX, RING_RECORDS } from "./limits.ts";

/** A run of records for one message. */
export interface Run {
  readonly records: SealedRecord[];
  readonly bytes: number;
}

/** Keeps a bounded number of records, dropping the oldest. Nobody's slowness makes it grow. */
export class Ring {
  readonly #slots: (SealedRecord | undefined)[] = Array.from({ length: RING_RECORDS });
  #first: number;
  #next: number;
  #bytes = 0;

  /** `next` is the seq of the next record. */
  constructor(next: number) {
    this.#first = next;
    this.#next = next;
  }

  /** Seq of the newest record, durable and applied. */
  get head(): number {
    return this.#next - 1;
  }

  /** Adds a durable group. */
  push(group: Group): void {
    if (group.firstSeq !== this.#next) throw new Error(`the ring expects ${this.#next}`);
    for (const { event, outcome, identity } of group.records) {
      if (this.#next - this.#first === RING_RECORDS) this.#dropFirst();
      const record = sealedRecord(event, outcome, identity);
      this.#slots[this.#next % RING_RECORDS] = record;
      this.#next += 1;
      this.#bytes += sizeOf(record);
    }
    while (this.#bytes > RING_BYTES_MAX) this.#dropFirst();
  }

  /** Whether a record is still in memory. */
  has(seq: number): boolean {
    return seq >= this.#first && seq < this.#next;
  }

  /** Records from a seq on that it holds, up to the limits. At least one. */
  run(from: number, recordsMax: number, bytesMax: number): Run {
    const records: SealedRecord[] = [];
    let bytes = 0;
    for (let seq = from; seq < this.#next && records.length < recordsMax; seq += 1) {
      const record = this.#slots[seq % RING_RECORDS]!;
      bytes += sizeOf(record);
      if (bytes > bytesMax && records.length > 0) break;
      records.push(record);
    }
    return { records, bytes };
  }

  #dropFirst(): void {
    const slot = this.#first % RING_RECORDS;
    this.#bytes -= sizeOf(this.#slots[slot]!);
    this.#slots[slot] = undefined;
    this.#first += 1;
  }
}

/** A record as it travels. */
export function sealedRecord(
  event: Uint8Array,
  outcome: Uint8Array,
  identity: { readonly keyId: string; readonly hash: Uint8Array } | undefined,
): SealedRecord {
  const record: SealedRecord = { $typeName: "countroom.v1.SealedRecord", event, outcome };
  if (identity !== undefined) {
    const { keyId, hash } = identity;
    record.identity = { $typeName: "countroom.v1.Identity", keyId, hash };
  }
  return record;
}

/** With some bytes for lengths and the identity. */
function sizeOf(record: SealedRecord): number {
  return record.event.length + record.outcome.length + (record.identity === undefined ? 16 : 96);
}
