/**
 * Applies archived records from the first on, proving each, and writes them into a new ledger.
 *
 * Recorded outcomes are applied, never decided again: `apply` checks that each follows from the
 * state before it and that its postings explain its balances.
 *
 * @module
 */
import {
  apply,
  claimsOf,
  identityKey,
  leafHash,
  LedgerError,
  LedgerState,
  TreeEdge,
  type Command,
  type Outcome,
} from "../../ledger/index.ts";
import { ClaimFilter } from "../../store/claim-filter.ts";
import { ClaimSet } from "../../store/claim-set.ts";
import type { LedgerDb, NewIdentity, NewRecord } from "../../store/ledger-db.ts";
import { decodeEvent, decodeOutcome } from "../../wire/index.ts";
import { damaged } from "../errors.ts";
import { RECORDS_PER_COMMIT } from "../limits.ts";
import type { SealedItem } from "../snapshot/items.ts";
import type { EpochLine } from "./rows.ts";

/** A book in the making. */
export class Replay {
  readonly state = new LedgerState();
  readonly edge = new TreeEdge();
  readonly #ledger: LedgerDb;
  readonly #epochs: readonly EpochLine[];
  readonly #claims: ClaimFilter;
  #epoch: EpochLine | undefined;
  #group: NewRecord[] = [];
  /** Claims of the group, which isn't in the file yet. */
  readonly #pending = new ClaimSet();

  constructor(ledger: LedgerDb, epochs: readonly EpochLine[]) {
    this.#ledger = ledger;
    this.#epochs = epochs;
    this.#claims = new ClaimFilter();
  }

  /** Adds the next record. `object` names where it stands, for findings. */
  add(object: string, item: SealedItem): void {
    const seq = this.edge.size + 1;
    const finding = (text: string, cause?: unknown): Error =>
      damaged(object, `record ${seq} ${text}`, cause);
    const { command, outcome } = decode(item, finding);
    if (outcome.seq !== seq) throw finding(`says that it is record ${outcome.seq}`);
    this.#enterEpoch(command, outcome, finding);
    checkSums(outcome, finding);
    const identity = bound(item, outcome);
    const claims = claimsOf(this.state, command, outcome).map(({ hash }) => hash);
    for (const hash of claims) this.#claim(hash, seq, finding);
    try {
      const key =
        identity === undefined
          ? undefined
          : identityKey(identity.operatorId, identity.keyId, hex(identity.hash));
      apply(this.state, command, outcome, key);
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      throw finding(`doesn't follow from those before it: ${cause.message}`, cause);
    }
    this.edge.append(leafHash(item.event, item.outcome));
    this.#group.push({ event: item.event, outcome: item.outcome, claims, identity });
    if (this.#group.length >= RECORDS_PER_COMMIT || seq === this.#epoch?.last_seq) this.#flush();
    if (seq === this.#epoch?.last_seq) this.#ledger.writer.closeEpoch();
  }

  /** Opens the epochs of the book where they began; each closes with its last record. */
  #enterEpoch(command: Command, outcome: Outcome, finding: (text: string) => Error): void {
    const { seq, epoch } = outcome;
    const row = this.#epochs.find(({ first_seq }) => first_seq === seq);
    if (row === undefined) {
      if (this.#epoch?.epoch !== epoch) throw finding(`is of epoch ${epoch}, which isn't open`);
      return;
    }
    const { payload } = command;
    const root = seq === 1 ? undefined : hex(this.edge.root());
    if (root !== undefined && row.previous_root !== root) {
      throw finding(`begins epoch ${row.epoch}, which continues another tree`);
    }
    const starts = payload.type === "epoch_started";
    const agrees =
      row.epoch === epoch &&
      (starts
        ? payload.reign === row.reign &&
          payload.previousSize === row.previous_size &&
          hex(payload.previousRoot) === row.previous_root
        : seq === 1);
    if (!agrees) throw finding(`doesn't begin epoch ${row.epoch} as the list of epochs has it`);
    this.#ledger.writer.openEpoch({
      epoch: row.epoch,
      reign: row.reign,
      openedAt: row.opened_at,
      reason: row.reason,
      previousRoot: Buffer.from(row.previous_root, "hex"),
    });
    this.#epoch = row;
  }

  /** A claim is made once, for ever: by one record of all ranges. */
  #claim(hash: Uint8Array, seq: number, finding: (text: string) => Error): void {
    const before =
      this.#pending.add(hash, seq) ??
      (this.#claims.has(hash) ? this.#ledger.reader.claimed(hash) : undefined);
    if (before !== undefined) throw finding(`claims what record ${before} has claimed`);
    this.#claims.add(hash);
  }

  #flush(): void {
    const records = this.#group;
    if (records.length === 0) return;
    this.#ledger.writer.append({
      epoch: this.#epoch!.epoch,
      firstSeq: this.edge.size - records.length + 1,
      records,
      root: this.edge.root(),
      edge: Buffer.concat(this.edge.save()),
    });
    this.#group = [];
    this.#pending.clear();
  }
}

function decode(
  item: SealedItem,
  finding: (text: string, cause?: unknown) => Error,
): { readonly command: Command; readonly outcome: Outcome } {
  const decoded = decodeEvent(item.event);
  if (!decoded.ok) throw finding(`holds no event: ${decoded.message}`);
  let outcome: Outcome;
  try {
    outcome = decodeOutcome(item.outcome, decoded.command);
  } catch (cause) {
    throw finding("holds no outcome", cause);
  }
  const { operatorId, source } = outcome;
  return { outcome, command: { ...decoded.command, operatorId, source } };
}

/** The double entry's own rule, checked here once more for every record, refusals included. */
function checkSums(outcome: Outcome, finding: (text: string) => Error): void {
  const sums = new Map<string, bigint>();
  for (const { currency, minor } of outcome.postings) {
    sums.set(currency, (sums.get(currency) ?? 0n) + minor);
  }
  for (const [currency, sum] of sums) {
    if (sum !== 0n) throw finding(`has postings in ${currency} that sum to ${sum}`);
  }
}

function bound(item: SealedItem, outcome: Outcome): NewIdentity | undefined {
  if (item.identity === undefined) return undefined;
  const { keyId, hash } = item.identity;
  const { operatorId, playerRef } = outcome;
  return { operatorId, keyId, hash, playerRef };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
