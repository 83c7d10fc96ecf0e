/**
 * An S3 server with Backblaze B2's manners, as a process of its own, for tests.
 *
 *   bun test/fakes/s3/main.ts [--port N] [--region R]
 *
 * Keys, buckets, faults and the clock are set through POST /_admin/…; see admin.ts. Prints one
 * JSON line when ready; SIGTERM and SIGINT end it.
 */
import { parseArgs } from "node:util";
import { startS3 } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    region: { type: "string", default: "eu-central-003" },
  },
});
const server = await startS3({ port: Number(values.port), region: values.region });
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void server.stop().then(() => process.exit(0));
  });
}
const ready = { ready: true, role: "s3", url: server.url, pid: process.pid };
process.stdout.write(`${JSON.stringify(ready)}\n`);
