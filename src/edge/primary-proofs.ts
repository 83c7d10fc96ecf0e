/**
 * Proofs from the primary: passed on as they come, or fetched for the receipts of a request.
 *
 * @module
 */
import * as v from "valibot";
import { Code } from "../ledger/index.ts";
import type { Fetch } from "../runtime/index.ts";
import {
  inclusionProofFromJson,
  PROBLEM_TYPE,
  problemResponse,
  PROOF_WAIT_MS,
} from "../wire/index.ts";
import type { InclusionProof } from "../wire/gen/countroom/v1/record_pb.ts";
import type { CheckpointKeeper } from "./checkpoint-keeper.ts";
import { PROOF_ANSWER_BYTES_MAX, PROOF_FORWARD_MS, PROOF_QUERY_CHARS_MAX } from "./limits.ts";

/** Options of {@link PrimaryProofs}. */
export interface PrimaryProofsOptions {
  readonly baseUrl: string;
  /** The edge's own token. */
  readonly token: string;
  readonly fetch: Fetch;
  readonly checkpoints: CheckpointKeeper;
  /** Calls at one time. */
  readonly inFlightMax: number;
}

const Hash = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/));
const Count = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,15})$/));
const Proofs = v.object({
  checkpoint: v.pipe(v.string(), v.nonEmpty()),
  proofs: v.array(
    v.object({
      seq: Count,
      leaf_index: Count,
      tree_size: Count,
      leaf_hash: Hash,
      hashes: v.array(Hash),
    }),
  ),
});

/** What the primary may answer to a question that is passed on. */
const PASSED: ReadonlySet<number> = new Set([200, 400, 404, 503]);
const RETRY = Object.freeze({ "retry-after": "1" });

/** Asks the primary about the tree. */
export class PrimaryProofs {
  readonly #options: PrimaryProofsOptions;
  #inFlight = 0;

  constructor(options: PrimaryProofsOptions) {
    this.#options = options;
  }

  /** The primary's own answer to `path` with this query. */
  async forward(path: string, query: string): Promise<Response> {
    if (query.length > PROOF_QUERY_CHARS_MAX) return problemResponse(Code.REQUEST_TOO_LARGE);
    if (this.#inFlight >= this.#options.inFlightMax) {
      return problemResponse(Code.OVERLOADED, { headers: RETRY });
    }
    const answer = await this.#call(path + query, { method: "GET" }, PROOF_FORWARD_MS);
    if (answer === undefined || !PASSED.has(answer.status)) {
      return problemResponse(Code.UNAVAILABLE, { headers: RETRY });
    }
    const headers = {
      "cache-control": "no-store",
      "content-type": answer.status === 200 ? "application/json" : PROBLEM_TYPE,
      ...(answer.status === 503 ? RETRY : {}),
    };
    return new Response(answer.text, { status: answer.status, headers });
  }

  /**
   * Proofs of records by seq, all in the tree of one signed checkpoint. Undefined when they are
   * not to be had in time.
   */
  async ofRecords(
    seqs: readonly bigint[],
  ): Promise<ReadonlyMap<bigint, InclusionProof> | undefined> {
    if (this.#inFlight >= this.#options.inFlightMax) return undefined;
    const body = JSON.stringify({ seqs: seqs.map(String) });
    const init = { method: "POST", body };
    const answer = await this.#call("/v1/proofs/inclusion", init, PROOF_WAIT_MS);
    if (answer?.status !== 200) return undefined;
    const parsed = v.safeParse(Proofs, parse(answer.text));
    if (!parsed.success) return undefined;
    const { checkpoint, proofs } = parsed.output;
    this.#options.checkpoints.offer(checkpoint);
    return new Map(
      proofs.map((proof) => [BigInt(proof.seq), inclusionProofFromJson({ ...proof, checkpoint })]),
    );
  }

  /** Undefined: no answer in time, or one that is too long. */
  async #call(
    path: string,
    init: RequestInit,
    limitMs: number,
  ): Promise<{ readonly status: number; readonly text: string } | undefined> {
    const { baseUrl, token, fetch } = this.#options;
    this.#inFlight += 1;
    try {
      const answer = await fetch(baseUrl + path, {
        ...init,
        headers: { authorization: `Bearer ${token}` },
        redirect: "error",
        signal: AbortSignal.timeout(limitMs),
      });
      const text = await answer.text();
      if (text.length > PROOF_ANSWER_BYTES_MAX) return undefined;
      return { status: answer.status, text };
    } catch {
      return undefined;
    } finally {
      this.#inFlight -= 1;
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
