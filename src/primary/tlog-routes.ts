/**
 * The book as a tiled transparency log below `/tlog/`: https://c2sp.org/tlog-tiles.
 *
 * An entry is what follows the 0x00 of a record's leaf: u32be length ‖ event ‖ u32be length ‖
 * outcome. The checkpoint and the tiles of hashes are for anybody; entries are the records of all
 * operators, so API keys don't read them: only edges, publishers and the system do.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { problemResponse, PROOF_WAIT_MS } from "../wire/index.ts";
import { Budget } from "./budget.ts";
import type { HttpGate } from "./http-gate.ts";
import {
  ENTRIES_CALLS_MAX,
  ENTRIES_CALLS_PER_SECOND,
  TILE_CALLS_MAX,
  TILE_CALLS_PER_SECOND,
} from "./limits.ts";
import { settled, type Prove } from "./proof-routes.ts";
import { parseTilePath, type TilePath } from "./tile-path.ts";

/** What the routes stand on. */
export interface TlogRoutesOptions {
  readonly prove: Prove;
  readonly gate: HttpGate;
  readonly checkpoint: () => string;
  readonly monotonicMs: () => number;
}

const PREFIX = "/tlog/";
const TEXT = "text/plain; charset=utf-8";
const BINARY = "application/octet-stream";
/** A tile never changes: it names its width, and hashes only grow at the right end. */
const FOR_EVER = "max-age=31536000, immutable";

/** Answers requests below `/tlog/`. */
export class TlogRoutes {
  readonly #options: TlogRoutesOptions;
  readonly #tiles: Budget;
  readonly #entries: Budget;

  constructor(options: TlogRoutesOptions) {
    this.#options = options;
    const { monotonicMs } = options;
    this.#tiles = new Budget({
      callsMax: TILE_CALLS_MAX,
      perSecond: TILE_CALLS_PER_SECOND,
      monotonicMs,
    });
    this.#entries = new Budget({
      callsMax: ENTRIES_CALLS_MAX,
      perSecond: ENTRIES_CALLS_PER_SECOND,
      monotonicMs,
    });
  }

  /** Undefined: there is no such route. */
  answer(request: Request, { pathname }: URL): Promise<Response> | undefined {
    if (request.method !== "GET" || !pathname.startsWith(PREFIX)) return undefined;
    const rest = pathname.slice(PREFIX.length);
    if (rest === "checkpoint") return Promise.resolve(this.#checkpoint());
    const path = parseTilePath(rest);
    if (path === undefined) return undefined;
    return path.level === "entries" ? this.#bundle(path, request) : this.#tile(path, path.level);
  }

  #checkpoint(): Response {
    const note = this.#options.checkpoint();
    if (note === "") {
      return problemResponse(Code.UNAVAILABLE, { detail: "there is no checkpoint yet" });
    }
    return new Response(note, { headers: { "content-type": TEXT, "cache-control": "no-store" } });
  }

  async #tile({ index, width }: TilePath, level: number): Promise<Response> {
    const { prove } = this.#options;
    const asked = this.#tiles.spend(async () => ({
      answer: await prove({ kind: "tile", level, index, width }, PROOF_WAIT_MS),
    }));
    const answer = settled(await asked);
    if (answer instanceof Response) return answer;
    if (answer.kind !== "bytes") return problemResponse(Code.INTERNAL);
    return bytesResponse(answer.bytes, { "cache-control": `public, ${FOR_EVER}` });
  }

  async #bundle({ index, width }: TilePath, request: Request): Promise<Response> {
    const { gate, prove } = this.#options;
    const refusal = await gate.admitReader(request.headers);
    if (refusal !== undefined) return refusal;
    const gzip = acceptsGzip(request.headers.get("accept-encoding"));
    const asked = this.#entries.spend(async () => ({
      answer: await prove({ kind: "entries", index, width, gzip }, PROOF_WAIT_MS),
    }));
    const answer = settled(await asked);
    if (answer instanceof Response) return answer;
    if (answer.kind !== "bytes") return problemResponse(Code.INTERNAL);
    return bytesResponse(answer.bytes, {
      "cache-control": `private, ${FOR_EVER}`,
      vary: "accept-encoding",
      ...(answer.gzip ? { "content-encoding": "gzip" } : {}),
    });
  }
}

function bytesResponse(bytes: Uint8Array, headers: Readonly<Record<string, string>>): Response {
  const body = bytes as Uint8Array<ArrayBuffer>;
  return new Response(body, { headers: { "content-type": BINARY, ...headers } });
}

function acceptsGzip(header: string | null): boolean {
  return (header ?? "")
    .split(",")
    .some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(one));
}
