/**
 * State at a start: what `state.db` holds, if every bit of it can be proven, then the records
 * that came after it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { apply, LedgerState, leafHash, TreeEdge, type IdentityKey } from "../ledger/index.ts";
import { EXIT, OperatorError, type Logger } from "../ops/index.ts";
import type { LedgerReader } from "../store/ledger-reader.ts";
import { deleteStateDb, openStateView } from "../store/state-db.ts";
import type { StateReader } from "../store/state-reader.ts";
import { StateFault } from "../store/state-rows.ts";
import type { StateHeadRow, StateIdentityRow } from "../store/state-schema.ts";
import { openCheckpoint, type CheckpointKeys } from "../wire/index.ts";
import { LOAD_CHUNK_PLAYERS, REPLAY_CHUNK_RECORDS } from "./limits.ts";
import { damaged, loadEdge, sameBytes } from "./projection.ts";
import { digestOfRows } from "./state-proof.ts";
import { decodeRecord, keyOfIdentity } from "./record-codec.ts";

/** The book in memory, and the edge of its tree. */
export interface LoadedState {
  readonly state: LedgerState;
  readonly tree: TreeEdge;
}

/** What a start needs to know. */
export interface LoadOptions {
  readonly path: string;
  readonly reader: LedgerReader;
  readonly deployment: string;
  readonly publicKeys: CheckpointKeys;
  readonly log: Logger;
}

/** The ledger lost records that were acknowledged; no rebuilding helps. */
class TailLostError extends OperatorError {
  override readonly name = "TailLostError";
}

/** Loads the state at the end of the book. @throws OperatorError LEDGER_DAMAGED. */
export async function loadState(options: LoadOptions): Promise<LoadedState> {
  const { reader, log } = options;
  const { size } = reader.tree();
  let loaded = size === 0 && !existsSync(options.path) ? undefined : await readProven(options);
  if (loaded === undefined) {
    deleteStateDb(options.path);
    loaded = { state: new LedgerState(), tree: new TreeEdge() };
  }
  const from = loaded.tree.size + 1;
  if (from <= size) {
    catchUp(loaded, reader, size);
    log.info("applied the records after the last checkpoint", { from, to: size });
  }
  proveEnd(loaded.tree, reader);
  return loaded;
}

/** What `state.db` holds; undefined, with a line in the log, when it can't be relied on. */
async function readProven(options: LoadOptions): Promise<LoadedState | undefined> {
  const { path, log } = options;
  if (!existsSync(path)) {
    log.warn("state.db is missing: it is rebuilt from the book");
    return undefined;
  }
  try {
    const view = openStateView(path);
    try {
      return await read(view.reader, options);
    } finally {
      view.close();
    }
  } catch (error) {
    if (error instanceof TailLostError) throw error;
    log.warn("state.db can't be relied on: it is rebuilt from the book", { error });
    return undefined;
  }
}

async function read(reader: StateReader, options: LoadOptions): Promise<LoadedState> {
  const head = reader.head();
  if (head === undefined) throw new StateFault("it has no checkpoint");
  const tree = proveHead(head, options);
  const proof = digestOfRows(options.path, reader, head.players);
  // It is awaited at the end; what goes wrong before must not leave it unheard.
  proof.catch(() => {});
  const state = new LedgerState();
  const wallets = readPlayers(reader, state);
  readIdentities(reader, state);
  let houseAccounts = 0;
  for (const bet of reader.bets()) state.putBet(bet);
  for (const round of reader.rounds()) state.putRound(round);
  for (const [key, minor] of reader.houseAccounts()) {
    state.addToHouse(key, minor);
    houseAccounts += 1;
  }
  for (const [key, object] of reader.objects()) state.putObject(key, object);
  const counts = { ...state.counts(), wallets, houseAccounts };
  for (const kind of ["players", "wallets", "identities", "bets", "rounds", "objects"] as const) {
    if (counts[kind] !== head[kind]) throw new StateFault(`rows of ${kind} are missing`);
  }
  if (houseAccounts !== head.houseAccounts) throw new StateFault("house accounts are missing");
  const signed = openCheckpoint(head.checkpoint, options.publicKeys);
  if (!sameBytes(signed.state, await proof)) {
    throw new StateFault("its rows are not those of its signed checkpoint");
  }
  state.setHead(head.seq, head.epoch, head.recordedAt);
  return { state, tree };
}

