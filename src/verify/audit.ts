/**
 * The audit of a whole book: its records in order, and at the right places whatever claims to
 * agree with them: roots of commits, signed checkpoints, identities, projections.
 *
 * @module
 */
import type {
  AuditOptions,
  AuditReport,
  CommittedRoot,
  Projection,
  StoredBook,
  StoredIdentity,
  StoredTree,
} from "./book.ts";
import { CheckpointTrail } from "./checkpoint-trail.ts";
import { compareClaims, compareEpochs } from "./compare.ts";
import { compareProjection, identityText } from "./compare-state.ts";
import { RULES_KNOWN } from "./effects.ts";
import type { StoredRecord } from "./entry.ts";
import { compareEscrow } from "./escrow.ts";
import { Findings, type Gap } from "./findings.ts";
import { gapsOf, notHeldBy } from "./gaps.ts";
import { Replay } from "./replay.ts";
import { sameBytes, Tree } from "./tree.ts";

const PROGRESS_RECORDS = 4096;
/** A key for each record, and about one more thing that happens once. */
const FACTS_PER_RECORD = 2;

/** An audit under way: advance it to one or more sizes, then finish it. */
export class Audit {
  readonly #book: StoredBook;
  readonly #options: AuditOptions;
  readonly #findings = new Findings();
  readonly #replay: Replay;
  readonly #checkpoints: CheckpointTrail;
  /** Those not reached yet, lowest seq first. */
  readonly #projections: Projection[];
  /** Those not reached yet, smallest first. */
  readonly #edges: StoredTree[];
  /** Bound so far. */
  readonly #identities: StoredIdentity[] = [];
  /** Records under a root that a commit noted. */
  #rooted = 0;
  #rootsAgree = true;
  readonly #missing: Gap[] = [];

