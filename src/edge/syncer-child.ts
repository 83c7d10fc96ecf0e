/**
 * Holds one libSQL replica and does nothing else.
 *
 * The client's calls block without a limit and its background task can't be stopped, so it lives
 * alone in a process that can be killed at any moment.
 *
 * @module
 */
import { statSync } from "node:fs";
import { createClient, type Client } from "@libsql/client";
import { heard, listen, say, SyncOrder } from "./child-messages.ts";

/** Seconds between polls. The publisher holds a poll until there is news, so this is its re-arm. */
const SYNC_INTERVAL_SECONDS = 0.001;
/** How often the first copy is looked for. */
const READY_CHECK_MS = 5;

/** A client that is collected stops replicating in silence. */
const pinned = globalThis as unknown as { countroomReplica?: Client };

new Worker(new URL("./parent-watch.ts", import.meta.url));
listen((line) => {
  const order = heard(SyncOrder, line);
  if (order === undefined || pinned.countroomReplica !== undefined) return;
  void hold(order);
});

async function hold(order: SyncOrder): Promise<void> {
  const client = createClient({
    url: `file:${order.path}`,
    syncUrl: order.syncUrl,
    authToken: order.authToken,
    syncInterval: SYNC_INTERVAL_SECONDS,
  });
  pinned.countroomReplica = client;
  while (!(await isComplete(client, order.path))) {
    await new Promise((resolve) => setTimeout(resolve, READY_CHECK_MS));
  }
  say({ synced: true });
}

/** The file counts from the moment its `-info` is there; a head proves that it is ours. */
async function isComplete(client: Client, path: string): Promise<boolean> {
  if (statSync(`${path}-info`, { throwIfNoEntry: false }) === undefined) return false;
  // A single SELECT is the only statement that this handle answers by itself.
  const { rows } = await client.execute("SELECT tick FROM head");
  return rows.length === 1;
}
