/**
 * Goal: whatever is changed in an export is found, and a record that was changed is named; a tail
 * that was cut off cleanly is found by whoever holds a newer checkpoint, and by nobody else.
 * Method: an export of a real book; bits flipped and bytes cut anywhere in the file; files written
 * anew with records dropped, swapped, changed, or checkpoints replaced, counts and hash made right.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FieldStream } from "../../src/cli/export/field-stream.ts";
import { writeExport } from "../../src/cli/export/write-export.ts";
import { auditExports } from "../../src/cli/verify/audit-export.ts";
import { folderPublicKeys } from "../../src/cli/verify/public-keys.ts";
import { folderNotes, openFolderLedger } from "../../src/cli/verify/stored-book.ts";
import { ExportFile, type StoredRecord } from "../../src/verify/index.ts";
import { bet, deposit, dice, remove, settle, writeBook } from "./fixture.ts";
import { Dice } from "./tampering.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(performance.now() * 1_000) % 2 ** 31);
const FLIPS = Number(process.env["TAMPER_FLIPS"] ?? 300);
console.log(`tampering with exports: seed ${SEED}`);
const random = new Dice(SEED);

let dir = "";
let path = "";
let bytes = Buffer.alloc(0);
/** The file's fields, to be written anew. */
let parts: { records: StoredRecord[]; notes: Map<number, string>; to: number };

beforeAll(async () => {
  dir = await writeBook(async ({ append, player }) => {
    const ann = await player(1);
    await append(deposit(ann, 1_000));
    for (let each = 0; each < 15; each += 1) {
      await append(bet(ann, `b${each}`, `r${each}`, 2), settle(`b${each}`, 1, true), dice(ann, 1));
    }
    await Bun.sleep(1_200);
    for (let each = 0; each < 10; each += 1) await append(dice(ann, 1));
  });
  path = join(dir, "book.crx");
  using ledger = openFolderLedger(dir);
  writeExport({ ledger, notes: folderNotes(dir), deployment: "dev", from: 1, path });
  bytes = readFileSync(path);
  parts = readParts();
}, 20_000);

afterAll(() => remove(dir));

function readParts(): typeof parts {
  const descriptor = openSync(path, "r");
  try {
    const file = new ExportFile((into) => readSync(descriptor, into));
    const notes = new Map<number, string>();
    const note = (text: string) => notes.set(Number(text.split("\n")[1]), text);
    return { records: [...file.records(note)], notes, to: file.to };
  } finally {
    closeSync(descriptor);
  }
}

function audit(file: Uint8Array, held: readonly string[] = []) {
  const changed = join(dir, "changed.crx");
  writeFileSync(changed, file);
  const publicKeys = folderPublicKeys(join(dir, "keys"));
  try {
    return auditExports([changed], { publicKeys, heldNotes: held }).report;
  } catch (error) {
    // What doesn't even begin as an export does.
    const { exitCode } = error as { exitCode?: unknown };
    if (exitCode !== 5) throw error;
    return { status: "failed", findings: [], gaps: [], signed: 0 } as const;
  }
}

/** Writes the file anew: its counts and its hash are right. */
function written(records: readonly StoredRecord[], notes = parts.notes): Uint8Array {
  const chunks: Uint8Array[] = [];
  const write = (chunk: Uint8Array) => chunks.push(Buffer.from(chunk));
  const stream = new FieldStream({ write, finish: () => {}, abandon: () => {} });
  stream.head({ deployment: "dev", from: 1, to: records.length, treeEdge: [] });
  for (const [index, { event, outcome }] of records.entries()) {
    stream.record(event, outcome);
    const note = notes.get(index + 1);
    if (note !== undefined) stream.checkpoint(note);
  }
  stream.end();
  return Buffer.concat(chunks);
}

test("the file is sound, and so is one written anew", () => {
  expect(audit(bytes)).toMatchObject({ status: "ok", findings: [], gaps: [] });
  expect(Buffer.compare(written(parts.records), bytes)).toBe(0);
});

describe("the bytes", () => {
  test("any bit", () => {
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const [at, bit] = [random.below(bytes.length), random.below(8)];
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << bit;
      if (audit(copy).status !== "failed") throw new Error(`byte ${at}, bit ${bit}`);
    }
  });

  test("cut anywhere, or gone on with", () => {
    for (let cut = 0; cut < 50; cut += 1) {
      const length = random.below(bytes.length);
      if (audit(bytes.subarray(0, length)).status !== "failed") throw new Error(`cut at ${length}`);
    }
    expect(audit(Buffer.concat([bytes, Buffer.from([0])])).status).toBe("failed");
    expect(audit(Buffer.concat([bytes, bytes])).status).toBe("failed");
  });
});

describe("written anew", () => {
  const named = (file: Uint8Array, from: number, to = from) => {
    const { status, findings } = audit(file);
    expect(status).toBe("failed");
    // A changed id may first show where a later record refers to it; the signed range has both.
    const places = findings.map(({ seq, through = seq }) => ({ seq, through }));
    const covered = places.some(({ seq, through }) => seq <= to && through >= from);
    const early = places.find(({ through }) => through < from && through > 0);
    if (!covered || early !== undefined) {
      throw new Error(`${from} to ${to}: named ${JSON.stringify(findings)}`);
    }
  };

  test("a record dropped, swapped with its neighbour, doubled, or changed", () => {
    const { records } = parts;
    for (let time = 0; time < 20; time += 1) {
      const at = 1 + random.below(records.length - 2);
      const seq = at + 1;
      named(written(records.toSpliced(at, 1)), seq);
      const [one, two] = [records[at]!, records[at + 1]!];
      named(written(records.with(at, two).with(at + 1, one)), seq, seq + 1);
      named(written(records.toSpliced(at, 0, one)), seq, seq + 1);
      const part = random.pick(["event", "outcome"] as const);
      const copy = Buffer.from(one[part]);
      copy[random.below(copy.length)]! ^= 1 << random.below(8);
      named(written(records.with(at, { ...one, [part]: copy })), seq);
    }
  });

  test("a checkpoint replaced by an older one, or by one that nobody signed", () => {
    const sizes = [...parts.notes.keys()].sort((a, b) => a - b);
    const newest = sizes.at(-1)!;
    const older = parts.notes.get(sizes[0]!)!;
    const replayed = new Map(parts.notes).set(newest, older);
    // It is one of this book; only what it covers is less.
    const { status, gaps } = audit(written(parts.records, replayed));
    expect(status).toBe("incomplete");
    expect(gaps[0]?.kind).toBe("tail_unsigned");
    const forged = parts.notes.get(newest)!.replace(/\n\d+\n/, `\n${newest - 1}\n`);
    expect(audit(written(parts.records, new Map(parts.notes).set(newest, forged))).status).toBe(
      "failed",
    );
  });

  test("a tail cut off cleanly is told by a newer checkpoint alone", () => {
    const sizes = [...parts.notes.keys()].sort((a, b) => a - b);
    const [size, newest] = [sizes.findLast((each) => each < parts.to)!, parts.notes.get(parts.to)!];
    const cut = written(parts.records.slice(0, size));
    expect(audit(cut)).toMatchObject({ status: "ok", signed: size });
    const { status, gaps } = audit(cut, [newest]);
    expect(status).toBe("incomplete");
    expect(gaps[0]).toMatchObject({ kind: "checkpoint_unreached" });
  });
});