  constructor(book: StoredBook, options: AuditOptions = {}) {
    this.#book = book;
    this.#options = options;
    const { part } = options;
    const before = part === undefined ? new Tree() : Tree.from(part.size, part.edge);
    if (before === undefined) {
      this.#findings.add("edge_wrong", 0, `${part?.name} continues a tree that can't be`);
    }
    this.#replay = new Replay(this.#findings, before);
    this.#checkpoints = new CheckpointTrail(
      {
        publicKeys: options.publicKeys ?? [],
        part: part !== undefined,
        identities: book.identities === undefined ? undefined : this.#identities,
      },
      this.#findings,
    );
    this.#projections = [...(options.projections ?? [])].sort((a, b) => a.seq - b.seq);
    this.#edges = [...(book.edges?.() ?? [])];
  }

  /** Seq of the last record that was read. */
  get seq(): number {
    return this.#replay.seq;
  }

  /** Records under a verified checkpoint so far. */
  get signed(): number {
    return this.#checkpoints.signed;
  }

  /** Size of the largest signed checkpoint beyond the records read so far; 0 without one. */
  get signedAhead(): number {
    return this.#checkpoints.ahead;
  }

  /** False when later records can add nothing: what was read is wrong already. */
  get canGoOn(): boolean {
    return (this.#options.publicKeys ?? []).length > 0 && this.#findings.count === 0;
  }

  /** Adds signed checkpoints. Those about records that were passed already are only read. */
  addNotes(notes: Iterable<string>): void {
    this.#checkpoints.add(notes);
  }

  /** Adds checkpoints that the auditor holds: the book has to continue each of them. */
  addHeldNotes(notes: Iterable<string>): void {
    this.#checkpoints.add(notes, true);
  }

  /** A checkpoint beyond the last record, with the consistency proof that leads to it. */
  cover(note: string, path: readonly Uint8Array[]): void {
    this.#checkpoints.cover(this.#replay, note, path);
  }

  /** Says that the source itself is damaged, at a record or somewhere. */
  damaged(detail: string, seq = 0): void {
    this.#findings.add("export_damaged", seq, detail);
  }

  /** Says that a projection couldn't be compared. */
  projectionMissing(detail: string): void {
    this.#missing.push({ kind: "projection_missing", detail });
  }

  /** Says that a projection is wrong in itself. */
  projectionWrong(detail: string): void {
    this.#findings.add("projection_wrong", 0, detail);
  }

  /** Reads records up to a seq. A ledger that can't be read is a finding. */
  advance(size: number): void {
    const replay = this.#replay;
    replay.state.claims.reserve(FACTS_PER_RECORD * (size - replay.seq));
    try {
      this.#read(replay.seq + 1, size);
    } catch (error) {
      const next = replay.seq + 1;
      const detail = `the ledger can't be read from record ${next} on: ${String(error)}`;
      this.#findings.add("record_unreadable", next, detail);
      return;
    }
    this.#options.onProgress?.(replay.seq);
    if (replay.seq < size) {
      const lost = replay.seq + 1;
      const which = lost === size ? `record ${lost} is` : `records ${lost} to ${size} are`;
      this.#findings.add("record_missing", lost, `${which} not in the ledger`, size);
    } else if (this.#book.roots !== undefined && this.#rooted < size && this.#rootsAgree) {
      const first = this.#rooted + 1;
      const detail = `no commit notes the root over records ${first} to ${size}`;
      this.#findings.add("root_wrong", first, detail, size);
    }
  }

  /** Compares what needs all records, and sums up. */
  finish(): AuditReport {
    const replay = this.#replay;
    const { state, seq, start, tree, epoch, rules } = replay;
    const findings = this.#findings;
    this.#compareTables();
    if (rules <= RULES_KNOWN && start === 0) compareEscrow(state, findings);
    this.#checkpoints.finish(replay);
    for (const { name, seq: at, epoch: of } of this.#projections) {
      const detail = `${name} stands at ${of}-${at}, the book ends at ${epoch}-${seq}`;
      findings.add("projection_beyond_book", seq + 1, detail);
    }
    for (const { size } of this.#edges) {
      if (size <= seq) continue;
      const detail = `the tree is noted to have ${size} leaves, the book ends at ${seq}`;
      findings.add("edge_wrong", seq + 1, detail);
    }
    const gaps = [
      ...gapsOf(replay, this.signed, this.#options),
      ...this.#checkpoints.gaps,
      ...this.#missing,
    ];
    const whole = gaps.length === 0 ? "ok" : "incomplete";
    return {
      status: findings.count > 0 ? "failed" : whole,
      from: start + 1,
      records: seq,
      epoch,
      players: state.players.size,
      openBets: state.bets.size,
      signed: this.signed,
      root: tree.root(),
      findings: findings.sorted(),
      findingsCount: findings.count,
      gaps,
      notHeld: notHeldBy(this.#book),
      notes: this.#checkpoints.leftBehind,
      house: state.house,
    };
  }

  #compareTables(): void {
    const { state, seq, epochs } = this.#replay;
    const findings = this.#findings;
    try {
      const claims = this.#book.claims?.();
      if (claims !== undefined) compareClaims(state, seq, claims, findings);
      const rows = this.#book.epochs?.();
      if (rows !== undefined) compareEpochs(epochs, seq, rows, findings);
      for (const { kind, detail } of this.#book.faults?.() ?? []) findings.add(kind, 0, detail);
    } catch (error) {
      findings.add("record_unreadable", 0, `the ledger's tables can't be read: ${String(error)}`);
    }
  }

  #read(from: number, size: number): void {
    const replay = this.#replay;
    const roots = (this.#book.roots?.(from, size) ?? [])[Symbol.iterator]();
    const identities = (this.#book.identities?.(from, size) ?? [])[Symbol.iterator]();
    let root = roots.next();
    let identity = identities.next();
    const newest = this.#checkpoints.newestUpTo(size);
    // An idle book is signed without growing.
    this.#checkpoints.pass(replay, newest);
    for (const record of this.#book.records(from, size)) {
      replay.record(record);
      while (root.done !== true && root.value.size <= replay.seq) {
        this.#passRoot(root.value);
        root = roots.next();
      }
      while (identity.done !== true && identity.value.seq <= replay.seq) {
        this.#passIdentity(identity.value, record);
        identity = identities.next();
      }
      this.#checkpoints.pass(replay, newest);
      this.#passProjections();
      this.#passEdges();
      if (replay.seq % PROGRESS_RECORDS === 0) this.#options.onProgress?.(replay.seq);
    }
  }

  #passRoot({ size, root }: CommittedRoot): void {
    // Once wrong, every later root is: the first wrong one says where.
    if (!this.#rootsAgree) return;
    const { seq, tree } = this.#replay;
    if (size === seq && sameBytes(root, tree.root())) {
      this.#rooted = size;
      return;
    }
    this.#rootsAgree = false;
    const first = this.#rooted + 1;
    const which = first === size ? `record ${size}` : `one of the records ${first} to ${size}`;
    this.#findings.add("root_wrong", first, `${which} is not what was committed`, size);
  }

  #passEdges(): void {
    const { seq, tree } = this.#replay;
    for (;;) {
      const noted = this.#edges[0];
      if (noted === undefined || noted.size > seq) return;
      this.#edges.shift();
      if (noted.size < seq || sameEdge(noted.edge, tree.edge())) continue;
      const detail = `the tree noted at ${seq} isn't that of the records: the next would not fit`;
      this.#findings.add("edge_wrong", seq + 1, detail);
    }
  }

  /** An identity is bound by the record that registers its player, which never shows it. */
  #passIdentity(identity: StoredIdentity, record: StoredRecord): void {
    this.#identities.push(identity);
    const { seq, ref, operator, hash } = identity;
    const player = this.#replay.state.players.get(ref);
    const first = player?.rows[0];
    const bound = player?.operator === operator && first?.seq === seq && first.version === 1;
    if (!bound || record.seq !== seq) {
      const detail = `an identity is bound to ${ref}, whom record ${seq} doesn't register`;
      this.#findings.add("identity_stray", seq, detail);
    }
    for (const bytes of [record.event, record.outcome].map((part) => Buffer.from(part))) {
      if (bytes.includes(hash) || bytes.includes(Buffer.from(hash).toString("hex"))) {
        this.#findings.add("identity_in_bytes", seq, "the record shows the player's identity");
      }
    }
  }

  #passProjections(): void {
    const { seq, state, epoch, tree, time } = this.#replay;
    for (;;) {
      const projection = this.#projections[0];
      if (projection === undefined || projection.seq > seq) return;
      this.#projections.shift();
      const { name } = projection;
      if (projection.seq < seq) continue;
      if (projection.epoch !== epoch) {
        const detail = `${name} says epoch ${projection.epoch} at ${seq}, not ${epoch}`;
        this.#findings.add("projection_wrong", seq, detail);
      }
      if (projection.notBefore !== undefined && projection.notBefore < time) {
        const detail = `${name} was current at ${projection.notBefore}, record ${seq} is later`;
        this.#findings.add("projection_wrong", seq, detail);
      }
      if (projection.root !== undefined && !sameBytes(projection.root, tree.root())) {
        this.#findings.add("projection_wrong", seq, `${name} has another root at ${seq}`);
      }
      try {
        const identities = new Set(this.#identities.map(identityText));
        compareProjection(state, projection, identities, this.#findings);
      } catch (error) {
        this.#findings.add("projection_wrong", seq, `${name} can't be read: ${String(error)}`);
      }
    }
  }
}

function sameEdge(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, at) => sameBytes(hash, b[at] as Uint8Array));
}
