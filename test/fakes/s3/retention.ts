/** GetObjectRetention, PutObjectRetention and the same for legal holds. */
import { invalidArgument, S3Error } from "./errors.ts";
import { checkChange, parseRetention } from "./locks.ts";
import { checkMd5, mayBypass, type Scene } from "./objects.ts";
import type { S3Response } from "./request.ts";
import { document, element, textOf } from "./xml.ts";

const none = (): S3Error => {
  const message = "The specified object does not have a ObjectLock configuration";
  return new S3Error(404, "NoSuchObjectLockConfiguration", message);
};

export function getRetention({ bucket, request }: Scene): S3Response {
  const { retention } = bucket.find(request.key, request.query.get("versionId"));
  if (retention === undefined) throw none();
  const until = new Date(retention.untilMs).toISOString();
  const inner = element("Mode", retention.mode) + element("RetainUntilDate", until);
  return { status: 200, body: document("Retention", inner) };
}

export function putRetention(scene: Scene): S3Response {
  const { bucket, request, nowMs } = scene;
  if (!bucket.lock.enabled) {
    throw new S3Error(400, "InvalidRequest", "Bucket is missing ObjectLockConfiguration");
  }
  checkMd5(request.headers, request.body, true);
  const version = bucket.find(request.key, request.query.get("versionId"));
  const xml = new TextDecoder().decode(request.body);
  const mode = textOf(xml, "Mode");
  const until = textOf(xml, "RetainUntilDate");
  if (mode === undefined || until === undefined) throw invalidArgument("Mode and RetainUntilDate");
  const wanted = parseRetention(mode, until, nowMs);
  checkChange(version.retention, wanted, mayBypass(scene), nowMs);
  version.retention = wanted;
  return { status: 200 };
}

export function getHold({ bucket, request }: Scene): S3Response {
  const { hold } = bucket.find(request.key, request.query.get("versionId"));
  return { status: 200, body: document("LegalHold", element("Status", hold ? "ON" : "OFF")) };
}

export function putHold({ bucket, request }: Scene): S3Response {
  checkMd5(request.headers, request.body, true);
  const status = textOf(new TextDecoder().decode(request.body), "Status");
  if (status !== "ON" && status !== "OFF") throw invalidArgument("Status");
  bucket.find(request.key, request.query.get("versionId")).hold = status === "ON";
  return { status: 200 };
}

/** GET ?object-lock of a bucket. */
export function getBucketLock({ bucket }: Scene): S3Response {
  if (!bucket.lock.enabled) throw none();
  const rule = bucket.lock.defaultRetention;
  const given = rule === undefined ? "" : element("Mode", rule.mode) + element("Days", rule.days);
  const wrapped = `<Rule><DefaultRetention>${given}</DefaultRetention></Rule>`;
  const body = element("ObjectLockEnabled", "Enabled") + (given === "" ? "" : wrapped);
  return { status: 200, body: document("ObjectLockConfiguration", body) };
}
