import { createHash, type Hash } from "node:crypto";
import type { Database } from "bun:sqlite";
import { SEARCH_HASH_ROWS } from "./limits.ts";

/** What follows from the records, by table, in key order; the head only says where it stands. */
const TABLES: readonly (readonly [name: string, key: string])[] = [
  ["epochs", "epoch"],
  ["names", "id"],
  ["players", "id"],
  ["records", "seq"],
  ["lookups", "bucket, seq"],
  ["lines", "segment, player, seq, n"],
  ["holdings", "player, account"],
  ["bets", "seq"],
  ["open_bets", "operator, source, round, seq"],
  ["totals", "part, segment"],
];

const [NULL, INTEGER, TEXT, BYTES] = [0, 1, 2, 3];

/**
 * SHA-256 over every row: two files at the same seq must agree. Values carry their type and
 * length, so that no two different rows read alike.
 */
export function contentHashOf(driver: Database): string {
  const hash = createHash("sha256");
  for (const [name, key] of TABLES) {
    hash.update(`${name}\n`);
    const pen = new Pen(hash);
    let rows = 0;
    for (const row of driver.prepare(`SELECT * FROM ${name} ORDER BY ${key}`).iterate()) {
      for (const value of Object.values(row as object)) pen.write(value);
      rows += 1;
      if (rows % SEARCH_HASH_ROWS === 0) pen.flush();
    }
    pen.flush();
    hash.update(`${rows}\n`);
  }
  return hash.digest("hex");
}

/** Gathers values, because every update of a hash has its price. */
class Pen {
  readonly #hash: Hash;
  #bytes = Buffer.alloc(65_536);
  #at = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  write(value: unknown): void {
    if (value === null) this.#begin(NULL, 0);
    else if (typeof value === "bigint") {
      this.#begin(INTEGER, 8);
      this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
    } else if (typeof value === "string") {
      const length = Buffer.byteLength(value);
      this.#begin(TEXT, length);
      this.#at += this.#bytes.write(value, this.#at);
    } else {
      const bytes = value as Uint8Array;
      this.#begin(BYTES, bytes.length);
      this.#bytes.set(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  flush(): void {
    this.#hash.update(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }

  #begin(type: number, length: number): void {
    const end = this.#at + 5 + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#at = this.#bytes.writeUInt8(type, this.#at);
    this.#at = this.#bytes.writeUInt32BE(length, this.#at);
  }

  #grow(end: number): void {
    const larger = Buffer.alloc(end * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
