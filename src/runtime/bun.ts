/**
 * The runtime's half of this room on Bun.
 *
 * @module
 */
import { IDLE_TIMEOUT_SECONDS, STOP_DRAIN_MS } from "./limits.ts";
import type { ConnectionInfo, Fetch, Server, ServeOptions } from "./platform.ts";

export const name = "bun" as const;

/** Listens for HTTP requests. Throws when the port is taken. */
export function serve(options: ServeOptions): Server {
  const server = Bun.serve({
    port: options.port,
    hostname: options.hostname ?? "127.0.0.1",
    idleTimeout: options.idleTimeout ?? IDLE_TIMEOUT_SECONDS,
    reusePort: options.reusePort ?? false,
    ...(options.bodyBytesMax === undefined ? {} : { maxRequestBodySize: options.bodyBytesMax }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    development: false,
    error: () => new Response(null, { status: 500 }),
    fetch: (request, self): Response | Promise<Response> =>
      options.fetch(request, new BunConnection(request, self)),
  });
  const port = server.port ?? options.port;
  const scheme = options.tls === undefined ? "http" : "https";
  let stopped: Promise<void> | undefined;
  return {
    url: `${scheme}://${urlHost(options.hostname)}:${port}`,
    port,
    stop: (drainMs = STOP_DRAIN_MS) => (stopped ??= stop(server, drainMs)),
  };
}

/** Looked up only when asked for: the address costs a native call per request. */
class BunConnection implements ConnectionInfo {
  readonly #request: Request;
  readonly #server: Bun.Server<undefined>;

  constructor(request: Request, server: Bun.Server<undefined>) {
    this.#request = request;
    this.#server = server;
  }

  get remoteAddress(): string {
    return this.#server.requestIP(this.#request)?.address ?? "";
  }

  get remotePort(): number {
    return this.#server.requestIP(this.#request)?.port ?? 0;
  }

  keepOpen(): void {
    this.#server.timeout(this.#request, 0);
  }
}

async function stop(server: Bun.Server<undefined>, drainMs: number): Promise<void> {
  const drained = server.stop(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), drainMs);
  });
  const first = await Promise.race([drained, late]);
  clearTimeout(timer);
  if (first === "late") await server.stop(true);
}

/** Hosts that mean "every interface" can't be dialled; the loopback can. */
function urlHost(hostname: string | undefined): string {
  if (hostname === undefined || hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** `fetch` that also trusts the PEM authorities in `ca`. */
export function trustingFetch(ca: string | undefined): Fetch {
  if (ca === undefined) return (input, init) => fetch(input, init);
  const tls = { ca };
  return (input, init) => fetch(input, { ...init, tls } as RequestInit);
}

/** One zstd frame. It carries no checksum: the caller keeps length and hash. */
export function zstdCompress(data: Uint8Array, level = 1): Uint8Array {
  return Bun.zstdCompressSync(data as Uint8Array<ArrayBuffer>, { level });
}

/** Throws on anything that isn't a zstd frame. */
export function zstdDecompress(data: Uint8Array): Uint8Array {
  return Bun.zstdDecompressSync(data as Uint8Array<ArrayBuffer>);
}

/** The command line that runs a script of this project in a process of its own. */
export function scriptCommand(script: string, args: readonly string[]): readonly string[] {
  return [process.execPath, script, ...args];
}
