/** PUT, GET, HEAD and DELETE of objects, with B2's rules. */
import { createHash } from "node:crypto";
import type { Bucket, Version } from "./buckets.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { checkRemoval, retentionOfPut } from "./locks.ts";
import type { Fault } from "./faults.ts";
import type { S3Request, S3Response } from "./request.ts";
import type { AccessKey } from "./sigv4.ts";

const DAY_MS = 86_400_000;
const NAME_BYTES_MAX = 1_024;
const INFO_BYTES_MAX = 7_000;
const INFO_BYTES_MAX_LOCKED = 2_048;

/** Circumstances of a request. */
export interface Scene {
  readonly bucket: Bucket;
  readonly request: S3Request;
  readonly key: AccessKey;
  readonly nowMs: number;
  /** Refuses checksum headers, as B2 did until 2025. */
  readonly legacy: boolean;
  readonly fault?: Fault;
}

export function putObject(scene: Scene): S3Response {
  const { bucket, request, nowMs, fault } = scene;
  const { headers, body } = request;
  for (const name of ["if-match", "if-none-match"]) {
    if (headers[name] === undefined) continue;
    const message = "A header you provided implies functionality that is not implemented";
    throw new S3Error(501, "NotImplemented", message);
  }
  checkChecksumHeaders(scene);
  let retention = retentionOfPut(headers, bucket.lock, nowMs);
  checkMd5(headers, body, retention !== undefined);
  const info = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-")),
  );
  checkSizes(request.key, info, retention !== undefined);
  if (fault?.kind === "drop-lock") retention = undefined;
  if (fault?.kind === "short-lock" && retention !== undefined) {
    retention = { ...retention, untilMs: retention.untilMs - DAY_MS };
  }
  const hold = headers["x-amz-object-lock-legal-hold"] === "ON";
  const made = { key: request.key, atMs: nowMs, marker: false, bytes: body, info, hold };
  const version = bucket.add({ ...made, retention });
  const md5 = fault?.kind === "wrong-etag" ? "0".repeat(32) : version.md5;
  return { status: 200, headers: { etag: `"${md5}"`, "x-amz-version-id": version.id } };
}

export function getObject(scene: Scene, headOnly: boolean): S3Response {
  const { bucket, request, key } = scene;
  const version = bucket.find(request.key, request.query.get("versionId"));
  if (version.marker) throw new S3Error(405, "MethodNotAllowed", "The version is a hide marker");
  const headers: Record<string, string> = {
    etag: `"${version.md5}"`,
    "x-amz-version-id": version.id,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "last-modified": new Date(version.atMs).toUTCString(),
    ...version.info,
    ...lockHeaders(version, key),
  };
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers["range"] ?? "");
  const { bytes } = version;
  if (headOnly) {
    return { status: 200, headers: { ...headers, "content-length": String(bytes.length) } };
  }
  if (range === null) return { status: 200, headers, body: bytes };
  const from = Number(range[1]) + (scene.fault?.kind === "wrong-range" ? 1 : 0);
  const to = Math.min(Number(range[2]), bytes.length - 1);
  if (from > to) throw new S3Error(416, "InvalidRange", "The range is not satisfiable");
  headers["content-range"] = `bytes ${from}-${to}/${bytes.length}`;
  return { status: 206, headers, body: bytes.subarray(from, to + 1) };
}

export function deleteObject(scene: Scene): S3Response {
  const { bucket, request, key, nowMs } = scene;
  const id = request.query.get("versionId");
  if (id === null) {
    // Hiding by name succeeds, locked or not: only removing the version is refused.
    const empty = { bytes: new Uint8Array(0), info: {}, hold: false };
    const marker = bucket.add({ key: request.key, atMs: nowMs, marker: true, ...empty });
    const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": marker.id };
    return { status: 204, headers };
  }
  if (!key.capabilities.includes("deleteFiles")) {
    throw new S3Error(403, "AccessDenied", "not entitled");
  }
  const version = bucket.find(request.key, id);
  checkRemoval(version.retention, version.hold, mayBypass(scene), nowMs);
  bucket.remove(version);
  return { status: 204, headers: { "x-amz-version-id": id } };
}

/** Whether the caller asked to bypass GOVERNANCE, and may. */
export function mayBypass({ request, key }: Scene): boolean {
  const asked = request.headers["x-amz-bypass-governance-retention"] === "true";
  return asked && key.capabilities.includes("bypassGovernance");
}

/** B2 tells locks only to keys that may read them. */
function lockHeaders(version: Version, key: AccessKey): Record<string, string> {
  const headers: Record<string, string> = {};
  if (version.retention !== undefined && key.capabilities.includes("readFileRetentions")) {
    const until = new Date(version.retention.untilMs).toISOString();
    headers["x-amz-object-lock-mode"] = version.retention.mode;
    headers["x-amz-object-lock-retain-until-date"] = until;
  }
  if (version.hold && key.capabilities.includes("readFileLegalHolds")) {
    headers["x-amz-object-lock-legal-hold"] = "ON";
  }
  return headers;
}

function checkChecksumHeaders({ request, legacy }: Scene): void {
  if (!legacy) return;
  for (const name of Object.keys(request.headers)) {
    const unknown = name.startsWith("x-amz-checksum-") || name === "x-amz-sdk-checksum-algorithm";
    if (unknown) throw invalidArgument(`Unsupported header '${name}' received for this API call.`);
  }
}

export function checkMd5(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  required: boolean,
): void {
  const told = headers["content-md5"];
  const checksum = Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-"));
  if (told === undefined) {
    if (!required || checksum) return;
    const message =
      "Content-MD5 OR x-amz-checksum- HTTP header is required for " +
      "Put Object/Put Part requests with Object Lock parameters";
    throw new S3Error(400, "InvalidRequest", message);
  }
  if (told === createHash("md5").update(body).digest("base64")) return;
  throw new S3Error(400, "BadDigest", "The Content-MD5 you specified did not match");
}

function checkSizes(key: string, info: Readonly<Record<string, string>>, locked: boolean): void {
  if (Buffer.byteLength(key) > NAME_BYTES_MAX) {
    throw new S3Error(400, "KeyTooLongError", "Your key is too long");
  }
  const bytes = Object.entries(info).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    0,
  );
  if (bytes + Buffer.byteLength(key) <= (locked ? INFO_BYTES_MAX_LOCKED : INFO_BYTES_MAX)) return;
  throw new S3Error(400, "MetadataTooLarge", "Name and file info are too large");
}
