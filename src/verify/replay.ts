/**
 * Replays a book record by record: order, time, epochs, keys, then each record's effect.
 *
 * @module
 */
import { Claimer } from "./claims-made.ts";
import { checkRecord } from "./effects.ts";
import { type Entry, RecordReader, type StoredRecord } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { PartRows } from "./part-rows.ts";
import { DerivedState } from "./state.ts";
import { EMPTY_ROOT, sameBytes, Tree } from "./tree.ts";

/** An epoch as its first record tells it. */
export interface EpochStart {
  readonly epoch: number;
  readonly reign: string;
  readonly firstSeq: number;
  readonly previousEpoch: number;
  readonly previousSize: number;
  readonly previousRoot: Uint8Array;
  readonly reason: string;
}

/** A replay under way. */
export class Replay {
  readonly tree: Tree;
  readonly state = new DerivedState();
  readonly epochs: EpochStart[] = [];
  readonly #findings: Findings;
  readonly #reader = new RecordReader();
  /** Set when the records before are unknown. */
  readonly #rows: PartRows | undefined;
  /** Records that lie before the first one that is read. */
  readonly start: number;
  /** Seq of the last record. */
  seq: number;
  epoch = 0;
  /** recorded_at of the last record. */
  time = 0;
  /** Largest version of rules that decided a record. */
  rules = 0;

  /** `after` is the tree that the records continue, unless they begin the book. */
  constructor(findings: Findings, after = new Tree()) {
    this.#findings = findings;
    this.tree = after;
    this.start = this.seq = after.size;
    this.#rows = this.start === 0 ? undefined : new PartRows();
  }

  /** The next record of the ledger. */
  record(stored: StoredRecord): void {
    const findings = this.#findings;
    const expected = this.seq + 1;
    if (stored.seq !== expected) {
      const last = stored.seq - 1;
      const which = last > expected ? `records ${expected} to ${last} are` : `record ${last} is`;
      findings.add("record_missing", expected, `${which} not in the ledger`, last);
    }
    this.seq = stored.seq;
    const entry = this.#reader.read(stored);
    if (typeof entry === "string") findings.add("record_unreadable", stored.seq, entry);
    else this.#entry(entry);
    this.tree.append(this.#reader.leaf());
  }

  #entry(entry: Entry): void {
    const { seq, outcome } = entry;
    const findings = this.#findings;
    if (entry.unknownFields) {
      findings.add("record_unknown_field", seq, "it has fields that the contract doesn't have");
    }
    if (Number(outcome.seq) !== seq) {
      findings.add("record_misplaced", seq, `its outcome says it is record ${outcome.seq}`);
    }
    const time = Number(outcome.recordedAt);
    if (time <= this.time) {
      // Either this record's time is too early, or that of the one before too late.
      const detail = `recorded at ${time}, the one before at ${this.time}`;
      findings.add("time_not_rising", Math.max(seq - 1, 1), detail, seq);
    }
    this.time = Math.max(this.time, time);
    this.rules = Math.max(this.rules, outcome.logicVersion);
    this.#epoch(entry);
    this.#credential(entry);
    if (this.#rows === undefined) checkRecord(this.state, entry, time, findings);
    else {
      new Claimer(this.state, entry, findings).key();
      this.#rows.record(entry, findings);
    }
  }

  /** Only an epoch's first record changes the epoch, and it continues the one before. */
  #epoch(entry: Entry): void {
    const { seq, event, outcome } = entry;
    const findings = this.#findings;
    const epoch = Number(outcome.epoch);
    // What was before a part is unknown.
    const first = this.epoch === 0 && this.start > 0;
    if (event.payload.case !== "epochStarted") {
      if (epoch !== this.epoch && !first) {
        findings.add("epoch_wrong", seq, `epoch ${epoch} was never started after ${this.epoch}`);
      }
      this.epoch = epoch;
      return;
    }
    const start = event.payload.value;
    const previousEpoch = Number(start.previousEpoch);
    const previousSize = Number(start.previousSize);
    const follows = first || (epoch === this.epoch + 1 && previousEpoch === this.epoch);
    if (!follows || previousSize !== seq - 1) {
      const detail = `epoch ${epoch} continues epoch ${previousEpoch} at size ${previousSize}`;
      findings.add("epoch_wrong", seq, `${detail}, not epoch ${this.epoch} at size ${seq - 1}`);
    }
    const root = this.tree.root();
    const genesis = seq === 1 && start.previousRoot.length === 0;
    if (!genesis && !sameBytes(start.previousRoot, seq === 1 ? EMPTY_ROOT : root)) {
      findings.add("epoch_wrong", seq, "the epoch doesn't continue the tree that lies before it");
    }
    const { reign, reason, previousRoot } = start;
    const firstSeq = seq;
    this.epochs.push({
      epoch,
      reign,
      firstSeq,
      previousEpoch,
      previousSize,
      previousRoot,
      reason,
    });
    this.epoch = epoch;
  }

  /** What the event says of operator and source must be what the credential said. */
  #credential(entry: Entry): void {
    const { seq, event, operator, source, ref } = entry;
    const findings = this.#findings;
    if (event.operatorId !== "" && event.operatorId !== operator) {
      const detail = `the event is of operator ${event.operatorId}, the record of ${operator}`;
      findings.add("credential_mismatch", seq, detail);
    }
    if (event.source !== "" && event.source !== source) {
      const detail = `the event is of source ${event.source}, the record of ${source}`;
      findings.add("credential_mismatch", seq, detail);
    }
    if (event.playerRef !== "" && event.playerRef !== ref) {
      const detail = `the event is about ${event.playerRef}, the record about ${ref}`;
      findings.add("credential_mismatch", seq, detail);
    }
  }
}
