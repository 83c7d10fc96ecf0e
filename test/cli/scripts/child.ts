/**
 * A process as `dev` supervises them, reduced to what the supervisor sees of it.
 *
 * CHILD_PORT: where it answers /readyz. CHILD_END: ends by itself with that code after it was
 * ready once, the first time that CHILD_MARK doesn't exist.
 */
import { existsSync, writeFileSync } from "node:fs";

const { CHILD_PORT, CHILD_END, CHILD_MARK } = process.env;
if (CHILD_PORT === undefined) process.exit(Number(CHILD_END ?? 1));
const server = Bun.serve({
  port: Number(CHILD_PORT), hostname: "127.0.0.1", fetch: () => new Response("ready"),
});
console.log(JSON.stringify({ ready: true, role: "test", url: String(server.url) }));
process.on("SIGTERM", () => process.exit(0));
if (CHILD_END !== undefined && CHILD_MARK !== undefined && !existsSync(CHILD_MARK)) {
  writeFileSync(CHILD_MARK, "");
  setTimeout(() => process.exit(Number(CHILD_END)), 200);
}
