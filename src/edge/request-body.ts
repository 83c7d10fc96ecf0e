/**
 * Reads request bodies under a limit that holds while they arrive.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";

/** The bytes of a body, or the answer that turns the request away. */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array | Response> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") {
    const detail = "A compressed body is not read here.";
    return problemResponse(Code.REQUEST_UNSUPPORTED_TYPE, { detail });
  }
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > bytesMax) return tooLarge(bytesMax);
  try {
    // A body of declared length can't outgrow it: HTTP cuts it there.
    if (length !== null) return new Uint8Array(await request.arrayBuffer());
    return (await gather(request.body, bytesMax)) ?? tooLarge(bytesMax);
  } catch {
    return problemResponse(Code.REQUEST_MALFORMED, { detail: "The body broke off." });
  }
}

/** Undefined: there is more than the limit. */
async function gather(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    // Leaving the loop cancels the stream.
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function tooLarge(bytesMax: number): Response {
  const detail = `A body has at most ${bytesMax} bytes.`;
  return problemResponse(Code.REQUEST_TOO_LARGE, { detail });
}

/** A media type and its parameters, names in lower case. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a Content-Type header. */
export function mediaType(header: string | null): MediaType {
  const [type = "", ...rest] = (header ?? "").split(";");
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const [name = "", value = ""] = part.split("=", 2);
    parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, ""));
  }
  return { type: type.trim().toLowerCase(), parameters };
}

/** Bodies are read as UTF-8: whoever says another character set means other characters. */
export function isReadable({ parameters }: MediaType): boolean {
  const charset = parameters.get("charset")?.toLowerCase();
  return charset === undefined || charset === "utf-8" || charset === "utf8";
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes as UTF-8; undefined when they aren't. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
