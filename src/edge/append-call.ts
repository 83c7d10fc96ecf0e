/**
 * One call of Append, by the Connect protocol for unary calls.
 *
 * Written out instead of going through the generated client, because events arrive encoded and
 * receipts mostly leave encoded: coding each of them twice more cost more than the call itself.
 * https://connectrpc.com/docs/protocol
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as v from "valibot";
import type { Fetch } from "../runtime/index.ts";
import { LedgerService } from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import type { PlayerIdentity } from "./bot-port.ts";
import { ReceiptBytes } from "./receipt-bytes.ts";

/** An event with the rights it is brought under. */
export interface AppendItem {
  readonly event: Uint8Array;
  readonly credential: string;
  readonly identity?: PlayerIdentity | undefined;
}

/** Receipts in the order of the items, and the newest checkpoint of the primary if it told one. */
export interface AppendAnswer {
  readonly receipts: readonly ReceiptBytes[];
  readonly checkpoint: string;
}

/** A call that brought no receipts. Unless `final`, its outcome is unknown. */
export class AppendError extends Error {
  override readonly name = "AppendError";
  /** Connect's code, or `transport`. */
  readonly code: string;
  /** The same call would fail the same way: nothing of it was done. */
  readonly final: boolean;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.final = FINAL.has(code);
  }
}

const FINAL: ReadonlySet<string> = new Set([
  "unauthenticated",
  "permission_denied",
  "invalid_argument",
  "unimplemented",
]);

const PATH = `/${LedgerService.typeName}/${LedgerService.method.append.name}`;
const ConnectFailure = v.object({ code: v.string(), message: v.optional(v.string(), "") });
/** An error message is a sentence; what is longer isn't one. */
const MESSAGE_CHARS_MAX = 500;

/** How the primary is reached. */
export interface AppendTarget {
  readonly baseUrl: string;
  /** The edge's own token. */
  readonly token: string;
  readonly fetch: Fetch;
}

/** Brings events to the primary. Throws an {@link AppendError}. */
export async function append(
  target: AppendTarget,
  items: readonly AppendItem[],
  checkpoint: string,
  timeoutMs: number,
): Promise<AppendAnswer> {
  const body = encodeRequest(items, checkpoint) as Uint8Array<ArrayBuffer>;
  let answer: Response;
  let bytes: Uint8Array;
  try {
    answer = await target.fetch(target.baseUrl + PATH, {
      method: "POST",
      headers: {
        authorization: `Bearer ${target.token}`,
        "content-type": "application/proto",
        "connect-protocol-version": "1",
        "connect-timeout-ms": String(Math.ceil(timeoutMs)),
      },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    });
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new AppendError("transport", "the call to the primary broke", error);
  }
  if (!answer.ok) throw failureOf(answer.status, bytes);
  const decoded = decodeAnswer(bytes);
  if (decoded.receipts.length === items.length) return decoded;
  throw new AppendError("malformed", "the primary answered another number of receipts");
}

function encodeRequest(items: readonly AppendItem[], checkpoint: string): Uint8Array {
  const writer = new BinaryWriter();
  const credentials = new Map<string, number>();
  for (const { credential } of items) {
    if (credentials.has(credential)) continue;
    credentials.set(credential, credentials.size);
    writer.tag(1, WireType.LengthDelimited).string(credential);
  }
  for (const item of items) {
    writer.tag(2, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).bytes(item.event);
    writer.tag(2, WireType.Varint).uint32(credentials.get(item.credential)!);
    if (item.identity !== undefined) {
      writer.tag(3, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(item.identity.keyId);
      writer.tag(2, WireType.LengthDelimited).bytes(item.identity.hash);
      writer.join();
    }
    writer.join();
  }
  if (checkpoint !== "") writer.tag(3, WireType.LengthDelimited).string(checkpoint);
  return writer.finish();
}

function decodeAnswer(bytes: Uint8Array): AppendAnswer {
  const receipts: ReceiptBytes[] = [];
  let checkpoint = "";
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) receipts.push(ReceiptBytes.ofBytes(reader.bytes()));
      else if (field === 2) checkpoint = reader.string();
      else reader.skip(wireType, field);
    }
  } catch (error) {
    throw new AppendError("malformed", "the primary's answer can't be read", error);
  }
  return { receipts, checkpoint };
}

function failureOf(status: number, bytes: Uint8Array): AppendError {
  try {
    const failure = v.parse(ConnectFailure, JSON.parse(new TextDecoder().decode(bytes)));
    return new AppendError(failure.code, failure.message.slice(0, MESSAGE_CHARS_MAX));
  } catch {
    return new AppendError("unavailable", `the primary answered with status ${status}`);
  }
}
