/**
 * What the project needs of its runtime: serving, clocks, randomness, ids, processes, compression.
 * The only room that may name a runtime.
 *
 * @module
 */
import type { Platform } from "./platform.ts";

// Imported dynamically, so that neither runtime ever loads the other's half.
const platform: Platform =
  "Bun" in globalThis ? await import("./bun.ts") : await import("./deno.ts");

export const runtimeName = platform.name;
export const serve = platform.serve;
export const trustingFetch = platform.trustingFetch;
export const zstdCompress = platform.zstdCompress;
export const zstdDecompress = platform.zstdDecompress;
export const scriptCommand = platform.scriptCommand;

export { systemClock, watchClock } from "./clock.ts";
export type { Clock, ClockWatch } from "./clock.ts";
export { uuidv7, uuidV7Source } from "./ids.ts";
export { jitter, randomBytes, randomHex } from "./random.ts";
export { spawn } from "./spawn.ts";
export type { Child, ChildExit, SpawnOptions } from "./spawn.ts";
export type {
  ConnectionInfo,
  Fetch,
  FetchHandler,
  Server,
  ServeOptions,
  TlsFiles,
} from "./platform.ts";
