/**
 * Writes `ledger.db`: one group of records per transaction, and the life of epochs.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { desc, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { OperatorError } from "../ops/index.ts";
import { epochs, identities, rangeOf, tree, type EpochRow } from "./ledger-schema.ts";
import { ClaimQueue } from "./claim-queue.ts";
import type { LedgerRanges } from "./ledger-ranges.ts";
import { LedgerFault, type Group, type NewEpoch, type NewRecord } from "./new-records.ts";
import { transact, Transaction } from "./sqlite.ts";

/** The one writer of the file. */
export class LedgerWriter {
  readonly #driver: Database;
  readonly #ranges: LedgerRanges;
  readonly #queries: ReturnType<typeof prepareQueries>;
  readonly #transaction: Transaction;
  readonly #insertCommit: Statement<unknown, [number, Uint8Array]>;
  readonly #moveTree: Statement<unknown, [number, Uint8Array, number]>;
  readonly #openEpoch: Statement<{ epoch: number }, []>;
  /** Claims that are not in their tables yet. */
  readonly queue: ClaimQueue;

  constructor(driver: Database, ranges: LedgerRanges) {
    this.#driver = driver;
    this.#ranges = ranges;
    this.queue = new ClaimQueue(driver, ranges);
    this.#queries = prepareQueries(driver);
    this.#transaction = new Transaction(driver);
    this.#insertCommit = driver.prepare("INSERT INTO commits (last_seq, root) VALUES (?, ?)");
    // The old size is part of the condition: a gap or a second writer can't slip in.
    this.#moveTree = driver.prepare("UPDATE tree SET size = ?, edge = ? WHERE size = ?");
    this.#openEpoch = driver.prepare("SELECT epoch FROM epochs WHERE last_seq IS NULL");
  }

  /** Adds a group, durably. Throws without a trace when it doesn't fit onto what is there. */
  append(group: Group): void {
    const { records, firstSeq } = group;
    if (records.length === 0) throw new LedgerFault("a group has at least one record");
    const lastSeq = firstSeq + records.length - 1;
    try {
      this.#transaction.run(() => {
        if (this.#openEpoch.get()?.epoch !== group.epoch) {
          throw new LedgerFault(`epoch ${group.epoch} is not the open one`);
        }
        const moved = this.#moveTree.run(lastSeq, group.edge, firstSeq - 1);
        if (moved.changes !== 1) throw new LedgerFault(`seq ${firstSeq} does not follow the last`);
        this.#insertRecords(records, firstSeq);
        this.queue.append(records, firstSeq);
        this.#insertCommit.run(lastSeq, group.root);
      });
    } catch (error) {
      this.queue.undo();
      this.#ranges.forget();
      throw error;
    }
    this.queue.settle();
  }

  /**
   * Opens an epoch. One that is still open is closed in the same transaction when `closesOpen` is
   * set. @throws OperatorError EPOCH_OPEN otherwise.
   */
  openEpoch(epoch: NewEpoch, closesOpen = false): EpochRow {
    return transact(this.#driver, "IMMEDIATE", () => {
      const last = this.#queries.lastEpoch.get();
      const size = this.#queries.tree.get()?.size ?? 0;
      if (last !== undefined && last.lastSeq === null) {
        if (!closesOpen) throw new OperatorError("EPOCH_OPEN", `epoch ${last.epoch} is still open`);
        this.#queries.closeEpoch.run({ lastSeq: size });
      }
      const row: EpochRow = {
        ...epoch,
        firstSeq: size + 1,
        previousEpoch: last?.epoch ?? 0,
        previousSize: size,
        lastSeq: null,
      };
      if (epoch.epoch <= row.previousEpoch) {
        throw new LedgerFault(`epoch ${epoch.epoch} does not follow ${row.previousEpoch}`);
      }
      this.#queries.insertEpoch.run({ ...row });
      return row;
    });
  }

  /** Closes the open epoch, if there is one, at the last record. The ledger is sealed then. */
  closeEpoch(): void {
    transact(this.#driver, "IMMEDIATE", () => {
      const lastSeq = this.#queries.tree.get()?.size ?? 0;
      this.#queries.closeEpoch.run({ lastSeq });
    });
  }

  #insertRecords(records: readonly NewRecord[], firstSeq: number): void {
    let range = rangeOf(firstSeq);
    this.#ranges.ensure(range);
    let statements = this.#ranges.of(range);
    for (let index = 0; index < records.length; index += 1) {
      const seq = firstSeq + index;
      if (rangeOf(seq) !== range) {
        range = rangeOf(seq);
        this.#ranges.ensure(range);
        statements = this.#ranges.of(range);
      }
      const record = records[index]!;
      statements.insertRecord.run(seq, record.event, record.outcome);
      const { identity } = record;
      if (identity !== undefined) this.#queries.insertIdentity.run({ ...identity, seq });
    }
  }
}

function prepareQueries(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  return {
    tree: orm.select({ size: tree.size }).from(tree).prepare(),
    lastEpoch: orm.select().from(epochs).orderBy(desc(epochs.epoch)).limit(1).prepare(),
    insertEpoch: orm
      .insert(epochs)
      .values({
        epoch: hole("epoch"),
        reign: hole("reign"),
        firstSeq: hole("firstSeq"),
        previousEpoch: hole("previousEpoch"),
        previousSize: hole("previousSize"),
        previousRoot: hole("previousRoot"),
        openedAt: hole("openedAt"),
        reason: hole("reason"),
      })
      .prepare(),
    closeEpoch: orm
      .update(epochs)
      .set({ lastSeq: sql`${hole("lastSeq")}` })
      .where(isNull(epochs.lastSeq))
      .prepare(),
    insertIdentity: orm
      .insert(identities)
      .values({
        operatorId: hole("operatorId"),
        keyId: hole("keyId"),
        hash: hole("hash"),
        playerRef: hole("playerRef"),
        seq: hole("seq"),
      })
      .prepare(),
  };
}
