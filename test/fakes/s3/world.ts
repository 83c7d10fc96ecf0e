/** Everything the server knows, and the way from a request to an answer. */
import type { Bucket } from "./buckets.ts";
import { accessDenied, S3Error } from "./errors.ts";
import { Faults, type Fault } from "./faults.ts";
import { listObjects, listVersions } from "./listing.ts";
import { deleteObject, getObject, putObject, type Scene } from "./objects.ts";
import type { S3Request, S3Response } from "./request.ts";
import { getBucketLock, getHold, getRetention, putHold, putRetention } from "./retention.ts";
import { authenticate, type AccessKey, type Capability } from "./sigv4.ts";

const JOURNAL_MAX = 10_000;

/** A request that came in, for tests that look at what was sent. */
export interface JournalEntry {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  status: number;
}

type Handler = (scene: Scene) => S3Response;
type Route = readonly [needs: Capability, handler: Handler];

export class World {
  readonly region: string;
  readonly keys = new Map<string, AccessKey>();
  readonly buckets = new Map<string, Bucket>();
  readonly faults = new Faults();
  readonly journal: JournalEntry[] = [];
  clockOffsetMs = 0;
  legacy = false;

  constructor(region: string) {
    this.region = region;
  }

  nowMs(): number {
    return Date.now() + this.clockOffsetMs;
  }

  note(request: S3Request): JournalEntry {
    if (this.journal.length >= JOURNAL_MAX) this.journal.shift();
    const { method, rawPath: path, rawQuery: query, headers, body } = request;
    const entry = { method, path, query, headers, bytes: body.length, status: 0 };
    this.journal.push(entry);
    return entry;
  }

  /** Authenticates and acts. */
  answer(request: S3Request, fault: Fault | undefined): S3Response {
    if (request.headers["transfer-encoding"] !== undefined) {
      throw new S3Error(411, "MissingContentLength", "You must provide Content-Length");
    }
    const key = authenticate(request, this.keys, this.region, this.nowMs());
    const bucket = this.buckets.get(request.bucket);
    if (bucket === undefined) {
      throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    const [needs, handler] = route(request);
    if (!key.capabilities.includes(needs)) throw accessDenied("not entitled");
    const name = request.key === "" ? (request.query.get("prefix") ?? "") : request.key;
    if (!name.startsWith(key.prefix ?? "")) throw accessDenied("not entitled");
    const { legacy } = this;
    return handler({ bucket, request, key, nowMs: this.nowMs(), legacy, fault });
  }
}

function route({ method, key, query }: S3Request): Route {
  if (key === "") {
    if (method === "GET" && query.has("versions")) {
      return ["listFiles", (scene) => listVersions(scene.bucket, scene.request)];
    }
    if (method === "GET" && query.has("object-lock")) return ["readFileRetentions", getBucketLock];
    if (method === "GET") {
      return ["listFiles", (scene) => listObjects(scene.bucket, scene.request)];
    }
    throw new S3Error(501, "NotImplemented", "not offered here");
  }
  if (query.has("retention")) {
    if (method === "GET") return ["readFileRetentions", getRetention];
    if (method === "PUT") return ["writeFileRetentions", putRetention];
  }
  if (query.has("legal-hold")) {
    if (method === "GET") return ["readFileLegalHolds", getHold];
    if (method === "PUT") return ["writeFileLegalHolds", putHold];
  }
  switch (method) {
    case "PUT":
      return ["writeFiles", putObject];
    case "GET":
      return ["readFiles", (scene) => getObject(scene, false)];
    case "HEAD":
      return ["readFiles", (scene) => getObject(scene, true)];
    case "DELETE":
      return ["writeFiles", deleteObject];
    default:
      throw new S3Error(501, "NotImplemented", "not offered here");
  }
}