/** The head agrees with its signed checkpoint, and both with the book. */
function proveHead(head: StateHeadRow, options: LoadOptions): TreeEdge {
  const { reader, publicKeys, deployment } = options;
  const { size } = reader.tree();
  const signed = openCheckpoint(head.checkpoint, publicKeys);
  if (signed.deployment === deployment && signed.size > size) throw tailLost(signed.size, size);
  if (head.seq > size) throw new StateFault("it is ahead of the book");
  const agrees =
    signed.deployment === deployment &&
    signed.size === head.seq &&
    signed.epoch === head.epoch &&
    signed.reign === head.reign &&
    signed.time === head.recordedAt;
  if (!agrees) throw new StateFault("its head is not that of its signed checkpoint");
  if (reader.epoch(head.epoch)?.reign !== head.reign) throw new StateFault("another reign's");
  const tree = loadEdge(head.seq, head.edge);
  const commit = reader.commitUpTo(head.seq);
  if (commit?.lastSeq !== head.seq || !sameBytes(commit.root, signed.root)) {
    throw new StateFault("the book has another root at its seq");
  }
  if (!sameBytes(tree.root(), signed.root)) throw new StateFault("its tree has another root");
  return tree;
}

/**
 * Nothing is signed before it is durable: records that were acknowledged are gone. Going on would
 * give their places to others, and throw away the proof.
 */
function tailLost(signed: number, size: number): TailLostError {
  const message = `record ${signed} was signed, the book ends at ${size}`;
  return new TailLostError("LEDGER_BEHIND_STATE", message, {
    hint: "Put the newest ledger.db back, or restore a snapshot elsewhere and promote it.",
    exitCode: EXIT.integrity,
  });
}

function readPlayers(reader: StateReader, state: LedgerState): number {
  let wallets = 0;
  for (let after = ""; ;) {
    const players = reader.players(after, LOAD_CHUNK_PLAYERS);
    for (const player of players) {
      state.putPlayer(player);
      wallets += player.accounts.length;
    }
    if (players.length < LOAD_CHUNK_PLAYERS) return wallets;
    after = players.at(-1)!.ref;
  }
}

function readIdentities(reader: StateReader, state: LedgerState): void {
  for (let after: StateIdentityRow | undefined; ;) {
    const rows = reader.identities(after, LOAD_CHUNK_PLAYERS);
    for (const row of rows) state.bindIdentity(keyOfIdentity(row), row.playerRef);
    if (rows.length < LOAD_CHUNK_PLAYERS) return;
    after = rows.at(-1);
  }
}

/** Applies the records after the loaded state, checking each against what it says of itself. */
function catchUp({ state, tree }: LoadedState, reader: LedgerReader, size: number): void {
  while (tree.size < size) {
    const from = tree.size + 1;
    const records = reader.read(from, REPLAY_CHUNK_RECORDS);
    const last = records.at(-1);
    if (last === undefined || last.seq !== from + records.length - 1) {
      throw damaged(`records are missing from ${from} on`);
    }
    const identities = new Map<number, IdentityKey>();
    for (const row of reader.identitiesBetween(from, last.seq)) {
      identities.set(row.seq, keyOfIdentity(row));
    }
    for (const stored of records) {
      try {
        const { command, outcome } = decodeRecord(stored);
        apply(state, command, outcome, identities.get(stored.seq));
      } catch (error) {
        throw damaged(`record ${stored.seq} does not follow from those before it`, error);
      }
      tree.append(leafHash(stored.event, stored.outcome));
    }
  }
}

/** The edge reached is the edge stored, and its root the last commit's. */
function proveEnd(tree: TreeEdge, reader: LedgerReader): void {
  const stored = reader.tree();
  const commit = reader.lastCommit();
  if (stored.size !== tree.size || !sameBytes(stored.edge, Buffer.concat(tree.save()))) {
    throw damaged("the tree's stored edge is not that of the records");
  }
  if (tree.size === 0) return;
  if (commit?.lastSeq !== tree.size || !sameBytes(commit.root, tree.root())) {
    throw damaged("the last commit's root is not that of the records");
  }
}
