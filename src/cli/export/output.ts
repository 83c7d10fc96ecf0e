/**
 * Where an export goes: a file that appears whole or not at all, or standard output.
 *
 * @module
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { EXIT, OperatorError } from "../../ops/index.ts";

/** Takes bytes. Exactly one of `finish` and `abandon` ends it. */
export interface Output {
  write(bytes: Uint8Array): void;
  /** Makes the file durable and gives it its name. */
  finish(): void;
  /** Leaves nothing behind. */
  abandon(): void;
}

/** The name that means standard output. */
export const STDOUT = "-";

/** A pipe that nobody reads for so long is dead. */
const PIPE_TRIES_MAX = 60_000;
const PIPE_PAUSE_MS = 1;

/** Begins to write. @throws OperatorError FILE_EXISTS unless `force` */
export function openOutput(path: string, force: boolean): Output {
  if (path === STDOUT) {
    const write = (bytes: Uint8Array): void => writeAll(process.stdout.fd, bytes);
    return { write, finish: () => {}, abandon: () => {} };
  }
  refuseExisting(path, force);
  const temporary = `${path}.${process.pid}.partial`;
  const descriptor = openSync(temporary, "wx", 0o600);
  return {
    write: (bytes) => writeAll(descriptor, bytes),
    finish() {
      fsyncSync(descriptor);
      closeSync(descriptor);
      // Another may have come to lie there meanwhile.
      refuseExisting(path, force);
      renameSync(temporary, path);
      syncFolder(dirname(path));
    },
    abandon() {
      closeSync(descriptor);
      rmSync(temporary, { force: true });
    },
  };
}

function refuseExisting(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new OperatorError("FILE_EXISTS", `${path} is there already`, {
    hint: "Name another file, or replace it with --force.",
    exitCode: EXIT.usage,
  });
}

/** The new name is durable, too. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let done = 0;
  for (let tries = 0; done < bytes.length;) {
    try {
      done += writeSync(descriptor, bytes, done);
      tries = 0;
    } catch (error) {
      // A full pipe: its reader is slower than we are.
      const full = (error as { code?: unknown }).code === "EAGAIN";
      if (!full || (tries += 1) > PIPE_TRIES_MAX) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE_MS);
    }
  }
}
