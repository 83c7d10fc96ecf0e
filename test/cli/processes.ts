/** What tests of processes share. */
import { createServer } from "node:net";

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether a process is no more. */
export function gone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Waits until something holds. */
export async function until(
  done: () => boolean | Promise<boolean>,
  limitMs = 25_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!await done()) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain`);
    await Bun.sleep(20);
  }
}
