/**
 * Rebuilds one projection in a folder of its own, and compares it with the one in use.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bucketOf } from "../../ledger/index.ts";
import { compareFiles, type FileComparison, type Ignored } from "../../store/compare-files.ts";
import { copyDatabase, readNumber } from "../../store/file-use.ts";
import type { BuildOptions, Part, PartName } from "./parts.ts";

/** What became of one part, as `--json` prints it. */
export interface PartReport {
  readonly name: PartName;
  /** "absent": there was nothing to compare; "unreadable": what is there is no whole file. */
  readonly status: "equal" | "different" | "absent" | "unreadable";
  /** Seq at which both stand. */
  readonly seq: number;
  readonly rows: number;
  /** SHA-256 of all rows that follow from the records. */
  readonly found_hash: string | null;
  readonly rebuilt_hash: string | null;
  readonly first_difference: FirstDifference | null;
  readonly detail: string;
  readonly replaced: boolean;
}

/** The first row that differs, and whose it is. */
export interface FirstDifference {
  readonly table: string;
  readonly key: string;
  readonly what: "missing" | "stray" | "differs";
  readonly columns: readonly string[];
  readonly player_ref: string | null;
  readonly bucket: number | null;
}

/** Options of {@link comparePart}. */
export interface CompareOptions extends Pick<
  BuildOptions,
  "ledgerPath" | "signer" | "oldCheckpoints" | "onProgress"
> {
  /** Last record of the ledger. */
  readonly end: number;
  /** Where copies and new files go. */
  readonly folder: string;
  /** Builds what isn't there, too: somebody asked for it. */
  readonly buildsAbsent: boolean;
}

/** The new file of a part. */
export function builtPath(folder: string, { name }: Part): string {
  return join(folder, `${name}.db`);
}

/** Builds and compares at the seq at which the file in use stands. */
export function comparePart(part: Part, options: CompareOptions): PartReport {
  const { name, ignored, seqQuery } = part;
  const { end, folder } = options;
  const path = builtPath(folder, part);
  const copy = join(folder, `${name}.found.db`);
  const found = copyOf(part, copy);
  const at = typeof found === "number" ? found : undefined;
  const nothing = { name, rows: 0, found_hash: null, rebuilt_hash: null, replaced: false };
  if (found === undefined && !options.buildsAbsent) {
    const detail = "there is no such file";
    return { ...nothing, seq: 0, status: "absent", first_difference: null, detail };
  }
  const to = Math.min(at ?? end, end);
  const seq = part.build({ ...options, path, to });
  const none = { ...nothing, seq };
  const blank = { ...none, first_difference: null };
  if (found === undefined) return { ...blank, status: "absent", detail: "there is no such file" };
  if (at === undefined) return { ...blank, status: "unreadable", detail: String(found) };
  if (at !== seq || readNumber(path, seqQuery) !== at) {
    const detail = `it stands at record ${at}, which no commit of the ledger ends at`;
    return { ...blank, status: "different", detail };
  }
  const compared = compare(copy, path, ignored);
  if (typeof compared === "string") return { ...blank, status: "unreadable", detail: compared };
  const { foundHash, builtHash, rows, first } = compared;
  const hashes = { ...none, rows, found_hash: foundHash, rebuilt_hash: builtHash };
  if (first === undefined) {
    return { ...hashes, status: "equal", first_difference: null, detail: "" };
  }
  const { playerRef } = first;
  const bucket = playerRef === undefined ? null : bucketOf(playerRef);
  const { table, key, what, columns } = first;
  const named = { table, key, what, columns, player_ref: playerRef ?? null, bucket };
  return { ...hashes, status: "different", first_difference: named, detail: describeRow(named) };
}

/** A text when the copy can't be read to its end: a copy is as damaged as what it was made of. */
function compare(copy: string, built: string, ignored: Ignored): FileComparison | string {
  try {
    return compareFiles(copy, built, ignored);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Seq of the copy; undefined when there is no file, a text when it can't be read. */
function copyOf({ path, seqQuery }: Part, copy: string): number | string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    copyDatabase(path, copy);
    return readNumber(copy, seqQuery);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function describeRow({ table, key, what, columns, player_ref, bucket }: FirstDifference): string {
  const where = player_ref === null ? "" : `, bucket ${bucket}, player ${player_ref}`;
  const which = what === "differs" ? `differs in ${columns.join(", ")}` : `is ${what}`;
  return `${table} row ${key}${where}: ${which}`;
}
