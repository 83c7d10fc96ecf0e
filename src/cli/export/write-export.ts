/**
 * Writes records and checkpoints of a ledger into one file.
 *
 * @module
 */
import { leafHash, TreeEdge } from "../../ledger/index.ts";
import { EXIT, OperatorError } from "../../ops/index.ts";
import type { LedgerView } from "../../store/ledger-db.ts";
import type { StoredRecord } from "../../store/ledger-reader.ts";
import { type Checkpoint, parseCheckpoint } from "../../wire/index.ts";
import { FieldStream } from "./field-stream.ts";
import { openOutput } from "./output.ts";
import { Subtrees } from "./subtrees.ts";

const BATCH_RECORDS = 2_000;

/** What is exported, and where to. */
export interface ExportOptions {
  readonly ledger: LedgerView;
  /** Signed checkpoints that are known. */
  readonly notes: readonly string[];
  readonly deployment: string;
  readonly from: number;
  /** Default: the last record under a known checkpoint. */
  readonly to?: number | undefined;
  /** A path, or `-` for standard output. */
  readonly path: string;
  readonly force?: boolean | undefined;
  /** Called now and then with the records passed and those to pass. */
  readonly onProgress?: ((passed: number, all: number) => void) | undefined;
}

/** What was written, as `--json` prints it. */
export interface ExportReport {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly checkpoints: number;
  /** Last record that a checkpoint in the file proves. */
  readonly signed: number;
  readonly bytes: number;
}

interface Note extends Checkpoint {
  readonly note: string;
}

/**
 * Reads the ledger from its first record on: the tree before the range belongs into the file.
 *
 * @throws OperatorError RANGE_WRONG, CHECKPOINT_MISSING, FILE_EXISTS, LEDGER_DAMAGED
 */
export function writeExport(options: ExportOptions): ExportReport {
  const { ledger, from, path, force = false } = options;
  const durable = ledger.reader.lastCommit()?.lastSeq ?? 0;
  const notes = notesOf(options, durable);
  const to = options.to ?? notes.at(-1)?.size ?? 0;
  requireRange(from, to, durable, options.to === undefined);
  const output = openOutput(path, force);
  try {
    const report = write(options, output, { notes, to });
    output.finish();
    return report;
  } catch (error) {
    output.abandon();
    throw error;
  }
}

function write(
  { ledger, deployment, from, onProgress }: ExportOptions,
  output: ReturnType<typeof openOutput>,
  { notes, to }: { readonly notes: readonly Note[]; readonly to: number },
): ExportReport {
  // The nearest is as good a proof as the newest, and costs the fewest records to read.
  const cover = notes.find(({ size }) => size >= to);
  const end = cover?.size ?? to;
  const subtrees = cover === undefined || cover.size === to ? undefined : new Subtrees(to, end);
  const within = new Map(notes.map((note) => [note.size, note]));
  const stream = new FieldStream(output);
  const tree = new TreeEdge();
  let signed = 0;
  const begin = (): void => stream.head({ deployment, from, to, treeEdge: tree.save() });
  if (from === 1) begin();
  for (const { seq, event, outcome } of recordsOf(ledger, end)) {
    const leaf = leafHash(event, outcome);
    tree.append(leaf);
    subtrees?.append(leaf);
    if (seq >= from && seq <= to) stream.record(event, outcome);
    const note = within.get(seq);
    if (note !== undefined) {
      requireRoot(note, tree);
      if (seq >= from && seq <= to) {
        stream.checkpoint(note.note);
        signed = seq;
      }
    }
    if (seq === from - 1) begin();
    if (seq % BATCH_RECORDS === 0) onProgress?.(seq, end);
  }
  if (cover !== undefined && subtrees !== undefined) {
    stream.cover(cover.note, subtrees.proof());
    signed = to;
  }
  stream.end();
  const { bytes, checkpoints } = stream;
  return { from, to, records: to - from + 1, checkpoints, signed, bytes };
}

/** Checkpoints of this very book, smallest first, one for each size. */
function notesOf({ ledger, notes }: ExportOptions, durable: number): Note[] {
  const epochs = ledger.reader.epochs();
  const ofBook = new Map<number, Note>();
  for (const note of notes) {
    const checkpoint = parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
    const { size, epoch, reign } = checkpoint;
    const row = epochs.findLast(({ firstSeq }) => firstSeq <= size);
    // Others are of histories that this book has left.
    if (size > durable || row?.epoch !== epoch || row.reign !== reign) continue;
    ofBook.set(size, { ...checkpoint, note });
  }
  return [...ofBook.values()].sort((a, b) => a.size - b.size);
}

function requireRange(from: number, to: number, durable: number, unsaid: boolean): void {
  if (to === 0 && unsaid) {
    throw new OperatorError("CHECKPOINT_MISSING", "no record is under a signed checkpoint yet", {
      hint: "Wait a second, or say --to SEQ to export records that can't be proven yet.",
      exitCode: EXIT.notProvable,
    });
  }
  if (from >= 1 && from <= to && to <= durable) return;
  throw new OperatorError("RANGE_WRONG", `there are no records from ${from} to ${to}`, {
    hint: `The book has the records 1 to ${durable}.`,
    exitCode: EXIT.usage,
  });
}

function* recordsOf({ reader }: LedgerView, to: number): Generator<StoredRecord> {
  for (let next = 1; next <= to;) {
    const records = reader.read(next, Math.min(BATCH_RECORDS, to - next + 1));
    for (const record of records) {
      if (record.seq !== next) break;
      next += 1;
      yield record;
    }
    if (records.at(-1)?.seq !== next - 1) throw damaged(`record ${next} is missing`);
  }
}

/** What contradicts a signature is not passed on as if nothing were wrong. */
function requireRoot({ size, root }: Note, tree: TreeEdge): void {
  if (Buffer.compare(root, tree.root()) === 0) return;
  throw damaged(`the records up to ${size} are not those that were signed`);
}

function damaged(message: string): OperatorError {
  return new OperatorError("LEDGER_DAMAGED", message, {
    hint: "Run countroom verify book on the same folder: it names the first wrong record.",
    exitCode: EXIT.integrity,
  });
}
