/**
 * Names of a snapshot's objects: unique, never used twice, padded so that they sort.
 *
 * ```
 * <tenant>/ledger/v1/snap/<epoch:4>/<seq:16>-<id>/<chunk:4>.crb
 * <tenant>/ledger/v1/snap/<epoch:4>/<seq:16>-<id>/manifest-<sha8>.crb
 * ```
 *
 * @module
 */

/** Which snapshot. */
export interface SnapshotName {
  readonly tenant: string;
  readonly epoch: number;
  readonly seq: number;
  /** Time-ordered, 32 hex digits. */
  readonly id: string;
}

/** One object of a snapshot: a chunk by number, or the manifest by the start of its digest. */
export interface SnapshotObjectName extends SnapshotName {
  readonly part: { readonly chunk: number } | { readonly manifest: string };
}

export const EXTENSION = ".crb";
const NAME = "[a-z0-9][a-z0-9.-]{0,62}";
const SNAP = `(${NAME})/ledger/v1/snap`;
const TENANT = new RegExp(`^${NAME}$`);
const KEY = new RegExp(
  `^${SNAP}/(\\d{4,})/(\\d{16})-([0-9a-f]{32})/(?:(\\d{4})|manifest-([0-9a-f]{8}))\\.crb$`,
);
const PLACE = new RegExp(`^(.*?)/?${SNAP}(?:/(\\d{4,})(?:/(\\d{16}-[0-9a-f]{32})(?:/.*)?)?)?/?$`);

/** The part of a snapshot's path that people name it by. */
export function snapshotId(name: SnapshotName): string {
  return `${String(name.seq).padStart(16, "0")}-${name.id}`;
}

/** Begins the keys of all of a snapshot's objects. */
export function snapshotPrefix(name: SnapshotName): string {
  if (!TENANT.test(name.tenant)) throw new RangeError(`${name.tenant} can't name a tenant`);
  const epoch = String(name.epoch).padStart(4, "0");
  return `${name.tenant}/ledger/v1/snap/${epoch}/${snapshotId(name)}/`;
}

/** Key of a chunk without its extension, as it is sealed in the chunk's header. */
export function chunkKey(name: SnapshotName, chunk: number): string {
  return snapshotPrefix(name) + String(chunk).padStart(4, "0");
}

/** Key of the manifest without hash suffix and extension. */
export function manifestKey(name: SnapshotName): string {
  return `${snapshotPrefix(name)}manifest`;
}

/** The name under which a manifest is stored. `sha256` is that of the object, in hex. */
export function manifestObjectKey(name: SnapshotName, sha256: string): string {
  return `${manifestKey(name)}-${sha256.slice(0, 8)}${EXTENSION}`;
}

/** Reads a stored object's key; undefined when it isn't part of a snapshot. */
export function parseSnapshotKey(key: string): SnapshotObjectName | undefined {
  const match = KEY.exec(key);
  if (match === null) return undefined;
  const [, tenant, epoch, seq, id, chunk, manifest] = match;
  const name = { tenant: tenant!, epoch: Number(epoch), seq: Number(seq), id: id! };
  if (!Number.isSafeInteger(name.seq) || !Number.isSafeInteger(name.epoch)) return undefined;
  return chunk === undefined
    ? { ...name, part: { manifest: manifest! } }
    : { ...name, part: { chunk: Number(chunk) } };
}

/**
 * A place that may already point into the tree of snapshots: where the tree begins, and what of it
 * is meant.
 */
export function splitPlace(path: string): {
  readonly root: string;
  readonly tenant?: string;
  readonly snapshot?: string;
} {
  const match = PLACE.exec(path);
  if (match === null) return { root: path };
  const [, root, tenant, , snapshot] = match;
  const absolute = path.startsWith("/") && root === "" ? "/" : root!;
  return { root: absolute, tenant: tenant!, ...(snapshot === undefined ? {} : { snapshot }) };
}
