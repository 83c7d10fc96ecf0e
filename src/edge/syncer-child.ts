/**
 * Holds one libSQL replica and does nothing else.
 *
 * The client's calls block without a limit and its background task can't be stopped, so it lives
 * alone in a process that can be killed at any moment. It says nothing: opening waits for the
 * background task's first pull, which lasts as long as there is news, while the replica is long
 * complete. The supervisor sees that by its `-info` file.
 *
 * @module
 */
import { createClient, type Client } from "@libsql/client";
import { heard, listen, SyncOrder } from "./child-messages.ts";

/** Seconds between polls. The publisher holds a poll until there is news, so this is its re-arm. */
const SYNC_INTERVAL_SECONDS = 0.001;

/** A client that is collected stops replicating in silence. */
const pinned = globalThis as unknown as { countroomReplica?: Client };

new Worker(new URL("./parent-watch.ts", import.meta.url), { type: "module" });
listen((line) => {
  const order = heard(SyncOrder, line);
  if (order === undefined || pinned.countroomReplica !== undefined) return;
  pinned.countroomReplica = createClient({
    url: `file:${order.path}`,
    syncUrl: order.syncUrl,
    authToken: order.authToken,
    syncInterval: SYNC_INTERVAL_SECONDS,
  });
});
