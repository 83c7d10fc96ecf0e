/**
 * A record's bytes laid out as its leaf of the tree hashes them, so that one copy serves both the
 * hash and the reading.
 *
 * @module
 */
import { hash } from "node:crypto";
import { Scratch } from "./views.ts";

const LEAF_PREFIX = 0x00;
const LENGTH_BYTES = 4;
const EVENT_AT = 1 + LENGTH_BYTES;

/** Room for one record, used for one after another. */
export class RecordBytes {
  readonly #scratch = new Scratch(4096);
  /** Where the event begins. */
  readonly eventAt = EVENT_AT;
  eventEnd = EVENT_AT;
  outcomeAt = EVENT_AT + LENGTH_BYTES;
  /** End of the outcome, and of the whole. */
  end = EVENT_AT + LENGTH_BYTES;

  get bytes(): Buffer {
    return this.#scratch.bytes;
  }

  /** Takes a record: 0x00 ‖ u32be length ‖ event ‖ u32be length ‖ outcome. */
  lay(event: Uint8Array, outcome: Uint8Array): void {
    this.eventEnd = EVENT_AT + event.length;
    this.outcomeAt = this.eventEnd + LENGTH_BYTES;
    this.end = this.outcomeAt + outcome.length;
    const bytes = this.#scratch.reserve(this.end);
    bytes[0] = LEAF_PREFIX;
    bytes.writeUInt32BE(event.length, 1);
    bytes.set(event, EVENT_AT);
    bytes.writeUInt32BE(outcome.length, this.eventEnd);
    bytes.set(outcome, this.outcomeAt);
  }

  /** Leaf of the record: SHA-256 over all of it, a character per byte. */
  leaf(): string {
    return hash("sha256", this.#scratch.view(this.end), "latin1");
  }
}
