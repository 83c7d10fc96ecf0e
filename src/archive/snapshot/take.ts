/**
 * Takes a snapshot: state, records, identities and keys at one exact seq, encrypted for others to
 * open, while the writer works.
 *
 * @module
 */
import { LOGIC_VERSION, StateDigest, TreeEdge, leafHash } from "../../ledger/index.ts";
import { systemClock, uuidv7, type Clock } from "../../runtime/index.ts";
import { explain } from "../../store/sqlite.ts";
import { StateFault } from "../../store/state-rows.ts";
import { assertCryptoSound } from "../crb/self-test.ts";
import { parseRecipients } from "../crb/wrap.ts";
import { RECORDS_PER_READ } from "../limits.ts";
import type { LockMode, ObjectStore } from "../stores/object-store.ts";
import { assertBook, contradiction, openBook, type Book } from "./book.ts";
import { ChunkWriter, type StoredPart } from "./chunk-writer.ts";
import { ItemEncoder, type SealedIdentity } from "./items.ts";
import { readKeyFiles } from "./key-files.ts";
import { SNAPSHOT_SCHEMA, type Manifest } from "./manifest.ts";
import { snapshotId, type SnapshotName } from "./object-keys.ts";
import { epochText, keyText } from "./rows.ts";
import { stateRows } from "./state-section.ts";

const DAY_MS = 86_400_000;

/** Options of {@link takeSnapshot}. */
export interface TakeOptions {
  readonly dataDir: string;
  readonly keysDir: string;
  readonly store: ObjectStore;
  /** age recipients that will be able to open it. */
  readonly recipients: readonly string[];
  readonly lock?: { readonly mode: LockMode; readonly days: number };
  /** Plaintext per object; default {@link CHUNK_RAW_BYTES}. */
  readonly chunkBytes?: number;
  readonly clock?: Clock;
  readonly onProgress?: (progress: TakeProgress) => void;
  readonly signal?: AbortSignal;
}

/** How far a snapshot is. */
export interface TakeProgress {
  readonly seq: number;
  readonly ofSeq: number;
  readonly storedObjects: number;
}

/** What was stored. */
export interface SnapshotReport {
  /** `<seq>-<id>`: names the snapshot to a restore. */
  readonly snapshot: string;
  readonly place: string;
  readonly manifest: Manifest;
  readonly objects: readonly StoredPart[];
  /** Newest record of the book when the snapshot began; later than the snapshot's own seq. */
  readonly headSeq: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly milliseconds: number;
}

/** Copies the book at the place where its state stands. */
export async function takeSnapshot(options: TakeOptions): Promise<SnapshotReport> {
  assertCryptoSound();
  assertBook(options.dataDir);
  const { store, clock = systemClock } = options;
  const recipients = parseRecipients(options.recipients);
  const keys = readKeyFiles(options.keysDir);
  const begun = clock.monotonicMs();
  await store.probe();
  using book = openBook(options.dataDir, options.keysDir);
  const at = clock.nowUs();
  const name: SnapshotName = {
    tenant: book.checkpoint.deployment,
    epoch: book.head.epoch,
    seq: book.head.seq,
    id: uuidv7(clock).replaceAll("-", ""),
  };
  const fields = commonFields(book, name, at);
  const lock = lockOf(options.lock, at);
  const stateDigest = hex(book.checkpoint.state);
  const { chunkBytes } = options;
  const writer = new ChunkWriter({
    store,
    name,
    fields,
    recipients,
    stateDigest,
    lock,
    chunkBytes,
  });
  const copy = new Copy(book, writer, options);
  const headSeq = book.ledger.reader.tree().size;
  const epochs = await copy.all(keys.map(({ name: file, text }) => keyText(file, text)));
  const chunks = await writer.finish();
  const manifest: Manifest = {
    v: 1,
    snapshot: snapshotId(name),
    repo: fields.repo,
    tenant: name.tenant,
    epoch: name.epoch,
    reign: book.head.reign,
    seq: name.seq,
    recorded_at: book.head.recordedAt,
    tree: { size: name.seq, root: hex(book.checkpoint.root), edge: copy.edge.save().map(hex) },
    state: stateDigest,
    checkpoint: book.head.checkpoint,
    schema: SNAPSHOT_SCHEMA,
    logic: LOGIC_VERSION,
    at,
    rows: { ...copy.counts, epochs, keys: keys.length },
    chunks: [...chunks],
  };
  const last = await writer.finishWith(manifest);
  const objects = [...writer.stored, last];
  return {
    snapshot: manifest.snapshot,
    place: store.place,
    manifest,
    objects,
    headSeq,
    rawBytes: chunks.reduce((sum, chunk) => sum + chunk.raw, 0),
    storedBytes: objects.reduce((sum, part) => sum + part.bytes, 0),
    milliseconds: clock.monotonicMs() - begun,
  };
}

/** Reads the book's parts into the writer. */
class Copy {
  readonly counts = {
    players: 0,
    wallets: 0,
    identities: 0,
    bets: 0,
    rounds: 0,
    objects: 0,
    house_accounts: 0,
  };
  readonly edge = new TreeEdge();
  readonly #book: Book;
  readonly #writer: ChunkWriter;
  readonly #options: TakeOptions;
  readonly #digest = new StateDigest();
  readonly #encoder = new ItemEncoder();

