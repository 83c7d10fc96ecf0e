import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";

const WALLETS = `SELECT operator_id, player_ref, currency, available, bonus, held, status, version,
  seq FROM wallets ORDER BY player_ref, currency`;
const IDENTITIES = `SELECT operator_id, key_id, hex(hash), player_ref FROM identities
  ORDER BY operator_id, key_id, hash`;

/**
 * SHA-256 in hex over every wallet and identity row in key order. Two databases with the same
 * hash hold the same players and balances, which a sum of balances can't show.
 */
export function walletContentHash(client: Database): string {
  const hash = createHash("sha256");
  for (const query of [WALLETS, IDENTITIES]) {
    for (const row of client.query(query).values()) hash.update(`${row.map(String).join("\t")}\n`);
    hash.update("\n");
  }
  return hash.digest("hex");
}

/** The same of a file, read in one snapshot through a read-only connection. */
export function walletFileContentHash(path: string): string {
  using client = new Database(path, { readonly: true, safeIntegers: true });
  return client.transaction(() => walletContentHash(client))();
}
