/**
 * What a runtime must offer. Each runtime has one file with these exports; `index.ts` picks it.
 *
 * @module
 */

/** Certificates of a TLS listener, in PEM text. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities of client certificates, when clients must show one. */
  readonly ca?: string;
}

/** Facts about one request's connection, and the levers a handler may pull on it. */
export interface ConnectionInfo {
  /** Address of the peer, empty when the runtime can't tell. */
  readonly remoteAddress: string;
  /** Port of the peer, which tells its connections apart; 0 when the runtime can't tell. */
  readonly remotePort: number;
  /** Lifts the idle timeout from this request: for streams and long polls. */
  keepOpen(): void;
}

/** Answers one request. Whatever it throws becomes a bare 500. */
export type FetchHandler = (request: Request, info: ConnectionInfo) => Response | Promise<Response>;

/** Options of {@link Platform.serve}. */
export interface ServeOptions {
  readonly fetch: FetchHandler;
  /** 0 picks a free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly hostname?: string;
  readonly tls?: TlsFiles;
  /** Seconds a silent connection lives, at most 255; 0 lets it live. Default 10. Bun only. */
  readonly idleTimeout?: number;
  /** Lets several processes share the port; the kernel spreads connections over them. */
  readonly reusePort?: boolean;
  /** Largest request body in bytes; larger ones get 413 from the runtime. Bun only. */
  readonly bodyBytesMax?: number;
}

/** A listening server. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new connections, lets running requests end for at most `drainMs`, then cuts them.
   * Resolves when everything is closed.
   */
  stop(drainMs?: number): Promise<void>;
}

/** A `fetch` that trusts given authorities beside the system's. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The runtime's half of this room. */
export interface Platform {
  readonly name: "bun" | "deno";
  serve(options: ServeOptions): Server;
  /** `fetch` that also trusts the PEM authorities in `ca`. */
  trustingFetch(ca: string | undefined): Fetch;
  zstdCompress(data: Uint8Array, level?: number): Uint8Array;
  zstdDecompress(data: Uint8Array): Uint8Array;
  /** The command line that runs a script of this project in a process of its own. */
  scriptCommand(script: string, args: readonly string[]): readonly string[];
}
