/**
 * Goal: whoever holds the signing key and rewrites the book consistently is still found, because
 * the rules are derived again; and no single bit of a record can change unnoticed.
 * Method: records of a real book are changed one at a time, then tree, roots and checkpoints are
 * made anew over them; for single bits, roots and checkpoints stay.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { join } from "node:path";
import { loadKeys } from "../../src/access/index.ts";
import {
  folderNotes,
  ledgerEnd,
  openFolderLedger,
  storedBook,
} from "../../src/cli/verify/stored-book.ts";
import { leafHash, TreeEdge } from "../../src/ledger/index.ts";
import { Audit, type AuditReport, type StoredBook } from "../../src/verify/index.ts";
import {
  type Event,
  EventSchema,
  RoundSettledSchema,
} from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { AccountKind } from "../../src/wire/gen/countroom/v1/money_pb.ts";
import { Code, type Outcome, OutcomeSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { parseCheckpoint, signCheckpoint } from "../../src/wire/index.ts";
import { bet, deposit, dice, identityOf, remove, rollback, settle, writeBook } from "./fixture.ts";

interface Held {
  readonly seq: number;
  event: Uint8Array;
  outcome: Uint8Array;
}

let dir = "";
let size = 0;
let whole: { records: Held[]; book: StoredBook; notes: string[] };

/** Places of the records that the forgeries change. */
const SEQ = {
  ann: 2,
  deposit: 4,
  bet: 5,
  bet2: 6,
  settled: 7,
  undone: 9,
  late: 10,
  poor: 11,
  dice: 12,
};

beforeAll(async () => {
  dir = await writeBook(async ({ append, player }) => {
    const ann = await player(1);
    await player(2);
    await append(deposit(ann, 100), bet(ann, "b1", "r1", 10), bet(ann, "b2", "r1", 20));
    await append(settle("b1", 15), rollback("b2"), rollback("b3"), bet(ann, "b3", "r2", 5));
    await append(bet(ann, "b4", "r2", 1_000), dice(ann, 3), dice(ann, 3), dice(ann, 4, 9_000));
  });
  using ledger = openFolderLedger(dir);
  const book = storedBook(ledger, ledgerEnd(ledger).tree);
  const all = Number.MAX_SAFE_INTEGER;
  const records = [...book.records(1, 1_000)].map((record) => ({ ...record }));
  const roots = [...book.roots(1, 1_000)];
  const identities = [...book.identities(1, 1_000)];
  const claims = [...book.claims()];
  const epochs = book.epochs();
  size = records.length;
  whole = {
    records,
    notes: folderNotes(dir),
    book: {
      records: () => records,
      roots: (from) => roots.filter((root) => root.size >= from && root.size <= all),
      identities: () => identities,
      claims: () => claims,
      epochs: () => epochs,
    },
  };
});

afterAll(() => remove(dir));

const keys = () => loadKeys(join(dir, "keys")).signing;

function audit(book: StoredBook, notes: readonly string[]): AuditReport {
  const run = new Audit(book, { publicKeys: [{ key: keys().publicKey }] });
  run.addNotes(notes);
  run.advance(size);
  return run.finish();
}

/** The book with one record changed, and everything that is signed made anew. */
function forge(seq: number, change: (outcome: Outcome, event: Event) => void): AuditReport {
  const records = whole.records.map((record) => {
    if (record.seq !== seq) return record;
    const event = fromBinary(EventSchema, record.event);
    const outcome = fromBinary(OutcomeSchema, record.outcome);
    change(outcome, event);
    const bytes = {
      event: toBinary(EventSchema, event),
      outcome: toBinary(OutcomeSchema, outcome),
    };
    return { seq, ...bytes };
  });
  const tree = new TreeEdge();
  for (const { event, outcome } of records) tree.append(leafHash(event, outcome));
  const newest = whole.notes.at(-1) as string;
  const text = parseCheckpoint(newest.slice(0, newest.indexOf("\n\n") + 1));
  const note = signCheckpoint({ ...text, root: tree.root() }, keys().privateKey);
  const roots = [{ size, root: tree.root() }];
  return audit({ ...whole.book, records: () => records, roots: () => roots }, [note]);
}

