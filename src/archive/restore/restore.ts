/**
 * Makes a snapshot a book again, and proves on the way that it is the one that was signed.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { LOGIC_VERSION } from "../../ledger/index.ts";
import { systemClock, type Clock } from "../../runtime/index.ts";
import { openLedgerDb, type LedgerDb } from "../../store/ledger-db.ts";
import { LEDGER_KIND } from "../../store/ledger-schema.ts";
import { settleSqlite } from "../../store/settle.ts";
import { STATE_KIND } from "../../store/state-schema.ts";
import type { Signer } from "../../wire/index.ts";
import { assertCryptoSound } from "../crb/self-test.ts";
import { ArchiveError } from "../errors.ts";
import { KEY_FILES } from "../snapshot/key-files.ts";
import type { Manifest } from "../snapshot/manifest.ts";
import type { ObjectStore } from "../stores/object-store.ts";
import { assertFree, RestoreFolder } from "./folder.ts";
import { locate, type Wanted } from "./locate.ts";
import { plan, type Plan } from "./plan.ts";
import { proveEnd, proveKeys } from "./prove.ts";
import { SetReader, type RestoreProgress } from "./read-set.ts";
import { Replay } from "./replay.ts";
import { StateComparison } from "./rows.ts";
import { writeState } from "./write-state.ts";

/** Options of {@link restore}. */
export interface RestoreOptions {
  readonly store: ObjectStore;
  readonly wanted: Wanted;
  readonly target: string;
  /** age identities, one of which opens the set. */
  readonly identities: readonly string[];
  /** The deployment's checkpoint key from elsewhere; without it the set vouches for itself. */
  readonly trusted?: KeyObject | readonly Signer[];
  /** Does and proves everything, then removes the result instead of moving it to the target. */
  readonly dryRun?: boolean;
  readonly clock?: Clock;
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly onWarning?: (warning: string) => void;
  readonly signal?: AbortSignal;
}

/** What was restored and how it was proven; stands in RESTORED.json. */
export interface Certificate {
  readonly v: 1;
  readonly snapshot: string;
  readonly from: string;
  readonly tenant: string;
  readonly repo: string;
  readonly epoch: number;
  readonly reign: string;
  readonly seq: number;
  readonly recorded_at: string;
  readonly tree_size: number;
  readonly root: string;
  readonly state: string;
  readonly checkpoint: string;
  /** Whether the signing key was compared with one given from elsewhere. */
  readonly trusted_key: boolean;
  readonly logic_version: number;
  readonly records: { readonly applied: number; readonly redecided: 0 };
  readonly rows: Manifest["rows"];
  readonly checks: readonly string[];
  readonly warnings: readonly string[];
  readonly snapshot_taken_at: string;
  readonly restored_at: string;
  readonly milliseconds: { readonly replay: number; readonly total: number };
}

const CHECKS = [
  "object digests, key commitments and authentication of every block",
  "seq without gaps, epochs in order",
  "each record follows from those before it: postings, balances, rounds",
  "postings sum to zero per record and currency",
  "claims made once",
  "root of the record tree equals the signed checkpoint's",
  "digest of balances and identities equals the signed checkpoint's",
  "shipped state equals what the records add up to",
  "signing and access keys are pairs, and signing.pub signed the checkpoint",
] as const;

/** Restores into a new folder, sealed: no primary opens it before it is promoted. */
export async function restore(options: RestoreOptions): Promise<Certificate> {
  assertCryptoSound();
  const { store, target, clock = systemClock } = options;
  const begun = clock.monotonicMs();
  await assertFree(target);
  const located = await locate(store, options.wanted);
  const warnings = located.incomplete.map((id) => `newer snapshot ${id} has no manifest`);
  try {
    const made = await plan(store, located.chosen, options.identities);
    warnings.push(...made.warnings);
    for (const warning of warnings) options.onWarning?.(warning);
    await using folder = await RestoreFolder.create(target);
    const replayMs = await rebuild(made, folder, options, clock);
    const certificate = certify(made.manifest, warnings, options, clock, {
      replay: Math.round(replayMs),
      total: Math.round(clock.monotonicMs() - begun),
    });
    await folder.write("RESTORED.json", `${JSON.stringify(certificate, null, 2)}\n`, 0o600);
    if (options.dryRun !== true) await folder.move();
    return certificate;
  } catch (error) {
    throw withOlder(error, located.older);
  }
}

