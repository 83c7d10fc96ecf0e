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
} from "./book.ts";
import { CheckpointTrail } from "./checkpoint-trail.ts";
import { compareClaims, compareEpochs, compareProjection, identityText } from "./compare.ts";
import { RULES_KNOWN } from "./effects.ts";
import type { StoredRecord } from "./entry.ts";
import { Findings, type Gap } from "./findings.ts";
import { Replay } from "./replay.ts";
import { sameBytes } from "./tree.ts";

const PROGRESS_RECORDS = 4096;

/** An audit under way: advance it to one or more sizes, then finish it. */
export class Audit {
  readonly #book: StoredBook;
  readonly #options: AuditOptions;
  readonly #findings = new Findings();
  readonly #replay = new Replay(this.#findings);
  readonly #checkpoints: CheckpointTrail;
  /** Those not reached yet, lowest seq first. */
  readonly #projections: Projection[];
  /** Bound so far. */
  readonly #identities: StoredIdentity[] = [];
  /** Records under a root that a commit noted. */
  #rooted = 0;
  #rootsAgree = true;

  constructor(book: StoredBook, options: AuditOptions = {}) {
    this.#book = book;
    this.#options = options;
    this.#checkpoints = new CheckpointTrail(options.publicKey, this.#findings);
    this.#projections = [...(options.projections ?? [])].sort((a, b) => a.seq - b.seq);
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
    return this.#options.publicKey !== undefined && this.#findings.count === 0;
  }

  /** Adds signed checkpoints. Those about records that were passed already are only read. */
  addNotes(notes: Iterable<string>): void {
    this.#checkpoints.add(notes);
  }

  /** Reads records up to a seq. A ledger that can't be read is a finding. */
  advance(size: number): void {
    const replay = this.#replay;
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
    } else if (this.#rooted < size && this.#rootsAgree) {
      const first = this.#rooted + 1;
      const detail = `no commit notes the root over records ${first} to ${size}`;
      this.#findings.add("root_wrong", first, detail, size);
    }
  }

  /** Compares what needs all records, and sums up. */
  finish(): AuditReport {
    const { state, seq, epochs, tree, epoch } = this.#replay;
    const findings = this.#findings;
    try {
      compareClaims(state, seq, this.#book.claims(), findings);
      compareEpochs(epochs, seq, this.#book.epochs(), findings);
    } catch (error) {
      findings.add("record_unreadable", 0, `the ledger's tables can't be read: ${String(error)}`);
    }
    this.#escrowIsHeld();
    this.#checkpoints.finish(this.#replay);
    for (const { name, seq: at, epoch: of } of this.#projections) {
      const detail = `${name} stands at ${of}-${at}, the book ends at ${epoch}-${seq}`;
      findings.add("projection_beyond_book", seq + 1, detail);
    }
    const gaps = this.#gaps();
    const whole = gaps.length === 0 ? "ok" : "incomplete";
    return {
      status: findings.count > 0 ? "failed" : whole,
      records: seq,
      epoch,
      players: state.players.size,
      openBets: state.bets.size,
      signed: this.signed,
      root: tree.root(),
      findings: findings.sorted(),
      findingsCount: findings.count,
      gaps,
      notes: this.#checkpoints.leftBehind,
      house: state.house,
    };
  }

  #read(from: number, size: number): void {
    const replay = this.#replay;
    const roots = this.#book.roots(from, size)[Symbol.iterator]();
    const identities = this.#book.identities(from, size)[Symbol.iterator]();
    let root = roots.next();
    let identity = identities.next();
    const newest = this.#checkpoints.newestUpTo(size);
    // An idle book is signed without growing.
    this.#checkpoints.pass(replay, newest, this.#identities);
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
      this.#checkpoints.pass(replay, newest, this.#identities);
      this.#passProjections();
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

  /** An identity is bound by the record that registers its player, which never shows it. */
  #passIdentity(identity: StoredIdentity, record: StoredRecord): void {
    this.#identities.push(identity);
    const { seq, ref, operator, hash } = identity;
    const player = this.#replay.state.players.get(ref);
    const bound = player?.operator === operator && player.rows[0]?.seq === seq;
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
    const { seq, state, epoch, tree } = this.#replay;
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

  /** Held money is exactly the stakes of open bets: postings and events agree on it. */
  #escrowIsHeld(): void {
    const { state, rules } = this.#replay;
    if (rules > RULES_KNOWN) return;
    const stakes = new Map<string, bigint>();
    for (const { ref, currency, minor } of state.bets.values()) {
      const key = `${ref} ${currency}`;
      stakes.set(key, (stakes.get(key) ?? 0n) + minor);
    }
    for (const { ref, rows } of state.players.values()) {
      for (const { currency, held, seq } of rows) {
        const staked = stakes.get(`${ref} ${currency}`) ?? 0n;
        if (staked === held) continue;
        const detail = `${ref} has ${held} ${currency} held, its open bets are ${staked}`;
        this.#findings.add("round_holds_escrow", seq, detail);
      }
    }
  }

  #gaps(): Gap[] {
    const { seq, rules } = this.#replay;
    const gaps: Gap[] = [];
    if (seq === 0) return [{ kind: "book_empty", detail: "there are no records" }];
    if (rules > RULES_KNOWN) {
      const detail = `rules ${rules} decided records, this verifier knows ${RULES_KNOWN}`;
      gaps.push({ kind: "rules_unknown", detail });
    }
    if (this.#options.publicKey === undefined) {
      const detail = "without the public key no signature was verified";
      gaps.push({ kind: "public_key_missing", detail });
    } else if (this.signed === 0) {
      const detail = `no signed checkpoint covers the ${seq} records`;
      gaps.push({ kind: "checkpoints_missing", detail });
    } else if (this.signed < seq) {
      const detail = `records ${this.signed + 1} to ${seq} are not under a signed checkpoint yet`;
      gaps.push({ kind: "tail_unsigned", detail });
    }
    return gaps;
  }
}
