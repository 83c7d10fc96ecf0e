/**
 * The runtime's half of this room on Deno, as far as an edge needs it.
 *
 * @module
 */
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import { STOP_DRAIN_MS } from "./limits.ts";
import type { Fetch, Server, ServeOptions } from "./platform.ts";

/** What is used of Deno, spelled out: its own types clash with Bun's. */
interface DenoApi {
  serve(
    options: Record<string, unknown>,
    handler: (
      request: Request,
      info: { remoteAddr: { hostname?: string; port?: number } },
    ) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
  createHttpClient(options: { caCerts: string[] }): unknown;
  execPath(): string;
}

const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;

export const name = "deno" as const;

/** Listens for HTTP requests. Throws when the port is taken. */
export function serve(options: ServeOptions): Server {
  const hostname = options.hostname ?? "127.0.0.1";
  const server = deno.serve(
    {
      port: options.port,
      hostname,
      reusePort: options.reusePort ?? false,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
      ...(options.tls === undefined ? {} : { cert: options.tls.cert, key: options.tls.key }),
    },
    (request, info) =>
      options.fetch(request, {
        remoteAddress: info.remoteAddr.hostname ?? "",
        remotePort: info.remoteAddr.port ?? 0,
        // Deno has no idle timeout of its own.
        keepOpen: () => {},
      }),
  );
  const scheme = options.tls === undefined ? "http" : "https";
  const host = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  let stopped: Promise<void> | undefined;
  const stop = async (drainMs: number): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainMs);
    });
    // Deno has no way to cut what is left of a shutdown: aborting it fails in Deno itself. What
    // hasn't ended by then ends with the process.
    await Promise.race([server.shutdown(), late]);
    clearTimeout(timer);
  };
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${server.addr.port}`,
    port: server.addr.port,
    stop: (drainMs = STOP_DRAIN_MS) => (stopped ??= stop(drainMs)),
  };
}

/** `fetch` that also trusts the PEM authorities in `ca`. */
export function trustingFetch(ca: string | undefined): Fetch {
  if (ca === undefined) return (input, init) => fetch(input, init);
  const client = deno.createHttpClient({ caCerts: [ca] });
  return (input, init) => fetch(input, { ...init, client } as RequestInit);
}

/** One zstd frame. It carries no checksum: the caller keeps length and hash. */
export function zstdCompress(data: Uint8Array, level = 1): Uint8Array {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

/** Throws on anything that isn't a zstd frame. */
export function zstdDecompress(data: Uint8Array): Uint8Array {
  return zstdDecompressSync(data);
}

/** The command line that runs a script of this project in a process of its own. */
export function scriptCommand(script: string, args: readonly string[]): readonly string[] {
  // Several workers on one port still count as unstable there.
  return [deno.execPath(), "run", "-A", "--unstable-net", script, ...args];
}
