/**
 * Proofs over HTTP.
 *
 * | route | who |
 * | --- | --- |
 * | `GET /v1/proofs/inclusion?seq=N[&size=M]` | anybody who reaches the primary, within a budget |
 * | `GET /v1/proofs/consistency?from=A[&to=B]` | the same; edges have a budget of their own |
 * | `POST /v1/proofs/inclusion` `{"seqs": […]}` | edges and the system, for receipts |
 *
 * A proof is hashes, which tell nobody anything about a record that they don't hold.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { inclusionProofToJson, PROOF_WAIT_MS, problemResponse } from "../wire/index.ts";
import { Budget } from "./budget.ts";
import type { HttpGate } from "./http-gate.ts";
import {
  EDGE_PROOF_CALLS_MAX,
  EDGE_PROOF_CALLS_PER_SECOND,
  PROOF_BODY_BYTES_MAX,
  PROOF_CALLS_MAX,
  PROOF_CALLS_PER_SECOND,
  RECEIPT_PROOF_CALLS_MAX,
  RECEIPT_PROOF_CALLS_PER_SECOND,
} from "./limits.ts";
import type { ProofAnswer, ProofQuestion, ProvenRecord } from "./proof-messages.ts";
import { invalid, readCounts, readSeqs } from "./proof-query.ts";

/** What asks the checkpointer. */
export type Prove = (question: ProofQuestion, waitMs: number) => Promise<ProofAnswer | undefined>;

/** What the routes stand on. */
export interface ProofRoutesOptions {
  readonly prove: Prove;
  readonly gate: HttpGate;
  /** Seq of the newest durable record. */
  readonly headSeq: () => number;
  readonly monotonicMs: () => number;
}

const NO_STORE = { "cache-control": "no-store" } as const;
const RETRY = { "retry-after": "1" } as const;

/** Answers requests below `/v1/proofs/`. */
export class ProofRoutes {
  readonly #options: ProofRoutesOptions;
  readonly #strangers: Budget;
  readonly #edges: Budget;
  readonly #receipts: Budget;

