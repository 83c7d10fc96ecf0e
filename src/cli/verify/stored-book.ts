/**
 * A deployment's folder as the verifier wants to see it: the ledger read-only beside its writer,
 * its projections, and every signed checkpoint that lies about.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredBook, StoredTree } from "../../verify/index.ts";
import { type LedgerView, openLedgerView } from "../../store/ledger-db.ts";
import type { StoredCheckpoint } from "../../store/state-reader.ts";
import { openStateView } from "../../store/state-db.ts";

/** Rows read at once. */
const BATCH_ROWS = 2_000;
const HASH_BYTES = 32;
/** More than `state.db` keeps. */
const CHECKPOINTS_READ = 10_000;

/** Adapts an open ledger; `end` is what it noted of its tree when the audit began. */
export function storedBook(ledger: LedgerView, end: StoredTree): Required<StoredBook> {
  const { reader } = ledger;
  return {
    *records(from, to) {
      for (let next = from; next <= to;) {
        const rows = reader.read(next, Math.min(BATCH_ROWS, to - next + 1));
        for (const row of rows) {
          if (row.seq > to) return;
          yield row;
        }
        const last = rows.at(-1);
        if (last === undefined) return;
        next = last.seq + 1;
      }
    },
    *roots(from, to) {
      // A damaged row may lie far away: what is empty is not walked through.
      const first = (at: number) => reader.nextCommit(at) ?? to + 1;
      for (let next = first(from); next <= to; next = first(next + BATCH_ROWS)) {
        const until = Math.min(to, next + BATCH_ROWS - 1);
        for (const { lastSeq, root } of reader.commitsBetween(next, until)) {
          yield { size: lastSeq, root };
        }
      }
    },
    *identities(from, to) {
      const first = (at: number) => reader.nextIdentity(at) ?? to + 1;
      for (let next = first(from); next <= to; next = first(next + BATCH_ROWS)) {
        const until = Math.min(to, next + BATCH_ROWS - 1);
        for (const row of reader.identitiesBetween(next, until)) {
          const { operatorId: operator, keyId, hash, playerRef: ref, seq } = row;
          yield { operator, keyId, hash, ref, seq };
        }
      }
    },
    *claims() {
      // A claim on its way into a table is found in one place or the other, if both stand still.
      reader.hold();
      try {
        for (const range of reader.ranges) yield* reader.claims(range);
        yield* reader.waitingClaims();
      } finally {
        reader.release();
      }
    },
    epochs: () => reader.epochs(),
    edges: () => [end],
    faults: () => ledger.flaws(),
  };
}

/** What is durable now. */
export interface LedgerEnd {
  /** Last record of the last commit. */
  readonly size: number;
  readonly tree: StoredTree;
}

/** Reads where the ledger ends. */
export function ledgerEnd({ reader }: LedgerView): LedgerEnd {
  reader.hold();
  try {
    const size = reader.lastCommit()?.lastSeq ?? 0;
    const tree = treeRow(reader);
    // A lost row is one of the file's faults.
    if (tree === undefined) return { size, tree: { size: 0, edge: [] } };
    const { edge } = tree;
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < edge.length; at += HASH_BYTES) {
      hashes.push(edge.subarray(at, at + HASH_BYTES));
    }
    return { size, tree: { size: tree.size, edge: hashes } };
  } finally {
    reader.release();
  }
}

function treeRow(
  reader: LedgerView["reader"],
): ReturnType<LedgerView["reader"]["tree"]> | undefined {
  try {
    return reader.tree();
  } catch {
    return undefined;
  }
}

/** Opens the ledger of a folder. */
export function openFolderLedger(dataDir: string): LedgerView {
  return openLedgerView(join(dataDir, "primary", "ledger.db"));
}

/** Every signed checkpoint in a folder: of the primary, the publisher and the edges. */
export function folderNotes(dataDir: string): string[] {
  return [...stateNotes(dataDir), ...keptNotes(dataDir)];
}

function stateNotes(dataDir: string): string[] {
  const path = join(dataDir, "primary", "state.db");
  if (!existsSync(path)) return [];
  try {
    using state = openStateView(path);
    const head = state.reader.head();
    const kept: readonly StoredCheckpoint[] = state.reader.checkpoints(CHECKPOINTS_READ);
    const notes = kept.map(({ note }) => note);
    return head === undefined || head.checkpoint === "" ? notes : [...notes, head.checkpoint];
  } catch {
    // Comparing the projections says what is wrong with the file.
    return [];
  }
}

/** Publisher and edges keep the newest one they have seen, as a text file named `checkpoint`. */
function keptNotes(dataDir: string): string[] {
  const edges = join(dataDir, "edges");
  const names = existsSync(edges) ? readdirSync(edges) : [];
  const folders = [join(dataDir, "publisher"), ...names.map((name) => join(edges, name))];
  return folders
    .map((folder) => join(folder, "checkpoint"))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8"))
    .filter((note) => note !== "");
}