  constructor(book: Book, writer: ChunkWriter, options: TakeOptions) {
    this.#book = book;
    this.#writer = writer;
    this.#options = options;
  }

  /** Copies everything, proven. Answers the number of epochs. */
  async all(keys: readonly string[]): Promise<number> {
    try {
      await this.#state();
      await this.#records();
      this.#prove();
      return await this.#epochsAndKeys(keys);
    } catch (error) {
      if (error instanceof StateFault) throw contradiction("state.db", error.message, error);
      throw explain(error, this.#options.dataDir, "Run `countroom verify book --data DIR`.");
    }
  }

  /** First, because a held state keeps its write-ahead log from shrinking. */
  async #state(): Promise<void> {
    await this.#writer.begin("state");
    for (const rows of stateRows(this.#book.state.reader, this.#digest, this.counts)) {
      for (const row of rows) this.#writer.add(this.#encoder.row(row));
      await this.#breathe(0);
    }
    this.#book.release();
  }

  async #records(): Promise<void> {
    const { reader } = this.#book.ledger;
    const { seq: last } = this.#book.head;
    await this.#writer.begin("records");
    for (let next = 1; next <= last;) {
      // Records never change, so each batch may be a read of its own: the log is held by nobody.
      const batch = reader.read(next, Math.min(RECORDS_PER_READ, last - next + 1));
      const bound = this.#identities(next, next + batch.length - 1);
      for (const { seq, event, outcome } of batch) {
        if (seq !== next) throw contradiction("ledger.db", `record ${next} is missing`);
        this.edge.append(leafHash(event, outcome));
        this.#writer.add(this.#encoder.record({ event, outcome, identity: bound.get(seq) }), seq);
        if (this.#writer.full) await this.#writer.roll();
        next += 1;
      }
      if (batch.length === 0) throw contradiction("ledger.db", `record ${next} is missing`);
      await this.#breathe(next - 1);
    }
  }

  /** What was read must be what was signed; else the snapshot would be refused at restore. */
  #prove(): void {
    const { root, state, size } = this.#book.checkpoint;
    if (hex(this.edge.root()) !== hex(root)) {
      throw contradiction("ledger.db", `the records up to ${size} have another root than signed`);
    }
    if (hex(this.#digest.digest()) !== hex(state)) {
      throw contradiction("state.db", `the rows at ${size} have another digest than signed`);
    }
    const { houseAccounts, ...told } = this.#book.head;
    for (const [kind, read] of Object.entries(this.counts)) {
      const said = kind === "house_accounts" ? houseAccounts : told[kind as keyof typeof told];
      if (read === said) continue;
      throw contradiction("state.db", `holds ${read} ${kind}, not as many as its head says`);
    }
  }

  async #epochsAndKeys(keys: readonly string[]): Promise<number> {
    const { seq: last } = this.#book.head;
    await this.#writer.begin("book");
    const epochs = this.#book.ledger.reader.epochs().filter(({ firstSeq, lastSeq }) => {
      return firstSeq <= last && (lastSeq ?? last) >= firstSeq;
    });
    for (const row of epochs) {
      const text = epochText(row, Math.min(row.lastSeq ?? last, last));
      this.#writer.add(this.#encoder.row(text));
    }
    for (const key of keys) this.#writer.add(this.#encoder.row(key));
    return epochs.length;
  }

  #identities(from: number, to: number): ReadonlyMap<number, SealedIdentity> {
    const rows = this.#book.ledger.reader.identitiesBetween(from, to);
    this.counts.identities += rows.length;
    for (const row of rows) this.#digest.add(row);
    return new Map(rows.map((row) => [row.seq, row]));
  }

  /** Between batches: uploads get their turn, a full object is sealed, a wish to stop is heard. */
  async #breathe(seq: number): Promise<void> {
    this.#options.signal?.throwIfAborted();
    await this.#writer.roll();
    const { stored } = this.#writer;
    this.#options.onProgress?.({
      seq,
      ofSeq: this.#book.head.seq,
      storedObjects: stored.length,
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function commonFields(book: Book, name: SnapshotName, at: number) {
  const first = book.ledger.reader.record(1);
  if (first === undefined) throw contradiction("ledger.db", "record 1 is missing");
  return {
    repo: hex(leafHash(first.event, first.outcome)).slice(0, 32),
    tenant: name.tenant,
    db: "ledger",
    epoch: String(name.epoch),
    tree: { size: String(name.seq), root: Buffer.from(book.checkpoint.root).toString("base64") },
    checkpoint: book.head.checkpoint,
    schema: SNAPSHOT_SCHEMA,
    logic: LOGIC_VERSION,
    at: String(at),
  } as const;
}

function lockOf(lock: TakeOptions["lock"], atUs: number) {
  if (lock === undefined) return undefined;
  // Providers keep whole seconds; rounding up keeps the promise.
  const untilMs = Math.ceil((atUs / 1000 + lock.days * DAY_MS) / 1000) * 1000;
  return { mode: lock.mode, untilMs };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
