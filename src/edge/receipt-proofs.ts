/**
 * Proofs in receipts, for requests that ask for them with `?proof=true`.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { PROOF_RECORDS_MAX, problemResponse } from "../wire/index.ts";
import type { PrimaryProofs } from "./primary-proofs.ts";
import { ReceiptBytes } from "./receipt-bytes.ts";

/** Says whether the receipts have their proofs. */
const HEADER = "countroom-proof";

/** Receipts of a request, and the headers that go with them. */
export interface ProvenReceipts {
  readonly receipts: readonly ReceiptBytes[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a request wants proofs; or the answer, when its query can't be meant. */
export function wantsProof(url: string): boolean | Response {
  if (!url.includes("?")) return false;
  const said = new URL(url).searchParams.getAll("proof");
  if (said.length === 0 || (said.length === 1 && said[0] === "false")) return false;
  if (said.length === 1 && said[0] === "true") return true;
  return problemResponse(Code.REQUEST_INVALID, { field: "proof", detail: "proof=true, once" });
}

/** The answer to a request that wants too many proofs at once. */
export function tooManyProofs(events: number): Response | undefined {
  if (events <= PROOF_RECORDS_MAX) return undefined;
  const detail = `With proof=true a request has at most ${PROOF_RECORDS_MAX} events.`;
  return problemResponse(Code.REQUEST_TOO_MANY_EVENTS, { detail });
}

/**
 * Puts a proof into each receipt of a record. When there are none in time the receipts come
 * without, and the header says `pending`: they are settled all the same.
 */
export async function withProofs(
  receipts: readonly ReceiptBytes[],
  proofs: PrimaryProofs,
): Promise<ProvenReceipts> {
  const seqs = new Set(receipts.map(({ receipt }) => receipt.seq).filter((seq) => seq !== 0n));
  if (seqs.size === 0) return { receipts, headers: {} };
  const found = await proofs.ofRecords([...seqs]);
  if (found === undefined) return { receipts, headers: { [HEADER]: "pending" } };
  const proven = receipts.map((one) => {
    const proof = found.get(one.receipt.seq);
    return proof === undefined ? one : ReceiptBytes.of({ ...one.receipt, proof });
  });
  return { receipts: proven, headers: { [HEADER]: "included" } };
}
