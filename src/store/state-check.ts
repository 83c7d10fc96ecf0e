/**
 * What can be wrong with `state.db` as a file: what its head says of its rows, and its pages.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { StateDigest, TREE_HASH_BYTES, TreeEdge } from "../ledger/index.ts";
import { parseCheckpoint } from "../wire/index.ts";
import {
  damagedFile,
  type FileFlaw,
  numberFrom,
  schemaFlaws,
  structureFlaws,
} from "./file-check.ts";
import { STATE_KIND, type StateHeadRow } from "./state-schema.ts";

const COUNTS = [
  ["players", "players"],
  ["wallets", "wallets"],
  ["identities", "identities"],
  ["bets", "bets"],
  ["rounds", "rounds"],
  ["house_accounts", "houseAccounts"],
  ["objects", "objects"],
] as const satisfies readonly (readonly [string, keyof StateHeadRow])[];

/** Looks at the whole file; `head` is what it says of itself. */
export function* stateFlaws(driver: Database, head: StateHeadRow | undefined): Generator<FileFlaw> {
  yield* schemaFlaws("state.db", driver, STATE_KIND.ddl);
  yield* structureFlaws("state.db", driver);
  if (head === undefined) {
    const rows = numberFrom(driver, "SELECT (SELECT count(*) FROM players) + count(*) FROM bets");
    if (rows > 0) yield damagedFile("state.db has rows, but has lost its head");
    return;
  }
  const odd = numberFrom(driver, "SELECT count(*) FROM rounds WHERE closing NOT IN (0, 1)");
  if (odd > 0) yield damagedFile(`state.db has ${odd} rounds that are neither closing nor not`);
  for (const [table, column] of COUNTS) {
    const rows = numberFrom(driver, `SELECT count(*) FROM ${table}`);
    if (rows === head[column]) continue;
    yield damagedFile(`state.db has ${rows} ${table}, its head counts ${head[column]}`);
  }
  const gaps = numberFrom(
    driver,
    `SELECT count(*) FROM (SELECT 1 FROM wallets GROUP BY player_ref
       HAVING min(place) <> 0 OR max(place) <> count(*) - 1 OR count(DISTINCT place) <> count(*))`,
  );
  if (gaps > 0) yield damagedFile(`state.db has rows of ${gaps} players in no order`);
  yield* headFlaws(driver, head);
  yield* checkpointFlaws(driver);
}

/** The head's checkpoint says the same as the head, its edge and the sums of the digest. */
function* headFlaws(driver: Database, head: StateHeadRow): Generator<FileFlaw> {
  const signed = textOf(head.checkpoint);
  if (signed === undefined) {
    yield damagedFile("the checkpoint in state.db's head can't be read");
    return;
  }
  const same =
    signed.size === head.seq &&
    signed.epoch === head.epoch &&
    signed.reign === head.reign &&
    signed.time === head.recordedAt;
  if (!same) yield damagedFile("state.db's head is not that of its checkpoint");
  const rows = driver
    .query<{ bucket: bigint; sum: Uint8Array }, []>("SELECT * FROM digest_sums ORDER BY bucket")
    .all();
  if (rows.some(({ bucket }, index) => Number(bucket) !== index)) {
    yield damagedFile("the sums in state.db are not those of its buckets");
  }
  const digest = attempt(() => StateDigest.restore(rows.map(({ sum }) => sum)).digest());
  if (digest === undefined || Buffer.compare(digest, signed.state) !== 0) {
    yield damagedFile("the sums in state.db are not those of its checkpoint");
  }
  const root = attempt(() => rootOf(head));
  if (root === undefined || Buffer.compare(root, signed.root) !== 0) {
    yield damagedFile("the tree's edge in state.db is not that of its checkpoint");
  }
}

function* checkpointFlaws(driver: Database): Generator<FileFlaw> {
  const rows = driver
    .query<{ size: bigint; note: string }, []>("SELECT size, note FROM checkpoints")
    .all();
  for (const { size, note } of rows) {
    if (textOf(note)?.size === Number(size)) continue;
    yield damagedFile(`the checkpoint kept under ${size} is another one`);
  }
}

function rootOf({ seq, edge }: StateHeadRow): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < edge.length; at += TREE_HASH_BYTES) {
    hashes.push(edge.subarray(at, at + TREE_HASH_BYTES));
  }
  return TreeEdge.load(seq, hashes).root();
}

/** What a note says; whether it is signed is not asked here. */
function textOf(note: string) {
  return attempt(() => parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1)));
}

function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}