const post = (outcome: Outcome, index: number, minor: bigint): void => {
  const posting = outcome.postings[index];
  if (posting === undefined) throw new Error("no such posting");
  posting.minor += minor;
};

type Forgery = [what: string, seq: number, change: Parameters<typeof forge>[1], kind: string];

const FORGERIES: readonly Forgery[] = [
  ["money out of nothing", SEQ.deposit, (o) => post(o, 1, 1n), "postings_unbalanced"],
  [
    "another amount than the event's",
    SEQ.deposit,
    (o) => {
      post(o, 0, -1n);
      post(o, 1, 1n);
      o.balances[0]!.available += 1n;
    },
    "postings_wrong",
  ],
  [
    "a payment by another rail",
    SEQ.deposit,
    (o) => (o.postings[0]!.qualifier = "test-card"),
    "postings_wrong",
  ],
  [
    "a balance that isn't the sum",
    SEQ.deposit,
    (o) => (o.balances[0]!.available += 1n),
    "balance_wrong",
  ],
  ["a version left out", SEQ.deposit, (o) => (o.balances[0]!.version += 1n), "balance_wrong"],
  ["a silent balance", SEQ.deposit, (o) => (o.balances = []), "balance_missing"],
  ["a refusal of what was affordable", SEQ.bet, refuse, "refusal_unjustified"],
  [
    "a refusal that takes the stake",
    SEQ.poor,
    (o) =>
      o.postings.push(...fromBinary(OutcomeSchema, whole.records[SEQ.bet - 1]!.outcome).postings),
    "refusal_has_effect",
  ],
  ["an overdraft", SEQ.poor, (o) => accept(o, 1_000_000_000n), "balance_negative"],
  ["a bet after its rollback", SEQ.late, (o) => accept(o, 5_000_000n), "bet_tombstone_ignored"],
  [
    "a second settlement of a bet",
    SEQ.undone,
    (_, e) => {
      const win = { minor: 0n, currency: "FUN" };
      const value = create(RoundSettledSchema, { betTxnId: "b1", win });
      e.payload = { case: "roundSettled", value };
    },
    "acceptance_unjustified",
  ],
  [
    "a round closed over an open bet",
    SEQ.settled,
    (o) => (o.roundClosed = true),
    "round_holds_escrow",
  ],
  [
    "a settlement of another source",
    SEQ.settled,
    (o) => (o.source = "api-cashier"),
    "acceptance_unjustified",
  ],
  ["a key used twice", SEQ.bet2, (_, e) => (e.idempotencyKey = "key-4"), "key_reused"],
  ["time that stands still", SEQ.bet2, (o) => (o.recordedAt -= 10_000_000n), "time_not_rising"],
  ["an epoch nobody started", SEQ.bet2, (o) => (o.epoch = 2n), "epoch_wrong"],
  ["another operator", SEQ.bet2, (_, e) => (e.operatorId = "other"), "credential_mismatch"],
  [
    "an identity in the event",
    SEQ.ann,
    (_, e) => (e.sessionId = Buffer.from(identityOf(1).hash).toString("hex")),
    "identity_in_bytes",
  ],
  [
    "a field nobody knows",
    SEQ.bet2,
    (_, e) => (e.$unknown = [{ no: 900, wireType: 0, data: new Uint8Array([1]) }]),
    "record_unknown_field",
  ],
  ["a roll out of range", SEQ.dice, (o) => house(o, { rollX100: 10_001 }), "game_arithmetic_wrong"],
  [
    "a kinder multiplier",
    SEQ.dice,
    (o) => house(o, { multiplierX100: 199n }),
    "game_arithmetic_wrong",
  ],
  ["a nonce used again", SEQ.dice + 1, (o) => house(o, { nonce: 0n }), "nonce_reused"],
  [
    "another server seed",
    SEQ.dice + 1,
    (o) => house(o, { serverSeedHash: new Uint8Array(32) }),
    "server_seed_changed",
  ],
];

