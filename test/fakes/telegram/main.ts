/**
 * Runs the stand-in as a process of its own.
 *
 *   bun test/fakes/telegram/main.ts --port 7403 --credentials FILE [--edge eu=http://…]…
 *     [--read-key FILE --admin-key FILE]
 *
 * FILE of --credentials: JSON {"token", "secret"}. Secrets come by file, so that they don't stand
 * in the process list. Prints one JSON line when ready; SIGTERM and SIGINT end it.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Credentials } from "./bot.ts";
import { startTelegram } from "./server.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "7403" },
    credentials: { type: "string" },
    edge: { type: "string", multiple: true, default: [] },
    "read-key": { type: "string" },
    "admin-key": { type: "string" },
  },
});

function secretFile(path: string | undefined): string {
  return path === undefined ? "" : readFileSync(path, "utf8").trim();
}

if (values.credentials === undefined) throw new Error("--credentials FILE is needed");
const credentials = JSON.parse(secretFile(values.credentials)) as Credentials;
const edges = values.edge.map((text) => {
  const [region = "", url = ""] = text.split(/=(.*)/s);
  if (!URL.canParse(url)) throw new Error(`--edge takes REGION=URL, not ${text}`);
  return { region, url };
});
const server = startTelegram({
  credentials,
  edges,
  hostname: values.host,
  port: Number(values.port),
  keys: { read: secretFile(values["read-key"]), admin: secretFile(values["admin-key"]) },
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void server.stop().then(() => process.exit(0));
  });
}
const ready = { ready: true, role: "telegram", url: server.url, pid: process.pid };
process.stdout.write(`${JSON.stringify(ready)}\n`);
