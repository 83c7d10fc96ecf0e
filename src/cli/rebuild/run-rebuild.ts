/**
 * Rebuilds projections from the records alone, compares, and replaces them when told to.
 *
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadKeys } from "../../access/index.ts";
import { EXIT, OperatorError } from "../../ops/index.ts";
import { primaryPaths, type OldCheckpoint, type RebuildSigner } from "../../primary/index.ts";
import { openLedgerView } from "../../store/ledger-db.ts";
import { openLock } from "../../store/lock.ts";
import { openCheckpoint } from "../../wire/index.ts";
import { folderNotes } from "../verify/stored-book.ts";
import { builtPath, comparePart, type CompareOptions, type PartReport } from "./compare-part.ts";
import { type Part, type PartName, partsOf } from "./parts.ts";
import { replacePart, requireClosed } from "./replace-part.ts";

/** What is rebuilt. */
export interface RebuildRequest {
  readonly dataDir: string;
  readonly keysDir: string;
  readonly deployment: string;
  /** Default: all. */
  readonly only?: readonly PartName[] | undefined;
  /** Folder in which the new files stay. Default: they are removed. */
  readonly outDir?: string | undefined;
  /** Puts the new files in the place of the old ones; the deployment is stopped. */
  readonly replace?: boolean | undefined;
  readonly onProgress?: ((part: PartName, records: number, all: number) => void) | undefined;
}

/** What came of it, as `--json` prints it. */
export interface RebuildReport {
  readonly records: number;
  readonly parts: readonly PartReport[];
}

/**
 * Rebuilds at the seq at which each file stands, so that both must be the same.
 *
 * @throws OperatorError LEDGER_DAMAGED, DATA_LOCKED, DATABASE_BUSY, KEY_MISSING
 */
export function runRebuild(request: RebuildRequest): RebuildReport {
  const { dataDir, only, replace = false } = request;
  const { ledger: ledgerPath } = primaryPaths(dataDir);
  const parts = partsOf(dataDir).filter(({ name }) => only === undefined || only.includes(name));
  using stack = new DisposableStack();
  if (replace) lock(parts, stack);
  const end = endOf(ledgerPath);
  const folder = folderFor(request, stack);
  const evidence = replace && parts.some(({ name }) => name === "state") ? signing(request) : {};
  const buildsAbsent = only !== undefined || request.outDir !== undefined;
  const done = parts.map((part): PartReport => {
    const onProgress = (records: number): void => request.onProgress?.(part.name, records, end);
    const where = { ledgerPath, end, folder, buildsAbsent };
    const options: CompareOptions = { ...where, onProgress, ...evidence };
    const report = comparePart(part, options);
    // What was never there belongs to a role that this folder doesn't have.
    if (!replace || (report.status === "absent" && only === undefined)) return report;
    replacePart(part, builtPath(folder, part));
    return { ...report, replaced: true };
  });
  return { records: end, parts: done };
}

/** Keeps every writer away until the end. */
function lock(parts: readonly Part[], stack: DisposableStack): void {
  const taken = new Set<string>();
  for (const part of parts) {
    for (const { path, holder } of part.locks) {
      if (taken.has(path) || !existsSync(dirname(path))) continue;
      taken.add(path);
      stack.use(openLock(path, holder));
    }
    requireClosed(part);
  }
}

function endOf(ledgerPath: string): number {
  using ledger = openLedgerView(ledgerPath);
  return ledger.reader.lastCommit()?.lastSeq ?? 0;
}

/** Beside the data: there is room for it, and a rename stays on one volume. */
function folderFor({ dataDir, outDir }: RebuildRequest, stack: DisposableStack): string {
  if (outDir === undefined) {
    const folder = mkdtempSync(join(dataDir, "rebuild-"));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }
  if (existsSync(outDir)) {
    throw new OperatorError("FOLDER_EXISTS", `${outDir} is there already`, {
      hint: "Name a folder that doesn't exist yet with --out.",
      exitCode: EXIT.usage,
    });
  }
  mkdirSync(outDir, { recursive: true, mode: 0o700 });
  return outDir;
}

/** A file in use needs a checkpoint that others believe, and keeps those of earlier. */
function signing({ dataDir, keysDir, deployment }: RebuildRequest): {
  readonly signer: RebuildSigner;
  readonly oldCheckpoints: readonly OldCheckpoint[];
} {
  const keys = loadKeys(keysDir);
  const publicKeys = keys.signers();
  const oldCheckpoints = folderNotes(dataDir).flatMap((note): OldCheckpoint[] => {
    try {
      const { size, root } = openCheckpoint(note, publicKeys);
      return [{ size, root, note }];
    } catch {
      return [];
    }
  });
  return { signer: { deployment, privateKey: keys.signing.privateKey }, oldCheckpoints };
}
