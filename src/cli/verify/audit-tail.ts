/**
 * Audits a live book through its Tail: from the first record to what was durable at the start.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { OperatorError } from "../../ops/index.ts";
import {
  Audit,
  type StoredBook,
  type StoredIdentity,
  type StoredRecord,
} from "../../verify/index.ts";
import type { TailResponse } from "../../wire/gen/countroom/v1/ledger_service_pb.ts";
import { OutcomeSchema, type SealedRecord } from "../../wire/gen/countroom/v1/record_pb.ts";
import { createLedgerClient, openTail } from "../../wire/index.ts";
import { type AuditRequest, SIGNING_MS_MAX, type SourceAudit } from "./source.ts";

/**
 * Records that wait for the checkpoint that covers them. A writer signs about once a second, so
 * more than this has another reason, and waiting longer would only cost memory.
 */
const WAITING_RECORDS_MAX = 500_000;

/** Where the book is written. */
export interface TailPlace {
  readonly url: string;
  readonly token: string;
  /** PEM authorities to trust beside the system's. */
  readonly ca?: string | undefined;
}

/** Reads the Tail. @throws OperatorError TAIL_LOST */
export async function auditTail(place: TailPlace, request: AuditRequest): Promise<SourceAudit> {
  const { publicKeys, heldNotes, waitMs = SIGNING_MS_MAX, onProgress } = request;
  const { url: baseUrl, token, ca } = place;
  const client = createLedgerClient({ baseUrl, token, ...(ca === undefined ? {} : { ca }) });
  const waiting = new Waiting();
  const audit = new Audit(waiting.book(), { publicKeys });
  audit.addHeldNotes(heldNotes);
  const stop = new AbortController();
  let late: ReturnType<typeof setTimeout> | undefined;
  let head = 0;
  try {
    for await (const message of openTail(client, { fromSeq: 1, checkpoint: "" }, stop.signal)) {
      head ||= Number(message.headSeq);
      take(message, waiting, audit);
      onProgress?.(waiting.last, Math.max(head, waiting.last));
      if (audit.seq >= head && (audit.signed >= head || !audit.canGoOn)) break;
      if (waiting.last >= head) late ??= setTimeout(() => stop.abort(), waitMs);
    }
  } catch (error) {
    // Told to stop: no checkpoint came in time.
    if (!stop.signal.aborted) throw lost(baseUrl, error);
  } finally {
    clearTimeout(late);
  }
  if (audit.seq < head) audit.advance(Math.min(head, waiting.last));
  return { report: audit.finish(), checked: [`the Tail of ${baseUrl}`] };
}

function lost(url: string, cause: unknown): OperatorError {
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  return new OperatorError("TAIL_LOST", `the Tail of ${url} can't be read: ${String(reason)}`, {
    hint: "Check --tail and --token-file: KEYS/publisher.jwt may read it.",
    cause,
  });
}

/** Reads on as far as a checkpoint is known, so that none comes for a tree that is past. */
function take({ records, checkpoint }: TailResponse, waiting: Waiting, audit: Audit): void {
  waiting.add(records);
  if (checkpoint !== "") audit.addNotes([checkpoint]);
  const covered = Math.min(audit.signedAhead, waiting.last);
  const to = waiting.size > WAITING_RECORDS_MAX || !audit.canGoOn ? waiting.last : covered;
  if (to <= audit.seq) return;
  audit.advance(to);
  waiting.drop(to);
}

/** Records that came and weren't read yet. */
class Waiting {
  #records: StoredRecord[] = [];
  #identities: StoredIdentity[] = [];
  /** Seq of the last record that came. */
  last = 0;

  get size(): number {
    return this.#records.length;
  }

  add(sealed: readonly SealedRecord[]): void {
    for (const { event, outcome, identity } of sealed) {
      this.last += 1;
      const seq = this.last;
      this.#records.push({ seq, event, outcome });
      if (identity === undefined) continue;
      const { operatorId: operator, playerRef: ref } = fromBinary(OutcomeSchema, outcome);
      const { keyId, hash } = identity;
      this.#identities.push({ operator, keyId, hash, ref, seq });
    }
  }

  drop(to: number): void {
    this.#records = this.#records.filter(({ seq }) => seq > to);
    this.#identities = this.#identities.filter(({ seq }) => seq > to);
  }

  book(): StoredBook {
    return {
      records: (from, to) => this.#records.filter(({ seq }) => seq >= from && seq <= to),
      identities: (from, to) => this.#identities.filter(({ seq }) => seq >= from && seq <= to),
    };
  }
}
