import { defineConfig } from "drizzle-kit";

// bunx drizzle-kit generate --config replicas/drizzle.config.ts --name NAME, from the top folder.
// A new table's SQL is then edited by hand: STRICT, and WITHOUT ROWID where schema.ts has a
// composite key, because drizzle can't say either.
// oxlint-disable-next-line import/no-default-export -- drizzle-kit wants one.
export default defineConfig({
  dialect: "sqlite",
  schema: "./replicas/schema.ts",
  out: "./replicas/migrations",
});