  constructor(options: ProofRoutesOptions) {
    this.#options = options;
    const { monotonicMs } = options;
    this.#strangers = new Budget({
      callsMax: PROOF_CALLS_MAX,
      perSecond: PROOF_CALLS_PER_SECOND,
      monotonicMs,
    });
    this.#edges = new Budget({
      callsMax: EDGE_PROOF_CALLS_MAX,
      perSecond: EDGE_PROOF_CALLS_PER_SECOND,
      monotonicMs,
    });
    this.#receipts = new Budget({
      callsMax: RECEIPT_PROOF_CALLS_MAX,
      perSecond: RECEIPT_PROOF_CALLS_PER_SECOND,
      monotonicMs,
    });
  }

  /** Undefined: there is no such route. */
  answer(request: Request, { pathname, searchParams }: URL): Promise<Response> | undefined {
    switch (`${request.method} ${pathname}`) {
      case "GET /v1/proofs/inclusion":
        return this.#inclusion(searchParams, request.headers);
      case "GET /v1/proofs/consistency":
        return this.#consistency(searchParams, request.headers);
      case "POST /v1/proofs/inclusion":
        return this.#several(request);
      default:
        return undefined;
    }
  }

  async #inclusion(query: URLSearchParams, headers: Headers): Promise<Response> {
    const counts = readCounts(query, ["seq"], ["size"]);
    if (counts instanceof Response) return counts;
    const { seq = 0, size } = counts;
    if (size !== undefined && size < seq) return invalid("size", "it is smaller than seq");
    const head = this.#options.headSeq();
    if (seq > head) return beyond("seq", head);
    if (size !== undefined && size > head) return beyond("size", head);
    const question = { kind: "inclusion", seqs: [seq], ...(size === undefined ? {} : { size }) };
    const answer = await this.#ask(await this.#budgetOf(headers), question as ProofQuestion);
    if (answer instanceof Response) return answer;
    if (answer.kind !== "inclusion") return problemResponse(Code.INTERNAL);
    const proof = proofJson(answer.records[0]!, answer.size, answer.checkpoint);
    return Response.json({ seq: String(seq), ...proof }, { headers: NO_STORE });
  }

  async #consistency(query: URLSearchParams, headers: Headers): Promise<Response> {
    const counts = readCounts(query, ["from"], ["to"]);
    if (counts instanceof Response) return counts;
    const { from = 0, to } = counts;
    if (to !== undefined && to < from) return invalid("to", "it is smaller than from");
    const head = this.#options.headSeq();
    if (from > head) return beyond("from", head);
    if (to !== undefined && to > head) return beyond("to", head);
    const question = { kind: "consistency", from, ...(to === undefined ? {} : { to }) };
    const answer = await this.#ask(await this.#budgetOf(headers), question as ProofQuestion);
    if (answer instanceof Response) return answer;
    if (answer.kind !== "consistency") return problemResponse(Code.INTERNAL);
    const json = {
      from: String(answer.from),
      to: String(answer.to),
      hashes: answer.path.map(base64),
      ...(answer.checkpoint === "" ? {} : { checkpoint: answer.checkpoint }),
    };
    return Response.json(json, { headers: NO_STORE });
  }

  /** Proofs for the receipts of one request, all in one tree. */
  async #several(request: Request): Promise<Response> {
    const refusal = await this.#options.gate.admitReader(request.headers);
    if (refusal !== undefined) return refusal;
    const declared = Number(request.headers.get("content-length") ?? Number.NaN);
    if (!(declared <= PROOF_BODY_BYTES_MAX)) return problemResponse(Code.REQUEST_TOO_LARGE);
    const seqs = readSeqs(await request.text());
    if (seqs instanceof Response) return seqs;
    const head = this.#options.headSeq();
    const unknown = seqs.findIndex((seq) => seq > head);
    if (unknown >= 0) return beyond(`seqs.${unknown}`, head);
    const answer = await this.#ask(this.#receipts, { kind: "inclusion", seqs });
    if (answer instanceof Response) return answer;
    if (answer.kind !== "inclusion") return problemResponse(Code.INTERNAL);
    const { size, records, checkpoint } = answer;
    const proofs = records.map((record) => ({
      seq: String(record.seq),
      ...proofJson(record, size, ""),
    }));
    return Response.json({ checkpoint, proofs }, { headers: NO_STORE });
  }

  async #budgetOf(headers: Headers): Promise<Budget> {
    return (await this.#options.gate.knows(headers)) ? this.#edges : this.#strangers;
  }

  async #ask(budget: Budget, question: ProofQuestion): Promise<ProofAnswer | Response> {
    const asked = budget.spend(async () => ({
      answer: await this.#options.prove(question, PROOF_WAIT_MS),
    }));
    return settled(await asked);
  }
}

/** An answer that holds something, or the response that says why there is none. */
export function settled(
  asked: { readonly answer: ProofAnswer | undefined } | undefined,
): ProofAnswer | Response {
  if (asked === undefined) return problemResponse(Code.OVERLOADED, { headers: RETRY });
  const { answer } = asked;
  if (answer === undefined || answer.kind === "unready") {
    const detail = "The tree's tiles are being rebuilt, or the checkpoint is late.";
    return problemResponse(Code.UNAVAILABLE, { detail, headers: RETRY });
  }
  return answer.kind === "unknown" ? beyond("", answer.size) : answer;
}

function beyond(field: string, head: number): Response {
  const detail = `The book ends at ${head}.`;
  return problemResponse(Code.RECORD_UNKNOWN, { detail, field });
}

function proofJson({ seq, leaf, path }: ProvenRecord, size: number, checkpoint: string) {
  return inclusionProofToJson({
    leafIndex: BigInt(seq - 1),
    treeSize: BigInt(size),
    leafHash: leaf,
    hashes: path as Uint8Array[],
    checkpoint,
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
