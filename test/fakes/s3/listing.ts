/** ListObjectVersions and ListObjectsV2. */
import type { Bucket, Version } from "./buckets.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import type { S3Request, S3Response } from "./request.ts";
import { document, element } from "./xml.ts";

const PAGE_MAX = 1_000;

export function listVersions(bucket: Bucket, request: S3Request): S3Response {
  const { query } = request;
  const afterKey = query.get("key-marker") ?? "";
  const afterId = query.get("version-id-marker") ?? "";
  const all = bucket.all(query.get("prefix") ?? "");
  const start = afterKey === "" ? 0 : firstAfter(all, afterKey, afterId);
  const limit = pageSize(query);
  const page = all.slice(start, start + limit);
  const more = start + limit < all.length;
  const last = page.at(-1);
  const next =
    more && last !== undefined
      ? element("NextKeyMarker", last.key) + element("NextVersionIdMarker", last.id)
      : "";
  const inner =
    element("Name", bucket.name) +
    element("MaxKeys", limit) +
    element("IsTruncated", more) +
    next +
    page.map((version) => versionXml(bucket, version)).join("");
  return xml(document("ListVersionsResult", inner));
}

export function listObjects(bucket: Bucket, request: S3Request): S3Response {
  const { query } = request;
  if (query.get("list-type") !== "2") {
    throw new S3Error(501, "NotImplemented", "Only list-type=2 and versions are offered");
  }
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const shown = bucket
    .all(query.get("prefix") ?? "")
    .filter((version) => bucket.isLatest(version) && !version.marker && version.key > after);
  const limit = pageSize(query);
  const page = shown.slice(0, limit);
  const more = shown.length > limit;
  const inner =
    element("Name", bucket.name) +
    element("KeyCount", page.length) +
    element("IsTruncated", more) +
    (more ? element("NextContinuationToken", page.at(-1)!.key) : "") +
    page.map((version) => `<Contents>${common(version)}</Contents>`).join("");
  return xml(document("ListBucketResult", inner));
}

function pageSize(query: URLSearchParams): number {
  const text = query.get("max-keys") ?? String(PAGE_MAX);
  if (!/^\d{1,6}$/.test(text)) throw invalidArgument("max-keys");
  return Math.min(PAGE_MAX, Number(text));
}

function firstAfter(all: readonly Version[], key: string, id: string): number {
  const same = all.findIndex((version) => version.key === key && version.id === id);
  if (same >= 0) return same + 1;
  const next = all.findIndex((version) => version.key > key);
  return next < 0 ? all.length : next;
}

function versionXml(bucket: Bucket, version: Version): string {
  const latest = element("IsLatest", bucket.isLatest(version)) + element("VersionId", version.id);
  if (!version.marker) return `<Version>${common(version)}${latest}</Version>`;
  const at = element("LastModified", new Date(version.atMs).toISOString());
  return `<DeleteMarker>${element("Key", version.key)}${at}${latest}</DeleteMarker>`;
}

function common(version: Version): string {
  return (
    element("Key", version.key) +
    element("LastModified", new Date(version.atMs).toISOString()) +
    element("ETag", `"${version.md5}"`) +
    element("Size", version.bytes.length) +
    element("StorageClass", "STANDARD")
  );
}

function xml(body: string): S3Response {
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}
