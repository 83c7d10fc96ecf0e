// An unmodified @libsql/client without an interval: it syncs when it is told to, and then reads.
// Arguments: file, sync URL, token. Prints what each sync saw and how long it took.
import { createClient } from "@libsql/client";

const [file, syncUrl, authToken] = process.argv.slice(2);
const replica = createClient({ url: `file:${file}`, syncUrl, authToken });
for (;;) {
  const start = performance.now();
  await replica.sync();
  const { rows } = await replica.execute("SELECT seq FROM head");
  const line = { seq: Number(rows[0].seq), ms: performance.now() - start };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
