/**
 * From a found snapshot to what has to be read: the manifest is opened and proven, and every
 * object it lists is looked for. Nothing is written.
 *
 * @module
 */
import { ArchiveError, damaged } from "../errors.ts";
import type { CrbHeader } from "../crb/header.ts";
import { parseManifest, type Manifest, type ManifestChunk } from "../snapshot/manifest.ts";
import {
  manifestKey,
  parseSnapshotKey,
  snapshotId,
  snapshotPrefix,
} from "../snapshot/object-keys.ts";
import type { ObjectStore, StoredObject } from "../stores/object-store.ts";
import type { FoundSnapshot } from "./locate.ts";
import { readObject } from "./read-object.ts";

/** One object to read, and the version to read it from. */
export interface PlannedChunk {
  readonly chunk: ManifestChunk;
  readonly index: number;
  readonly object: StoredObject;
}

/** What a restore will read. */
export interface Plan {
  readonly manifest: Manifest;
  readonly manifestKey: string;
  readonly chunks: readonly PlannedChunk[];
  /** What a person should know before going on. */
  readonly warnings: readonly string[];
}

/** Opens the manifest and matches it with what is stored. */
export async function plan(
  store: ObjectStore,
  found: FoundSnapshot,
  identities: readonly string[],
): Promise<Plan> {
  const { object, manifest } = await openManifest(store, found, identities);
  const warnings: string[] = [];
  const missing: ManifestChunk[] = [];
  const chunks: PlannedChunk[] = [];
  for (const [index, chunk] of manifest.chunks.entries()) {
    const stored = bestVersion(chunk, found.objects.get(chunk.key) ?? []);
    if (stored === undefined) missing.push(chunk);
    else chunks.push({ chunk, index, object: stored });
    if (stored?.hidden === true) warnings.push(`${chunk.key} is hidden by something newer`);
  }
  if (object.hidden) warnings.push(`${object.key} is hidden by something newer`);
  if (missing.length > 0) throw gap(manifest, missing);
  const listed = new Set(manifest.chunks.map(({ key }) => key));
  for (const [key, versions] of found.objects) {
    const own = listed.has(key) || versions.includes(object);
    if (!own) warnings.push(`${key} isn't in the manifest and is left alone`);
  }
  return { manifest, manifestKey: object.key, chunks, warnings };
}

/** Tries the manifest's versions, newest first: a thief may have put another above the true one. */
async function openManifest(
  store: ObjectStore,
  found: FoundSnapshot,
  identities: readonly string[],
): Promise<{ readonly object: StoredObject; readonly manifest: Manifest }> {
  let first: unknown;
  for (const object of found.manifests) {
    try {
      return { object, manifest: await readManifest(store, found, object, identities) };
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== "ARCHIVE_DAMAGED") throw error;
      first ??= error;
    }
  }
  throw first;
}

async function readManifest(
  store: ObjectStore,
  { name }: FoundSnapshot,
  object: StoredObject,
  identities: readonly string[],
): Promise<Manifest> {
  const part = parseSnapshotKey(object.key)?.part;
  const digest = part !== undefined && "manifest" in part ? part.manifest : "";
  const parts: Uint8Array[] = [];
  let header: CrbHeader | undefined;
  const plaintext = readObject({
    store,
    object,
    sealedKey: manifestKey(name),
    identities,
    judgeHeader: (told) => {
      header = told;
      return told.kind === "snapshot-manifest" ? undefined : `is a ${told.kind}, no manifest`;
    },
    judge: (sha256) =>
      sha256.startsWith(digest)
        ? undefined
        : `has the digest ${sha256.slice(0, 8)}, not its name's`,
  });
  for await (const piece of plaintext) parts.push(piece);
  const manifest = parseManifest(object.key, Buffer.concat(parts));
  const finding = contradictions(name, header!, manifest);
  if (finding !== undefined) throw damaged(object.key, finding);
  return manifest;
}

/** What manifest, header and name say of the same thing must be the same. */
function contradictions(
  name: FoundSnapshot["name"],
  header: CrbHeader,
  manifest: Manifest,
): string | undefined {
  const { tenant, epoch, seq, tree, chunks } = manifest;
  const same =
    manifest.snapshot === snapshotId(name) &&
    tenant === name.tenant &&
    epoch === name.epoch &&
    seq === name.seq &&
    header.tenant === tenant &&
    header.repo === manifest.repo &&
    header.checkpoint === manifest.checkpoint &&
    tree.size === seq;
  if (!same) return "the manifest names another snapshot than its header and its key";
  let next = 1;
  for (const [index, chunk] of chunks.entries()) {
    const key = `${snapshotPrefix(name)}${String(index).padStart(4, "0")}.crb`;
    if (chunk.key !== key) return `the manifest lists ${chunk.key} in the place of ${key}`;
    if ((chunk.section === "records") !== (chunk.seq !== null)) return `${key} has no clear range`;
    if (chunk.seq === null) continue;
    if (chunk.seq[0] !== next) return `the manifest lists no object with record ${next}`;
    next = chunk.seq[1] + 1;
  }
  return next === seq + 1 ? undefined : `the manifest lists no object with record ${next}`;
}

/** The acknowledged version, else one with the right bytes, else what there is. */
function bestVersion(
  chunk: ManifestChunk,
  versions: readonly StoredObject[],
): StoredObject | undefined {
  return (
    versions.find(({ version }) => version !== undefined && version === chunk.version) ??
    versions.find(({ md5, bytes }) => md5 === chunk.md5 && bytes === chunk.bytes) ??
    versions[0]
  );
}

function gap(manifest: Manifest, missing: readonly ManifestChunk[]): ArchiveError {
  const parts = missing.map(({ key, section, seq }) => {
    return seq === null ? `${key} (${section})` : `${key} (records ${seq[0]} to ${seq[1]})`;
  });
  return new ArchiveError("ARCHIVE_GAP", `${missing.length} missing: ${parts.join(", ")}`, {
    object: `snapshot ${manifest.snapshot}`,
    hint: "Copy the missing objects back from another place, or restore another snapshot.",
  });
}
