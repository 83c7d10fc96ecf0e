/**
 * Everything that the benchmark leaves behind unless it cleans up: processes and folders.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SHARED_MEMORY = "/dev/shm";

/** Time a process gets to end by itself. */
const STOP_MS = 8_000;

type Process = Pick<Bun.Subprocess, "kill" | "exited" | "exitCode" | "signalCode" | "pid">;

class Owned {
  readonly #processes = new Set<Process>();
  readonly #folders = new Set<string>();

  add(process: Process): void {
    this.#processes.add(process);
    void process.exited.then(() => this.#processes.delete(process));
  }

  /** A new temporary folder. */
  folder(parent = tmpdir()): string {
    const dir = mkdtempSync(join(parent, "countroom-bench-"));
    this.#folders.add(dir);
    return dir;
  }

  /** A new folder in shared memory, where edges keep replicas; on disk where there is none. */
  memoryFolder(): string {
    try {
      return this.folder(SHARED_MEMORY);
    } catch {
      return this.folder();
    }
  }

  removeFolder(dir: string): void {
    rmSync(dir, { recursive: true, force: true });
    this.#folders.delete(dir);
  }

  /** SIGTERM, then SIGKILL. Resolves when the process is gone. */
  async stop(child: Process): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await child.exited;
    clearTimeout(timer);
  }

  /** Ends and removes everything at once: the benchmark is over, or interrupted. */
  async clear(): Promise<void> {
    for (const child of this.#processes) child.kill("SIGKILL");
    await Promise.all([...this.#processes].map((child) => child.exited));
    for (const dir of this.#folders) this.removeFolder(dir);
  }
}

/** This process's own. */
export const owned = new Owned();
