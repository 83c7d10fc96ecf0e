// Holds a replica with an unmodified @libsql/client and nothing else, on Node or Bun.
// Arguments: file, sync URL, token. Prints one JSON line per step; ends when its stdin or its
// parent does.
import { createClient } from "@libsql/client";

const [file, syncUrl, authToken] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// Kept on the global object: a handle that is collected stops replicating without a word.
globalThis.replica = createClient({ url: `file:${file}`, syncUrl, authToken, syncInterval: 0.001 });
say({ opened: true });
setInterval(() => {}, 1000);
