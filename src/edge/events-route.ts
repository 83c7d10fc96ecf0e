/**
 * `POST /v1/events`: JSON or Protobuf, one event or many.
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Context } from "hono";
import { Code } from "../ledger/index.ts";
import type { Currencies } from "../money/index.ts";
import {
  BODY_BYTES_MAX,
  eventsOfBinary,
  eventsOfJson,
  problemResponse,
  receiptToJson,
  type Batch,
  type Refusal,
} from "../wire/index.ts";
import { EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { EventBatchSchema, Status } from "../wire/gen/countroom/v1/record_pb.ts";
import type { EventIntake, Taken } from "./event-intake.ts";
import type { Caller, Gate } from "./gate.ts";
import type { PrimaryProofs } from "./primary-proofs.ts";
import { ReceiptBytes } from "./receipt-bytes.ts";
import { tooManyProofs, wantsProof, withProofs } from "./receipt-proofs.ts";
import { isReadable, mediaType, readBody, utf8 } from "./request-body.ts";
import type { Uplink } from "./uplink.ts";

/** What the route stands on. */
export interface EventsRouteOptions {
  readonly gate: Gate;
  readonly intake: EventIntake;
  readonly uplink: Uplink;
  readonly proofs: PrimaryProofs;
  readonly currencies: Currencies;
}

/** How a body is written. */
type Form = "json" | "batch" | "event";

const PROTOBUF_TYPES: ReadonlySet<string> = new Set([
  "application/protobuf",
  "application/x-protobuf",
]);
/** The primary is away: the same events may be sent again right away. */
const RETRY_AFTER = Object.freeze({ "retry-after": "1" });

/** Makes the handler. */
export function eventsRoute(options: EventsRouteOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = c.req.raw;
    const caller = await options.gate.caller(request.headers.get("authorization"));
    if (caller instanceof Response) return caller;
    if (caller.credential.events.size === 0) return problemResponse(Code.ACCESS_SCOPE);
    const proof = wantsProof(request.url);
    if (proof instanceof Response) return proof;
    const form = formOf(request.headers.get("content-type"));
    if (form === undefined) {
      const detail = "Send application/json in UTF-8, or application/protobuf.";
      return problemResponse(Code.REQUEST_UNSUPPORTED_TYPE, { detail });
    }
    const body = await readBody(request, BODY_BYTES_MAX);
    if (body instanceof Response) return body;
    const taken = take(form, body, caller, options.intake);
    if (!Array.isArray(taken)) {
      return problemResponse(taken.code, { detail: taken.message, field: taken.field });
    }
    const refused = refusedWhole(taken);
    if (refused !== undefined) return refused;
    const { currencies } = options;
    const tooMany = proof ? tooManyProofs(taken.length) : undefined;
    if (tooMany !== undefined) return tooMany;
    const receipts = await settle(taken, options.uplink);
    if (receipts instanceof Response) return receipts;
    if (!proof) return answer(receipts, form, currencies);
    const proven = await withProofs(receipts, options.proofs);
    return answer(proven.receipts, form, currencies, proven.headers);
  };
}

function formOf(header: string | null): Form | undefined {
  const media = mediaType(header);
  if (!isReadable(media)) return undefined;
  const { type, parameters } = media;
  if (type === "application/json") return "json";
  if (!PROTOBUF_TYPES.has(type)) return undefined;
  switch (parameters.get("messagetype")) {
    case undefined:
    case EventBatchSchema.typeName:
      return "batch";
    case EventSchema.typeName:
      return "event";
    default:
      return undefined;
  }
}

function take(
  form: Form,
  body: Uint8Array,
  caller: Caller,
  intake: EventIntake,
): Taken[] | Refusal {
  if (form === "event") return [intake.binary(body, caller)];
  if (form === "batch") {
    return each(eventsOfBinary(body), (bytes) => intake.binary(bytes, caller));
  }
  return each(eventsOfJson(utf8(body) ?? ""), (value) => intake.json(value, caller));
}

function each<Item>(batch: Batch<Item> | Refusal, one: (item: Item) => Taken): Taken[] | Refusal {
  return batch.ok ? batch.items.map(one) : batch;
}

/**
 * A body of which nothing can be brought to the primary fails as a whole: because the credential
 * may do none of it, or because none of it is a sound event. Beside a sound one, each bad event
 * refuses itself.
 */
function refusedWhole(taken: readonly Taken[]): Response | undefined {
  const refused = taken.filter((one) => !one.ok);
  const first = refused.find(({ denied }) => denied) ?? refused[0];
  if (first === undefined || refused.length < taken.length) return undefined;
  const { code, field, message } = first.receipt;
  const receipts = refused.map(({ receipt }) => receiptToJson(receipt));
  return problemResponse(code as Code, { detail: message, field, members: { receipts } });
}

async function settle(
  taken: readonly Taken[],
  uplink: Uplink,
): Promise<readonly ReceiptBytes[] | Response> {
  const request = {};
  const receipts = await Promise.all(
    taken.map((one) =>
      one.ok ? uplink.submit({ ...one.submission, request }) : ReceiptBytes.of(one.receipt),
    ),
  );
  if (nothingSettled(taken, receipts)) {
    return problemResponse(worst(receipts), { headers: RETRY_AFTER });
  }
  return receipts;
}

function answer(
  receipts: readonly ReceiptBytes[],
  form: Form,
  currencies: Currencies,
  more: Readonly<Record<string, string>> = {},
): Response {
  if (form !== "json") return binaryAnswer(receipts, more);
  const json = { receipts: receipts.map(({ receipt }) => receiptToJson(receipt, currencies)) };
  return Response.json(json, { headers: { "cache-control": "no-store", ...more } });
}

/** Of the events that went to the primary, none came back with an outcome. */
function nothingSettled(taken: readonly Taken[], receipts: readonly ReceiptBytes[]): boolean {
  return (
    taken.some((one) => one.ok) &&
    taken.every((one, index) => !one.ok || receipts[index]!.status === Status.UNAVAILABLE)
  );
}

function worst(receipts: readonly ReceiptBytes[]): Code {
  const busy = receipts.find(({ status }) => status === Status.UNAVAILABLE);
  return (busy?.receipt.code ?? Code.UNAVAILABLE) as Code;
}

/** A ReceiptBatch, whose receipts are passed on as they came. */
function binaryAnswer(
  receipts: readonly ReceiptBytes[],
  more: Readonly<Record<string, string>>,
): Response {
  const writer = new BinaryWriter();
  for (const { bytes } of receipts) writer.tag(1, WireType.LengthDelimited).bytes(bytes);
  return new Response(writer.finish() as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/protobuf", "cache-control": "no-store", ...more },
  });
}
