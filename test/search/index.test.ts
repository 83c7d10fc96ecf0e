/**
 * Goal: rows depend on the records alone, and bets are followed through every kind of correction,
 * also by rules that come later.
 * Method: records made by hand, with the postings that the chart of accounts prescribes.
 */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  AccountKind as Kind,
  Code,
  emptyRoot,
  leafHash,
  TreeEdge,
  type Outcome,
  type Payload,
} from "../../src/ledger/index.ts";
import { searchHash, SearchIndex } from "../../src/search/index.ts";
import { packId } from "../../src/store/search-keys.ts";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { TailFault, type TailRecord } from "../../src/wire/index.ts";

const REF = "01980a4b-5c7e-7d31-9b1f-3f0a2c9d8e71";
const dir = mkdtempSync(join(tmpdir(), "countroom-index-"));
let files = 0;
const opened: SearchIndex[] = [];
afterEach(() => {
  for (const index of opened.splice(0)) index.close();
});
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));

function newIndex(): SearchIndex {
  const index = SearchIndex.open(join(dir, `${(files += 1)}.db`));
  opened.push(index);
  return index;
}

type Lines = readonly (readonly [account: number, minor: bigint, currency?: string])[];

/** Writes a book by hand. */
class Pen {
  readonly records: TailRecord[] = [];
  readonly #edge = new TreeEdge();
  #cash = 0n;

  constructor() {
    const start = { reign: "a".repeat(32), previousEpoch: 0, previousSize: 0, reason: "genesis" };
    const payload = { type: "epoch_started", ...start, previousRoot: emptyRoot() } as Payload;
    this.add(payload, [], { playerRef: "", operatorId: "", source: "primary" });
  }

