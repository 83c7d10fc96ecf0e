/**
 * Reads an edge's replica of `wallet.db`: the head and the rows of one snapshot.
 *
 * The replica is written by the syncer, another process. This one only ever holds a read-only
 * connection, no transaction outlives a call, and nothing here touches the files by other means.
 *
 * @module
 */

/** Where the replica stands. */
export interface ReplicaHead {
  readonly epoch: number;
  /** Names one unbroken page log of the publisher. */
  readonly feed: string;
  /** Newest record that the rows include. */
  readonly seq: number;
  /** The primary's clock when the rows were known to be current, microseconds. */
  readonly timeUs: number;
  /** Counts commits of the publisher's file. */
  readonly tick: number;
}

/** One player's balances in one currency; amounts in minor units. */
export interface ReplicaRow {
  readonly operatorId: string;
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly status: number;
  readonly version: number;
  /** The record that last changed the row. */
  readonly seq: number;
}

/** What the ticks between two heads touched. */
export interface ReplicaChanges {
  readonly head: ReplicaHead;
  /** Players touched after the given tick; undefined: the ring doesn't reach, so anyone. */
  readonly playerRefs: readonly string[] | undefined;
}

/** A read-only connection to one replica file. */
export interface ReplicaReader {
  /** Undefined: the file has no head yet. */
  head(): ReplicaHead | undefined;
  /** The newest head and what changed after `tick`. */
  changesSince(tick: number): ReplicaChanges | undefined;
  /**
   * A player's rows, ordered by currency; none: unknown. A row belongs to every head from its own
   * seq on until it changes, so one whose seq isn't above a head's is the row of that head.
   */
  player(playerRef: string): readonly ReplicaRow[];
  /** The player bound to a messenger identity. */
  playerOf(operatorId: string, keyId: string, hash: Uint8Array): string | undefined;
  close(): void;
}

/** The statements of a reader, as its driver runs them: rows as arrays, integers as bigint. */
export interface ReplicaStatements {
  /** The head's columns, then tick and refs of the newest row of the ring. */
  head(): readonly unknown[] | undefined;
  change(slot: number): readonly unknown[] | undefined;
  player(playerRef: string): readonly (readonly unknown[])[];
  identity(operatorId: string, keyId: string, hash: Uint8Array): readonly unknown[] | undefined;
  close(): void;
}

/** A reader over a driver's statements; see {@link openReplicaReader}. */
export function replicaReader(statements: ReplicaStatements, slots: number): ReplicaReader {
  return {
    head() {
      const row = statements.head();
      return row === undefined ? undefined : headOf(row);
    },
    changesSince(tick) {
      const row = statements.head();
      if (row === undefined) return undefined;
      const head = headOf(row);
      return { head, playerRefs: touched(statements, slots, tick, head.tick, row) };
    },
    player: (playerRef) => statements.player(playerRef).map(rowOf),
    playerOf(operatorId, keyId, hash) {
      const row = statements.identity(operatorId, keyId, hash);
      return row === undefined ? undefined : (row[0] as string);
    },
    close: () => statements.close(),
  };
}

/** Columns of the head in front of the newest row of the ring. */
const HEAD_COLUMNS = 5;
const REF_BYTES = 16;

/**
 * A tick's row in the ring is written once and carries its tick, so reading it later than the head
 * can't mislead: either it is that tick's, or the ring has moved on and the answer is "anyone".
 */
function touched(
  statements: ReplicaStatements,
  slots: number,
  after: number,
  upTo: number,
  newest: readonly unknown[],
): readonly string[] | undefined {
  if (upTo < after || upTo - after >= slots) return undefined;
  const refs: string[] = [];
  for (let tick = after + 1; tick <= upTo; tick += 1) {
    const row = tick === upTo ? newest.slice(HEAD_COLUMNS) : statements.change(tick % slots);
    if (row === undefined || Number(row[0]) !== tick || row[1] === null) return undefined;
    appendRefs(refs, row[1] as Uint8Array);
  }
  return refs;
}

function headOf(row: readonly unknown[]): ReplicaHead {
  return {
    epoch: Number(row[0]),
    feed: row[1] as string,
    seq: Number(row[2]),
    timeUs: Number(row[3]),
    tick: Number(row[4]),
  };
}

function rowOf(row: readonly unknown[]): ReplicaRow {
  return {
    operatorId: row[0] as string,
    currency: row[1] as string,
    available: row[2] as bigint,
    bonus: row[3] as bigint,
    held: row[4] as bigint,
    status: Number(row[5]),
    version: Number(row[6]),
    seq: Number(row[7]),
  };
}

/** Adds the canonical texts of 16-byte UUIDs that stand one after the other. */
function appendRefs(refs: string[], bytes: Uint8Array): void {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  for (let at = 0; at < hex.length; at += 2 * REF_BYTES) {
    const [a, b, c, d] = [at + 8, at + 12, at + 16, at + 20];
    refs.push(
      `${hex.slice(at, a)}-${hex.slice(a, b)}-${hex.slice(b, c)}-${hex.slice(c, d)}-` +
        hex.slice(d, at + 2 * REF_BYTES),
    );
  }
}
