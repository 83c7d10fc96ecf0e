/**
 * Ends this process when its parent is gone, from a thread of its own: the main thread of a syncer
 * may be blocked inside the native client, for ever if the network is.
 *
 * @module
 */
import { PARENT_CHECK_MS } from "./limits.ts";

const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, PARENT_CHECK_MS);