async function rebuild(
  made: Plan,
  folder: RestoreFolder,
  options: RestoreOptions,
  clock: Clock,
): Promise<number> {
  const { manifest } = made;
  const reader = new SetReader(made, options);
  const { epochs, keys, object } = await reader.book();
  proveKeys(object, manifest, keys, trustedKeys(options));
  await mkdir(join(folder.path, "primary"), { mode: 0o700 });
  const begun = clock.monotonicMs();
  const ledgerPath = join(folder.path, "primary", "ledger.db");
  const { state, edge } = await withLedger(ledgerPath, async (ledger) => {
    const replayed = new Replay(ledger, epochs);
    await reader.records((name, item) => replayed.add(name, item));
    return replayed;
  });
  const digest = proveEnd(made.manifestKey, manifest, edge, state);
  const comparison = new StateComparison(state);
  await reader.state((name, text) => comparison.add(name, text));
  comparison.finish(made.manifestKey);
  const statePath = join(folder.path, "primary", "state.db");
  writeState(statePath, state, digest, manifest);
  assertSealed(ledgerPath, manifest);
  settleSqlite(ledgerPath, LEDGER_KIND);
  settleSqlite(statePath, STATE_KIND);
  const replayMs = clock.monotonicMs() - begun;
  for (const { name, text } of keys) {
    const secret = KEY_FILES.find((file) => file.name === name)!.secret;
    await folder.write(join("keys", name), text, secret ? 0o600 : 0o644);
  }
  return replayMs;
}

function trustedKeys({ trusted }: RestoreOptions): readonly Signer[] | undefined {
  if (trusted === undefined) return undefined;
  return Array.isArray(trusted) ? trusted : [{ key: trusted as KeyObject }];
}

/** Nothing relies on the file before it is complete, and everything is synced at the end. */
async function withLedger<T>(path: string, body: (ledger: LedgerDb) => Promise<T>): Promise<T> {
  using ledger = openLedgerDb(path, { create: true, synchronous: "OFF" });
  return await body(ledger);
}

/** What was written, read again from the file. */
function assertSealed(path: string, manifest: Manifest): void {
  using ledger = openLedgerDb(path);
  const { reader } = ledger;
  const root = Buffer.from(reader.lastCommit()?.root ?? []).toString("hex");
  const whole = reader.tree().size === manifest.seq && root === manifest.tree.root;
  if (whole && reader.openEpoch() === undefined) return;
  throw new ArchiveError("ARCHIVE_STORE_FAILED", "doesn't hold what was just written to it", {
    object: path,
    hint: "Check the disk, then restore again.",
  });
}

function certify(
  manifest: Manifest,
  warnings: readonly string[],
  options: RestoreOptions,
  clock: Clock,
  milliseconds: Certificate["milliseconds"],
): Certificate {
  const { snapshot, tenant, repo, epoch, reign, seq, tree, state, checkpoint } = manifest;
  return {
    v: 1,
    snapshot,
    from: options.store.place,
    tenant,
    repo,
    epoch,
    reign,
    seq,
    recorded_at: isoTime(manifest.recorded_at),
    tree_size: tree.size,
    root: tree.root,
    state,
    checkpoint,
    trusted_key: options.trusted !== undefined,
    logic_version: LOGIC_VERSION,
    records: { applied: seq, redecided: 0 },
    rows: manifest.rows,
    checks: CHECKS,
    warnings,
    snapshot_taken_at: isoTime(manifest.at),
    restored_at: isoTime(clock.nowUs()),
    milliseconds,
  };
}

function isoTime(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString();
}

/** A damaged set is refused; what else there is, is said. */
function withOlder(error: unknown, older: readonly string[]): unknown {
  if (!(error instanceof ArchiveError) || older.length === 0) return error;
  if (error.code !== "ARCHIVE_DAMAGED" && error.code !== "ARCHIVE_GAP") return error;
  return error.withHint(`Older snapshots may be whole: --snapshot ${older.slice(0, 3).join(", ")}`);
}
