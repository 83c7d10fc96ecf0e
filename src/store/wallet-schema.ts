/**
 * The tables of `wallet.db`, from the committed migrations in `replicas/`.
 *
 * The file is a projection, so a schema that differs in anything is no reason to migrate it: it
 * is rebuilt from the book, and its replicas start over under a new feed.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";

const MIGRATIONS_FOLDER = join(import.meta.dirname, "..", "..", "replicas", "migrations");

/** Creates the tables in an empty database, in one transaction. */
export function createWalletTables(client: Database): void {
  client.transaction(() => {
    for (const migration of readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER })) {
      for (const statement of migration.sql) client.run(statement);
    }
  })();
}

/** Whether the database has exactly the tables that the migrations make. */
export function hasWalletTables(client: Database): boolean {
  return describe(client) === expected();
}

let expectedTables: string | undefined;

function expected(): string {
  if (expectedTables !== undefined) return expectedTables;
  using fresh = new Database(":memory:");
  createWalletTables(fresh);
  return (expectedTables = describe(fresh));
}

function describe(client: Database): string {
  const query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
  return JSON.stringify(client.query(query).values());
}
