/**
 * A primary as a process of its own, through the command line.
 */
import { join } from "node:path";
import { createLedgerClient, type LedgerClient } from "../../src/wire/index.ts";
import type { Folder } from "./folder.ts";

const MAIN = join(import.meta.dir, "../../src/cli/main.ts");
const READY_MS_MAX = 20_000;

export interface PrimaryProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly epoch: number;
  readonly reign: string;
  readonly exited: Promise<number>;
  client(token?: string): LedgerClient;
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<number>;
  /** Everything on standard error so far. */
  stderr(): string;
}

/** Runs `countroom …` to its end. */
export async function countroom(
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, MAIN, ...words], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

export interface ProcessOptions {
  /** A primary that is not ready by then is killed. */
  readonly readyMsMax?: number;
  /** Largest file that the process may write. */
  readonly fileKibMax?: number;
}

/** Starts a primary and waits until it is ready. */
export async function startProcess(
  folder: Folder,
  options: ProcessOptions = {},
): Promise<PrimaryProcess> {
  const command = [process.execPath, MAIN, "primary", "--data", folder.dir, "--port", "0"];
  // bash counts `ulimit -f` in KiB.
  const limit = `ulimit -f ${options.fileKibMax ?? "unlimited"}; exec "$0" "$@"`;
  const child = Bun.spawn(["bash", "-c", limit, ...command], { stdout: "pipe", stderr: "pipe" });
  let stderr = "";
  const drained = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) stderr += chunk;
  })();
  const late = setTimeout(() => child.kill("SIGKILL"), options.readyMsMax ?? READY_MS_MAX);
  let line = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    line += chunk;
    if (line.includes("\n")) break;
  }
  clearTimeout(late);
  if (!line.includes("\n")) {
    await drained;
    throw new Error(`the primary did not get ready: ${stderr}`);
  }
  const { url, epoch, reign } = JSON.parse(line) as { url: string; epoch: number; reign: string };
  const kill = async (signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<number> => {
    child.kill(signal);
    return child.exited;
  };
  return {
    url,
    epoch,
    reign,
    pid: child.pid,
    exited: child.exited,
    stderr: () => stderr,
    client: (token = folder.token("edge-eu")) => createLedgerClient({ baseUrl: url, token }),
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill();
    },
  };
}
