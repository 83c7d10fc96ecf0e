/**
 * Goal: what was put into a run is found on its pages, nothing else is, and a page that no longer
 * is what was written is told rather than searched in vain.
 * Method: hashes that begin alike, and a file that somebody changed.
 */
import { afterAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PAGE_ENTRY_BYTES } from "../../src/store/claim-pages.ts";
import { openLedgerDb, openLedgerView, type Group } from "../../src/store/ledger-db.ts";

const dir = mkdtempSync(join(tmpdir(), "countroom-pages-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const RECORDS = 1_200;
const none = new Uint8Array(0);

/** Claims of one record differ in their last byte only, as kinds of claims on one name do. */
function claim(seq: number, kind: number): Uint8Array {
  const hash = new Bun.CryptoHasher("sha256").update(String(seq)).digest().subarray(0, 16);
  hash[15] = kind;
  return hash;
}

function book(path: string): void {
  using ledger = openLedgerDb(path, { create: true, synchronous: "OFF" });
  const reign = "0".repeat(32);
  ledger.writer.openEpoch({ epoch: 1, reign, openedAt: 1, reason: "genesis", previousRoot: none });
  for (let first = 1; first <= RECORDS; first += 100) {
    const records = Array.from({ length: 100 }, (_, index) => ({
      event: none,
      outcome: none,
      claims: [claim(first + index, 1), claim(first + index, 4)],
    }));
    ledger.writer.append({ epoch: 1, firstSeq: first, records, root: none, edge: none } as Group);
    // Several runs, the way a ledger that was stopped several times has them.
    if (first % 300 === 1) ledger.writer.queue.drain();
  }
}

test("claims that begin alike are told apart", () => {
  const path = join(dir, "ledger.db");
  book(path);
  using view = openLedgerView(path);
  expect([...view.reader.waitingClaims()]).toEqual([]);
  for (let seq = 1; seq <= RECORDS; seq += 1) {
    const found = [1, 2, 3, 4].map((kind) => view.reader.claimed(claim(seq, kind)));
    if (found.join() !== `${seq},,,${seq}`) throw new Error(`${seq}: ${found}`);
  }
  expect(view.reader.claimed(claim(RECORDS + 1, 1))).toBeUndefined();
  const all = [...view.reader.claims(0)];
  expect(all).toHaveLength(2 * RECORDS);
  expect(new Set(all.map(({ seq }) => seq)).size).toBe(RECORDS);
  for (const { hash, seq } of all.slice(0, 50)) {
    expect(Buffer.compare(hash, claim(seq, hash[15]!))).toBe(0);
  }
});

const LAST = "(SELECT max(id) FROM claims_000000)";

test.each([
  ["a flipped bit", `substr(claims, 1, 60) || x'ff' || substr(claims, 62)`],
  ["half an entry", `substr(claims, 1, length(claims) - ${PAGE_ENTRY_BYTES / 2})`],
  ["another page's claims", `(SELECT claims FROM claims_000000 WHERE id = ${LAST} - 1)`],
])("%s on a page is damage", (_, value) => {
  const path = join(dir, `${value.length}.db`);
  book(path);
  using vandal = new Database(path);
  vandal.run("DROP TRIGGER claims_000000_no_update");
  vandal.run(`UPDATE claims_000000 SET claims = CAST(${value} AS BLOB) WHERE id = ${LAST}`);
  using view = openLedgerView(path);
  expect(() => [...view.reader.claims(0)]).toThrow("is not what was written");
});