  add(
    payload: Payload | { readonly type: string; readonly [field: string]: unknown },
    postings: Lines,
    more: Partial<TailRecord["command"]> & { readonly roundClosed?: boolean; code?: Code } = {},
  ): number {
    const seq = this.records.length + 1;
    const { playerRef = REF, operatorId = "demo", source = "studio" } = more;
    const { txnId = "", roundId = "", roundClosed = false, code = Code.OK } = more;
    for (const [account, minor, currency] of postings) {
      if (account === Kind.PLAYER_CASH && currency === undefined) this.#cash += minor;
    }
    const outcome: Outcome = {
      seq,
      epoch: 1,
      recordedAt: 1_000 * seq,
      code,
      operatorId,
      source,
      playerRef,
      logicVersion: 1,
      roundClosed,
      postings: postings.map(([account, minor, currency = "FUN"]) => {
        return {
          account: account as Outcome["postings"][number]["account"],
          minor,
          currency,
          qualifier: "",
        };
      }),
      balances: [{ currency: "FUN", available: this.#cash, bonus: 0n, held: 0n, version: seq }],
    } as Outcome;
    const { type, ...value } = payload;
    const event = create(EventSchema, {
      eventId: `0198000b-0000-7000-8000-${String(seq).padStart(12, "0")}`,
      txnId,
      roundId,
    });
    Object.assign(event, { payload: { case: type, value } });
    const command = {
      operatorId,
      source,
      idempotencyKey: `k${seq}`,
      playerRef,
      roundId,
      txnId,
      gameId: "",
      payload: payload as Payload,
    };
    const leaf = leafHash(Buffer.from(String(seq)), Buffer.from("o"));
    this.#edge.append(leaf);
    this.records.push({ event, command, outcome, leaf, identity: undefined });
    return seq;
  }

  bet(txnId: string, roundId: string, stake: bigint, source = "studio"): number {
    const lines: Lines = [
      [Kind.PLAYER_CASH, -stake],
      [Kind.ROUND_ESCROW, stake],
    ];
    return this.add({ type: "bet_placed" }, lines, { txnId, roundId, source });
  }

  settle(betTxnId: string, stake: bigint, win: bigint, txnId = `${betTxnId}-win`): number {
    return this.add({ type: "round_settled", betTxnId }, settled(stake, win), { txnId });
  }
}

const settled = (stake: bigint, win: bigint): Lines => [
  [Kind.ROUND_ESCROW, -stake],
  [Kind.REV_BETS, stake],
  [Kind.REV_WINS, -win],
  [Kind.PLAYER_CASH, win],
];
const mirrored = (stake: bigint, win: bigint): Lines => [
  ...settled(stake, win).map(([account, minor]) => [account, -minor] as const),
  [Kind.ROUND_ESCROW, -stake],
  [Kind.PLAYER_CASH, stake],
];

function written(pen: Pen, chunk = 1_000): SearchIndex {
  const index = newIndex();
  for (let at = 0; at < pen.records.length; at += chunk) {
    index.apply(pen.records.slice(at, at + chunk));
  }
  return index;
}

const betOf = (index: SearchIndex, seq: number) => {
  const { stake, held, turnover, won } = index.reader.bet(seq)!;
  return { stake, held, turnover, won };
};

test("corrections leave a bet as its postings say, whoever brings them", () => {
  const pen = new Pen();
  pen.add({ type: "deposit_captured" }, [[Kind.PLAYER_CASH, 1_000n]]);
  const [won, voidOpen, voidSettled, again, taken, free] = ["a", "b", "c", "d", "e", "f"].map(
    (txn) => pen.bet(txn, "r1", 10n),
  ) as [number, number, number, number, number, number];
  pen.settle("a", 10n, 25n);
  pen.add(
    { type: "bet_voided", betTxnId: "b", betSource: "studio" },
    [
      [Kind.ROUND_ESCROW, -10n],
      [Kind.PLAYER_CASH, 10n],
    ],
    { source: "desk" },
  );
  pen.settle("c", 10n, 30n);
  pen.add({ type: "bet_voided", betTxnId: "c", betSource: "studio" }, mirrored(10n, 30n), {
    source: "desk",
  });
  pen.settle("d", 10n, 0n);
  const resettled = pen.add({ type: "bet_resettled", betTxnId: "d" }, [
    ...mirrored(10n, 0n).slice(0, 4),
    ...settled(10n, 40n),
  ]);
  pen.settle("e", 10n, 50n, "e-win");
  pen.add({ type: "win_rolled_back", winTxnId: "e-win" }, [
    [Kind.PLAYER_CASH, -30n],
    [Kind.ASSET_PLAYER_DEBT, -20n],
    [Kind.REV_WINS, 50n],
  ]);
  pen.add({ type: "round_settled", betTxnId: "f" }, [
    ...settled(10n, 3n),
    [Kind.LIAB_JACKPOT, -7n],
    [Kind.PLAYER_CASH, 7n],
  ]);
  const index = written(pen);
  const of = (seq: number) => betOf(index, seq);
  expect(of(won)).toEqual({ stake: 10n, held: 0n, turnover: 10n, won: 25n });
  expect(of(voidOpen)).toEqual({ stake: 10n, held: 0n, turnover: 0n, won: 0n });
  expect(of(voidSettled)).toEqual({ stake: 10n, held: 0n, turnover: 0n, won: 0n });
  expect(of(again)).toEqual({ stake: 10n, held: 0n, turnover: 10n, won: 40n });
  expect(of(taken)).toEqual({ stake: 10n, held: 0n, turnover: 10n, won: 0n });
  expect(of(free)).toEqual({ stake: 10n, held: 0n, turnover: 10n, won: 10n });
  // A correction belongs to the round of its bet, though it names none.
  expect(index.reader.record(resettled)!.round).toBe("r1");
  expect(index.reader.openBets(1, 1, packId("r1")!)).toEqual([]);
  const debt = index.reader.lines(1, { from: 1, to: index.seq }, "desc");
  const lines = [...debt].filter(({ account }) => account % 8 === 4);
  expect(lines.map(({ amount, balance }) => [amount, balance])).toEqual([[-20n, -20n]]);
});

test("one record may resolve all open bets of a round, and no others", () => {
  const pen = new Pen();
  pen.add({ type: "deposit_captured" }, [[Kind.PLAYER_CASH, 1_000n]]);
  const lost = [pen.bet("a", "r1", 10n), pen.bet("b", "r1", 20n)];
  const other = pen.bet("a", "r1", 5n, "lobby");
  const voided = [pen.bet("x", "r2", 30n)];
  const roundClosed = true;
  pen.add(
    { type: "round_closed" },
    [
      [Kind.ROUND_ESCROW, -10n],
      [Kind.REV_BETS, 10n],
      [Kind.ROUND_ESCROW, -20n],
      [Kind.REV_BETS, 20n],
    ],
    { roundId: "r1", roundClosed },
  );
  pen.add(
    { type: "round_voided", roundSource: "studio" },
    [
      [Kind.ROUND_ESCROW, -30n],
      [Kind.PLAYER_CASH, 30n],
    ],
    { roundId: "r2", source: "desk", roundClosed },
  );
  for (const chunk of [1_000, 1]) {
    const index = written(pen, chunk);
    expect(lost.map((seq) => betOf(index, seq))).toEqual([
      { stake: 10n, held: 0n, turnover: 10n, won: 0n },
      { stake: 20n, held: 0n, turnover: 20n, won: 0n },
    ]);
    expect(betOf(index, other).held).toBe(5n);
    expect(betOf(index, voided[0]!)).toEqual({ stake: 30n, held: 0n, turnover: 0n, won: 0n });
  }
});

test("rows are the same however records are cut, and after every restart", () => {
  const pen = new Pen();
  pen.add({ type: "deposit_captured" }, [[Kind.PLAYER_CASH, 100_000n]]);
  for (let round = 0; round < 200; round += 1) {
    const stake = BigInt(1 + (round % 7));
    pen.bet(`b${round}`, `r${round % 50}`, stake);
    if (round % 3 === 0) pen.settle(`b${round}`, stake, BigInt(round % 5));
    if (round > 20 && round % 5 === 1) {
      pen.add(
        { type: "bet_rolled_back", betTxnId: `b${round}` },
        round % 3 === 0
          ? []
          : [
              [Kind.ROUND_ESCROW, -stake],
              [Kind.PLAYER_CASH, stake],
            ],
      );
    }
  }
  const hashes = new Set<string>();
  for (const chunk of [1, 2, 7, 64, 1_000]) hashes.add(written(pen, chunk).contentHash());
  const path = join(dir, "restarts.db");
  for (let at = 0; at < pen.records.length; at += 31) {
    using index = SearchIndex.open(path);
    expect(index.seq).toBe(at);
    index.apply(pen.records.slice(at, at + 31), pen.records.length);
  }
  const content = searchHash(path)!;
  expect([content.seq, content.proven]).toEqual([pen.records.length, pen.records.length]);
  hashes.add(content.hash);
  expect(hashes.size).toBe(1);
  // The hash sees a single amount.
  const last = written(pen);
  const before = last.contentHash();
  last.apply([new Pen().records[0]!].slice(1));
  expect(last.contentHash()).toBe(before);
  pen.bet("one-more", "r", 1n);
  expect(written(pen).contentHash()).not.toBe(before);
});

test("what came and went leaves no trace, whether in one transaction or in several", () => {
  const pen = new Pen();
  pen.add({ type: "deposit_captured" }, [[Kind.PLAYER_CASH, 100n]]);
  pen.bet("a", "r", 5n);
  pen.settle("a", 5n, 7n);
  expect(written(pen, 1).contentHash()).toBe(written(pen).contentHash());
});

test("records that don't come next change nothing", () => {
  const pen = new Pen();
  pen.add({ type: "deposit_captured" }, [[Kind.PLAYER_CASH, 100n]]);
  pen.bet("a", "r", 1n);
  const index = newIndex();
  expect(() => index.apply(pen.records.slice(1))).toThrow(TailFault);
  const fresh = written(pen);
  expect(() => fresh.apply(pen.records.slice(0, 1))).toThrow(TailFault);
  expect(searchHash(fresh.path)!.seq).toBe(3);
});
