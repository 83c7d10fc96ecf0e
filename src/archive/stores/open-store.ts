/**
 * From what an operator writes after --to or --from to a store.
 *
 * @module
 */
import type { Clock, Fetch } from "../../runtime/index.ts";
import { ArchiveError } from "../errors.ts";
import { DirectoryStore } from "./directory.ts";
import type { ObjectStore } from "./object-store.ts";
import { S3Client, type S3Credentials } from "./s3-client.ts";
import { S3Store } from "./s3-store.ts";

/** A place as written. */
export type Place =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "b2" | "s3"; readonly bucket: string; readonly path: string };

/** Options of {@link openStore}. */
export interface OpenStoreOptions {
  /** Server to use instead of the provider's own, for S3 places only. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Where credentials are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly fetch?: Fetch;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const B2_HOST = /^(?:[^.]+\.)?s3\.([^.]+)\.backblazeb2\.com$/;
const LOOPBACK = /^(localhost|[^.]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Reads DIR, b2://bucket/prefix or s3://bucket/prefix. */
export function parsePlace(text: string): Place {
  const match = /^([a-z0-9+]+):\/\/([^/]*)\/?(.*)$/.exec(text);
  if (match === null) {
    if (text === "") throw usage("the place is empty", "Give DIR, b2://bucket/prefix or s3://….");
    return { kind: "directory", path: text };
  }
  const [, scheme, bucket, path] = match;
  if (scheme !== "b2" && scheme !== "s3") {
    throw usage(`${scheme}:// isn't known`, "Give DIR, b2://bucket/prefix or s3://bucket/prefix.");
  }
  if (!BUCKET.test(bucket!)) throw usage("the bucket's name isn't one", "See b2://bucket/prefix.");
  return { kind: scheme, bucket: bucket!, path: path!.replace(/\/+$/, "") };
}

/** Opens the store at `path` inside a place; the path is the place's own or a parent of it. */
export function openStore(place: Place, path: string, options: OpenStoreOptions): ObjectStore {
  if (place.kind === "directory") {
    if (options.endpoint !== undefined || options.region !== undefined) {
      throw usage("a folder has no endpoint or region", "Leave --endpoint and --region out.");
    }
    return new DirectoryStore(path);
  }
  const { bucketUrl, region } = address(place, options);
  const client = new S3Client({
    bucketUrl,
    region,
    credentials: credentials(place.kind, options.env),
    clock: options.clock,
    fetch: options.fetch,
    sleep: options.sleep,
    signal: options.signal,
  });
  const prefix = path === "" ? "" : `${path}/`;
  return new S3Store(`${place.kind}://${place.bucket}/${path}`, client, prefix);
}

function address(
  place: Exclude<Place, { kind: "directory" }>,
  options: OpenStoreOptions,
): { readonly bucketUrl: URL; readonly region: string } {
  const { bucket } = place;
  if (options.endpoint !== undefined) {
    const endpoint = parseEndpoint(options.endpoint);
    const told = options.region ?? B2_HOST.exec(endpoint.hostname)?.[1] ?? envRegion(options.env);
    return { bucketUrl: new URL(`/${bucket}`, endpoint), region: told ?? "us-east-1" };
  }
  if (place.kind === "b2") {
    if (options.region === undefined) {
      throw usage("b2:// needs a region", "Give --region, for example eu-central-003.");
    }
    const { region } = options;
    return { bucketUrl: new URL(`https://s3.${region}.backblazeb2.com/${bucket}`), region };
  }
  const region = options.region ?? envRegion(options.env) ?? "us-east-1";
  // Certificates of the provider don't cover bucket names with dots.
  const url = bucket.includes(".")
    ? `https://s3.${region}.amazonaws.com/${bucket}`
    : `https://${bucket}.s3.${region}.amazonaws.com`;
  return { bucketUrl: new URL(url), region };
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw usage("--endpoint isn't an address", "Give https://host without path, or with a port.");
  }
  if (url.protocol === "https:") return url;
  if (url.protocol === "http:" && LOOPBACK.test(url.hostname)) return url;
  throw usage("--endpoint isn't encrypted", "Give https://…; http:// is for this machine only.");
}

function envRegion(env: OpenStoreOptions["env"]): string | undefined {
  return env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined;
}

function credentials(kind: "b2" | "s3", env: OpenStoreOptions["env"]): S3Credentials {
  const b2 = [env["B2_APPLICATION_KEY_ID"], env["B2_APPLICATION_KEY"]] as const;
  const aws = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]] as const;
  const [accessKeyId, secretAccessKey] = kind === "b2" && b2[0] !== undefined ? b2 : aws;
  if (!accessKeyId || !secretAccessKey) {
    const names =
      kind === "b2"
        ? "B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY"
        : "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    throw usage("there are no credentials for the bucket", `Set ${names} in the environment.`);
  }
  const sessionToken = accessKeyId === aws[0] ? env["AWS_SESSION_TOKEN"] || undefined : undefined;
  return { accessKeyId, secretAccessKey, sessionToken };
}

function usage(message: string, hint: string): ArchiveError {
  return new ArchiveError("ARCHIVE_USAGE", message, { hint });
}
