/**
 * Goal: rows of state.db count and remember what players may not exactly as memory does, however
 * the records are cut into transactions, and after the file was opened again.
 * Method: a book of limits, velocity rules, stakes and standing, applied to rows in steps.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { apply, Draft, LedgerState, LimitKind, stateText } from "../../src/ledger/index.ts";
import { StateDb } from "../../src/store/state-db.ts";
import { Book } from "../ledger/book.ts";
import {
  DAY,
  frozen,
  limit,
  sessionLimit,
  set,
  status,
  velocity,
  wait,
} from "../ledger/rules-of-players.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "countroom-state-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Two players under everything there is. */
function busyBook(): Book {
  const book = new Book();
  const players = [book.player(), book.player()];
  for (const ref of players) {
    book.deposit(ref, 500n, "USD");
    set(book, ref, limit(LimitKind.WAGER, 10n ** 6n));
    set(book, ref, sessionLimit(10 ** 6));
  }
  for (let at = 0; at < 120; at += 1) {
    const ref = players[at % 2]!;
    // Rules come, change and go in no order of their ids.
    const ruleId = ["v", "b", "x"][at % 3]!;
    if (at % 7 === 0) book.record({ payload: velocity({ ruleId, countMax: 1000 + at }) });
    if (at % 40 === 39) book.do({ payload: velocity({ ruleId, remove: true }) });
    if (at === 50) set(book, ref, limit(LimitKind.WAGER, 0n, { remove: true }));
    if (at === 60) set(book, ref, frozen(true));
    if (at === 70) set(book, ref, { type: "player_unfrozen", reason: "" });
    if (at === 100) set(book, ref, status(2));
    book.bet(ref, `t${at}`, 7n, { roundId: `r${at}` });
    if (at % 5 === 0) book.rollBack(`t${at}`);
    wait(book, at % 20 === 0 ? DAY : 1000);
  }
  book.commit();
  return book;
}

function texts(state: LedgerState): string[] {
  const players = [...state.players()].map((player) => stateText({ ...player }));
  return [...players, ...[...state.objects()].map((row) => stateText(row))].sort();
}

function load(db: StateDb): LedgerState {
  const state = new LedgerState();
  for (const player of db.reader.players("", 100)) state.putPlayer(player);
  for (const [key, object] of db.reader.objects()) state.putObject(key, object);
  return state;
}

test.each([1, 7, 1000])("in steps of %d records", (size) => {
  const book = busyBook();
  const path = join(folder, "state.db");
  let db = StateDb.open(path);
  let draft = new Draft(db.store);
  for (let from = 0; from < book.records.length; from += size) {
    db.transact(() => {
      for (const { command, outcome, identity } of book.records.slice(from, from + size)) {
        apply(draft, command, outcome, identity);
      }
      draft.commit();
      const { seq, epoch, recordedAt } = db.store.head();
      const edge = new Uint8Array();
      db.putHead({ seq, epoch, reign: "", recordedAt, edge, checkpoint: `${seq}` });
    });
    if (from % (5 * size) !== 0) continue;
    db[Symbol.dispose]();
    db = StateDb.open(path);
    draft = new Draft(db.store);
  }
  expect(texts(load(db))).toEqual(texts(book.state));
  db[Symbol.dispose]();
});
