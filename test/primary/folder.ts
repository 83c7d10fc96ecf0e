/**
 * A deployment's folder in a temporary directory, with development keys.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CredentialVerifier,
  ensureDevKeys,
  type Credential,
  type Keys,
} from "../../src/access/index.ts";
import { readConfig, type RoleConfig } from "../../src/config/index.ts";
import { logger, type Logger } from "../../src/ops/index.ts";
import { primaryPaths, startPrimary, type Primary } from "../../src/primary/index.ts";
import { systemClock, type Clock } from "../../src/runtime/index.ts";

export interface Folder extends AsyncDisposable {
  readonly dir: string;
  readonly keys: Keys;
  readonly paths: ReturnType<typeof primaryPaths>;
  token(name: string): string;
  credential(name: string): Promise<Credential>;
  config(overrides?: Readonly<Record<string, string | number>>): RoleConfig;
}

export async function makeFolder(): Promise<Folder> {
  const dir = await mkdtemp(join(tmpdir(), "countroom-primary-"));
  const keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
  const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
  return {
    dir,
    keys,
    paths: primaryPaths(dir),
    token: (name) => keys.token(name),
    credential: (name) => verifier.verify(keys.token(name)),
    config: (overrides = {}) =>
      readConfig("primary", {}, { COUNTROOM_DATA: dir, COUNTROOM_PORT: 0, ...overrides }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Lines of the log, for tests that look at them. */
export function recordingLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = logger("primary", { write: (line) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

export interface Started {
  readonly primary: Primary;
  readonly lines: Record<string, unknown>[];
  /** Errors that would have ended the process. */
  readonly fatal: Error[];
}

/** A primary in this process. */
export async function startIn(
  folder: Folder,
  options: { clock?: Clock; overrides?: Readonly<Record<string, string | number>> } = {},
): Promise<Started> {
  const { log, lines } = recordingLog();
  const fatal: Error[] = [];
  const primary = await startPrimary({
    config: folder.config(options.overrides),
    log,
    onFatal: (error) => void fatal.push(error),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return { primary, lines, fatal };
}