function refuse(outcome: Outcome): void {
  outcome.code = Code.FUNDS_INSUFFICIENT;
  outcome.postings = [];
  const balance = outcome.balances[0]!;
  balance.available += balance.held;
  balance.held = 0n;
  balance.version -= 1n;
}

function accept(outcome: Outcome, minor: bigint): void {
  outcome.code = Code.OK;
  const [cash, escrow] = fromBinary(OutcomeSchema, whole.records[SEQ.bet - 1]!.outcome).postings;
  outcome.postings = [
    { ...cash!, account: AccountKind.PLAYER_CASH, minor: -minor },
    { ...escrow!, account: AccountKind.ROUND_ESCROW, minor },
  ];
}

function house(outcome: Outcome, change: object): void {
  if (outcome.detail.case !== "houseRound") throw new Error("no house round");
  Object.assign(outcome.detail.value, change);
}

describe("a book forged by somebody who can sign", () => {
  test("nothing is found when nothing was changed", () => {
    expect(forge(0, () => {})).toMatchObject({ status: "ok", findings: [] });
  });

  for (const [what, seq, change, kind] of FORGERIES) {
    test(what, () => {
      const report = forge(seq, change);
      expect(report.status).toBe("failed");
      const found = report.findings.filter((finding) => finding.kind === kind);
      expect(found.map((finding) => finding.through ?? finding.seq)).toContain(seq);
    });
  }
});

describe("a single bit", () => {
  test("of any record is found, and a finding's range holds the record", () => {
    const seed = Number(process.env.TEST_SEED ?? 1);
    let state = seed >>> 0 || 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    console.log(`bits flipped by seed ${seed}`);
    for (let round = 0; round < 300; round += 1) {
      const seq = 1 + random(size);
      const part = random(2) === 0 ? "event" : "outcome";
      const records = whole.records.map((record) => ({ ...record }));
      const bytes = Uint8Array.from(records[seq - 1]![part]);
      const at = random(bytes.length);
      bytes[at]! ^= 1 << random(8);
      records[seq - 1]![part] = bytes;
      const report = audit({ ...whole.book, records: () => records }, whole.notes);
      const first = report.findings[0];
      const where = `${part} ${seq}, byte ${at}: ${JSON.stringify(first)}`;
      expect(report.status, where).toBe("failed");
      // A rule may notice only a record or two later; what was committed and signed encloses both.
      const range = report.findings.find(
        (found) => found.seq <= seq && (found.through ?? found.seq) >= seq,
      );
      expect(range, where).toBeDefined();
      expect(first!.seq, where).toBeLessThanOrEqual(Math.max(seq, range!.through ?? range!.seq));
    }
  });
});

describe("what can't be proven is said", () => {
  test("without the key, without checkpoints, with an unsigned tail", () => {
    const run = new Audit(whole.book);
    run.addNotes(whole.notes);
    run.advance(size);
    expect(run.finish()).toMatchObject({
      status: "incomplete",
      gaps: [{ kind: "public_key_missing" }],
    });
    expect(audit(whole.book, [])).toMatchObject({
      status: "incomplete",
      gaps: [{ kind: "checkpoints_missing" }],
    });
    const early = whole.notes.filter((note) => note.split("\n")[1] !== String(size));
    expect(audit(whole.book, early)).toMatchObject({
      status: "incomplete",
      signed: 1,
      gaps: [{ kind: "tail_unsigned" }],
    });
    const empty = { ...whole.book, records: () => [], claims: () => [], epochs: () => [] };
    const nothing = new Audit(empty, { publicKeys: [{ key: keys().publicKey }] });
    nothing.advance(0);
    expect(nothing.finish()).toMatchObject({
      status: "incomplete",
      gaps: [{ kind: "book_empty" }],
    });
  });
});
