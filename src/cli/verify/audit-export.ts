/**
 * Audits exports: one file, or several that follow each other.
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { EXIT, OperatorError } from "../../ops/index.ts";
import {
  Audit,
  type BookPart,
  ExportFault,
  ExportFile,
  type StoredBook,
  type StoredRecord,
  type StoredTree,
} from "../../verify/index.ts";
import { type AuditRequest, progressOf, type SourceAudit } from "./source.ts";

/** An opened file. */
interface Part {
  readonly name: string;
  readonly file: ExportFile;
}

/**
 * Reads the files in the order of their records.
 *
 * @throws OperatorError EXPORT_UNREADABLE, EXPORTS_APART
 */
export function auditExports(paths: readonly string[], request: AuditRequest): SourceAudit {
  using stack = new DisposableStack();
  const parts = paths.map((path) => openPart(path, stack));
  parts.sort((a, b) => a.file.from - b.file.from);
  requireContiguous(parts);
  const [first] = parts;
  if (first === undefined) throw new RangeError("there is no export to audit");
  const { file } = first;
  const last = parts.at(-1)!.file.to;
  const part: BookPart = { name: nameOf(parts), size: file.from - 1, edge: file.head.treeEdge };
  // The book tells the audit what it meets, and the audit is made with the book.
  const met: { audit?: Audit; fault: boolean } = { fault: false };
  const book = bookOf(parts, {
    note: (note) => met.audit?.addNotes([note]),
    fault: (detail, seq) => {
      met.fault = true;
      met.audit?.damaged(detail, seq);
    },
  });
  const { publicKeys, heldNotes } = request;
  const onProgress = progressOf(request, last - file.from + 1);
  const audit = new Audit(book, {
    publicKeys,
    part,
    onProgress: onProgress && ((records) => onProgress(records - file.from + 1)),
  });
  met.audit = audit;
  audit.addHeldNotes(heldNotes);
  audit.advance(last);
  const { cover } = parts.at(-1)!.file;
  if (cover !== undefined && !met.fault) audit.cover(cover.checkpoint, cover.path);
  const checked = parts.map(({ name, file: { from, to } }) => `${name}, records ${from} to ${to}`);
  return { report: audit.finish(), checked };
}

function openPart(path: string, stack: DisposableStack): Part {
  const name = basename(path);
  try {
    const descriptor = openSync(path, "r");
    stack.defer(() => closeSync(descriptor));
    return { name, file: new ExportFile((into) => readSync(descriptor, into)) };
  } catch (cause) {
    const isDamage = cause instanceof ExportFault;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("EXPORT_UNREADABLE", `${path} can't be read: ${what}`, {
      hint: "Ask for the file again: countroom export --from SEQ --to SEQ FILE",
      exitCode: isDamage ? EXIT.integrity : EXIT.failed,
      cause,
    });
  }
}

function requireContiguous(parts: readonly Part[]): void {
  for (const [index, { name, file }] of parts.entries()) {
    const next = parts[index + 1];
    if (next === undefined || next.file.from === file.to + 1) continue;
    const message = `${name} ends at record ${file.to}, ${next.name} begins at ${next.file.from}`;
    throw new OperatorError("EXPORTS_APART", message, {
      hint: "Give files whose records follow each other, or audit them one by one.",
      exitCode: EXIT.usage,
    });
  }
}

function nameOf(parts: readonly Part[]): string {
  return parts.map(({ name }) => name).join(" with ");
}

interface Meet {
  note(note: string): void;
  fault(detail: string, seq: number): void;
}

/** The records of all files. Each later file notes the tree that it continues. */
function bookOf(parts: readonly Part[], meet: Meet): StoredBook {
  const edges = parts
    .slice(1)
    .map(({ file }): StoredTree => ({ size: file.from - 1, edge: file.head.treeEdge }));
  return {
    edges: () => edges,
    *records() {
      for (const { name, file } of parts) {
        let next = file.from;
        try {
          for (const record of file.records(meet.note)) {
            next = record.seq + 1;
            yield record satisfies StoredRecord;
          }
        } catch (error) {
          if (!(error instanceof ExportFault)) throw error;
          // Behind the last record nothing names one.
          meet.fault(`${name}: ${error.message}`, next > file.to ? 0 : next);
          return;
        }
      }
    },
  };
}
