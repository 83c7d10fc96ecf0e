import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import type { TestBook } from "./test-book.ts";

const WALLETS = `SELECT operator_id, player_ref, currency, available, bonus, held, status, version,
  seq FROM wallets ORDER BY player_ref, currency`;
const IDENTITIES = `SELECT operator_id, key_id, lower(hex(hash)), player_ref FROM identities
  ORDER BY operator_id, key_id, hash`;

/**
 * SHA-256 over every wallet and identity row in key order. Two databases with the same hash hold
 * the same players and balances, which a sum of balances can't show.
 */
function hashRows(...tables: readonly (readonly unknown[])[][]): string {
  const hash = createHash("sha256");
  for (const rows of tables) {
    for (const row of rows) hash.update(`${row.map(String).join("\t")}\n`);
    hash.update("\n");
  }
  return hash.digest("hex");
}

/** Of an open database; it needs safe integers. */
export function walletContentHash(client: Database): string {
  return hashRows(client.query(WALLETS).values(), client.query(IDENTITIES).values());
}

/** Of a file, read in one snapshot through a read-only connection. */
export function walletFileContentHash(path: string): string {
  using client = new Database(path, { readonly: true, safeIntegers: true });
  return client.transaction(() => walletContentHash(client))();
}

/** What a database that holds this book must have. */
export function bookContentHash(book: TestBook): string {
  const wallets = [...book.state.walletRows()]
    .map((row) => [
      row.operatorId,
      row.playerRef,
      row.currency,
      row.available,
      row.bonus,
      row.held,
      row.status,
      row.version,
      row.seq,
    ])
    .sort((a, b) => order(`${a[1]} ${a[2]}`, `${b[1]} ${b[2]}`));
  const identities = [...book.state.identityRows()]
    .map((row) => [row.operatorId, row.keyId, Buffer.from(row.hash).toString("hex"), row.playerRef])
    .sort((a, b) => order(a.join("\t"), b.join("\t")));
  return hashRows(wallets, identities);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
