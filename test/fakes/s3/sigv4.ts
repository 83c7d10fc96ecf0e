/**
 * Checks AWS Signature Version 4 from the wire's bytes, with nothing in common with the signer
 * under test.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { accessDenied, S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

const AUTHORIZATION = new RegExp(
  "^AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request, *" +
    "SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$",
);
const SKEW_MS_MAX = 15 * 60_000;

/** What a key may do, in Backblaze's words. */
export type Capability =
  | "listFiles"
  | "readFiles"
  | "writeFiles"
  | "deleteFiles"
  | "readFileRetentions"
  | "writeFileRetentions"
  | "readFileLegalHolds"
  | "writeFileLegalHolds"
  | "bypassGovernance";

/** An application key. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly capabilities: readonly Capability[];
  /** The key sees only names that begin so. */
  readonly prefix?: string;
}

const hmac = (key: string | Uint8Array, text: string): Buffer => {
  return createHmac("sha256", key).update(text).digest();
};
const sha256 = (data: string | Uint8Array): string => {
  return createHash("sha256").update(data).digest("hex");
};

/** Finds the key that signed a request, or refuses it. */
export function authenticate(
  request: S3Request,
  keys: ReadonlyMap<string, AccessKey>,
  region: string,
  nowMs: number,
): AccessKey {
  const match = AUTHORIZATION.exec(request.headers["authorization"] ?? "");
  if (match === null) throw accessDenied("No or an unreadable Authorization header");
  const [, id = "", day = "", scope = "", names = "", signature = ""] = match;
  const key = keys.get(id);
  if (key === undefined) {
    throw new S3Error(403, "InvalidAccessKeyId", `The key '${id}' is not valid`);
  }
  if (scope !== region) {
    throw new S3Error(400, "AuthorizationHeaderMalformed", `the region should be '${region}'`);
  }
  const date = request.headers["x-amz-date"] ?? "";
  checkDate(date, day, nowMs);
  checkPayload(request);
  const signed = names.split(";");
  for (const name of Object.keys(request.headers)) {
    const must = name === "host" || name.startsWith("x-amz-") || name === "content-md5";
    if (must && !signed.includes(name)) throw accessDenied(`the header ${name} is not signed`);
  }
  const text = [
    "AWS4-HMAC-SHA256",
    date,
    `${day}/${region}/s3/aws4_request`,
    sha256(canonicalRequest(request, signed)),
  ].join("\n");
  const dayKey = hmac(`AWS4${key.secret}`, day);
  const signing = hmac(hmac(hmac(dayKey, region), "s3"), "aws4_request");
  if (!timingSafeEqual(hmac(signing, text), Buffer.from(signature, "hex"))) {
    throw new S3Error(403, "SignatureDoesNotMatch", "Signature validation failed");
  }
  return key;
}

function canonicalRequest(request: S3Request, signed: readonly string[]): string {
  const headers = signed.map((name) => {
    return `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`;
  });
  return [
    request.method,
    request.rawPath,
    canonicalQuery(request.rawQuery),
    headers.join(""),
    signed.join(";"),
    request.headers["x-amz-content-sha256"],
  ].join("\n");
}

function canonicalQuery(raw: string): string {
  if (raw === "") return "";
  const encode = (text: string): string => {
    const plain = decodeURIComponent(text.replaceAll("+", "%20"));
    return encodeURIComponent(plain).replace(/[!'()*]/g, (char) => {
      return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
    });
  };
  const pairs = raw.split("&").map((pair) => {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    return [encode(name), encode(value)] as const;
  });
  pairs.sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function checkDate(date: string, day: string, nowMs: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (parts === null || !date.startsWith(day)) throw accessDenied("x-amz-date is missing or wrong");
  const [, y, m, d, h, min, s] = parts;
  const at = Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`);
  if (Math.abs(at - nowMs) > SKEW_MS_MAX) {
    throw new S3Error(403, "RequestTimeTooSkewed", "The request time and ours differ too much");
  }
}

/** A signed digest of the body, and the body must have it. */
function checkPayload(request: S3Request): void {
  const told = request.headers["x-amz-content-sha256"] ?? "";
  if (told.startsWith("STREAMING-")) {
    throw new S3Error(400, "MalformedTrailerError", "The request contained trailing data");
  }
  if (!/^[0-9a-f]{64}$/.test(told)) {
    throw new S3Error(400, "InvalidRequest", "This server wants the payload's SHA-256 signed");
  }
  if (told !== sha256(request.body)) {
    throw new S3Error(400, "XAmzContentSHA256Mismatch", "The payload has another SHA-256");
  }
}
