/**
 * Finds the snapshot that is meant among what a place holds.
 *
 * @module
 */
import { ArchiveError } from "../errors.ts";
import {
  parseSnapshotKey,
  snapshotId,
  snapshotPrefix,
  type SnapshotName,
} from "../snapshot/object-keys.ts";
import type { ObjectStore, StoredObject } from "../stores/object-store.ts";

/** Which snapshot is wanted. */
export interface Wanted {
  /** `<seq>-<id>`, or the id alone. Without it the newest complete one is taken. */
  readonly snapshot?: string;
  readonly tenant?: string;
}

/** A snapshot with everything that is stored under its name. */
export interface FoundSnapshot {
  readonly name: SnapshotName;
  /** Versions of its manifests, newest first. */
  readonly manifests: readonly StoredObject[];
  /** Versions by full key, newest first. */
  readonly objects: ReadonlyMap<string, readonly StoredObject[]>;
}

/** What was found at a place. */
export interface Located {
  readonly chosen: FoundSnapshot;
  /** Older complete snapshots, newest first: what could be tried instead. */
  readonly older: readonly string[];
  /** Newer snapshots without a manifest: begun and never finished, or robbed of it. */
  readonly incomplete: readonly string[];
}

/** Lists a place and chooses. Reads no object. */
export async function locate(store: ObjectStore, wanted: Wanted): Promise<Located> {
  const scope = wanted.tenant === undefined ? "" : `${wanted.tenant}/ledger/v1/snap/`;
  const all = group(await store.list(scope));
  const tenants = [...new Set(all.map(({ name }) => name.tenant))];
  if (tenants.length > 1) {
    throw new ArchiveError("ARCHIVE_USAGE", `holds snapshots of ${tenants.join(", ")}`, {
      object: store.place,
      hint: "Say which with --tenant NAME.",
    });
  }
  // Epochs rise only by promotion, seqs within an epoch only by records, ids with time.
  all.sort((a, b) => newerFirst(a.name, b.name));
  const complete = all.filter(({ manifests }) => manifests.length > 0);
  const chosen = choose(store.place, all, complete, wanted.snapshot);
  const isNewer = ({ name }: FoundSnapshot): boolean => newerFirst(name, chosen.name) < 0;
  const older = complete.filter((one) => one !== chosen && !isNewer(one));
  const incomplete = all.filter((one) => one.manifests.length === 0 && isNewer(one));
  return {
    chosen,
    older: older.map(({ name }) => snapshotId(name)),
    incomplete: incomplete.map(({ name }) => snapshotId(name)),
  };
}

function choose(
  place: string,
  all: readonly FoundSnapshot[],
  complete: readonly FoundSnapshot[],
  wanted: string | undefined,
): FoundSnapshot {
  if (wanted === undefined) {
    if (complete[0] !== undefined) return complete[0];
    if (all[0] === undefined) throw nothing(place, "holds no snapshot");
    throw nothing(place, `holds no manifest: ${snapshotId(all[0].name)} was never finished`);
  }
  const fits = all.filter(({ name }) => name.id === wanted || snapshotId(name) === wanted);
  const [only] = fits;
  if (only === undefined) throw nothing(place, `holds no snapshot ${wanted}`);
  if (only.manifests.length > 0) return only;
  throw nothing(place, `snapshot ${wanted} has no manifest: never finished, or robbed of it`);
}

function nothing(place: string, message: string): ArchiveError {
  return new ArchiveError("ARCHIVE_NOTHING_FOUND", message, {
    object: place,
    hint: "Check --from; it names the place that snapshots were taken to, or one snapshot in it.",
  });
}

function group(objects: readonly StoredObject[]): FoundSnapshot[] {
  interface Growing {
    readonly name: SnapshotName;
    readonly manifests: StoredObject[];
    readonly objects: Map<string, StoredObject[]>;
  }
  const found = new Map<string, Growing>();
  for (const object of objects) {
    const parsed = parseSnapshotKey(object.key);
    if (parsed === undefined) continue;
    const { part, ...name } = parsed;
    const prefix = snapshotPrefix(name);
    let snapshot = found.get(prefix);
    if (snapshot === undefined) {
      snapshot = { name, manifests: [], objects: new Map() };
      found.set(prefix, snapshot);
    }
    if ("manifest" in part) snapshot.manifests.push(object);
    const versions = snapshot.objects.get(object.key);
    if (versions === undefined) snapshot.objects.set(object.key, [object]);
    else versions.push(object);
  }
  return [...found.values()];
}

function newerFirst(a: SnapshotName, b: SnapshotName): number {
  return b.epoch - a.epoch || b.seq - a.seq || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
