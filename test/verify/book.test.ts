/**
 * Goal: a sound book verifies, and whatever is changed in it afterwards is found and named.
 * Method: a real primary writes one book with every kind of event; copies of it are damaged in one
 * place each, in records and in every table beside them, and audited.
 */
import type { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { auditFolder } from "../../src/cli/verify/audit-folder.ts";
import { stateValue } from "../../src/ledger/index.ts";
import { betChecksum, playerChecksum, roundChecksum } from "../../src/store/state-checksum.ts";
import {
  bet,
  changeClaims,
  damage,
  deposit,
  dice,
  remove,
  rollback,
  settle,
  writeBook,
} from "./fixture.ts";

let dir = "";
const copies: string[] = [];

beforeAll(async () => {
  dir = await writeBook(async ({ append, player }) => {
    const ann = await player(1);
    const bob = await player(2);
    await player(1);
    await append(deposit(ann, 1_000), deposit(bob, 500));
    const eur = { minor: 5_000_000n, currency: "EUR" };
    const card = { amount: eur, rail: "test-card", externalId: "p1" };
    await append({ by: "cashier", ref: ann, payload: { case: "depositCaptured", value: card } });
    await append(bet(ann, "b1", "r1", 10), bet(ann, "b2", "r1", 20), settle("b1", 15));
    await append(settle("b2", 0, true), bet(ann, "b3", "r1", 5), bet(bob, "b4", "r2", 7));
    await append(rollback("b4"), rollback("b4"), rollback("b5"), bet(bob, "b5", "r3", 1));
    await append(bet(bob, "b6", "r4", 100_000), settle("b9", 1), bet(bob, "b7", "r5", 50, true));
    for (let round = 0; round < 20; round += 1) await append(dice(ann, 3), dice(bob, 2, 1_234));
    await append(bet(ann, "b8", "r6", 9));
  });
});

afterAll(() => remove(dir, ...copies));

async function audit(folder: string) {
  return (await auditFolder({ dataDir: folder, keysDir: join(folder, "keys"), waitMs: 0 })).report;
}

async function audited(file: string, how: Damage) {
  const copy = damage(dir, file, how);
  copies.push(copy);
  return audit(copy);
}

const LEDGER = "primary/ledger.db";
const STATE = "primary/state.db";

describe("a sound book", () => {
  test("verifies, and all of it is signed", async () => {
    const report = await audit(dir);
    expect(report.findings).toEqual([]);
    expect(report.gaps).toEqual([]);
    expect(report).toMatchObject({ status: "ok", players: 2, openBets: 2, epoch: 1 });
    expect(report.signed).toBe(report.records);
  });
});

type Damage = Parameters<typeof damage>[2];

const DROP_A_ROUND = "DELETE FROM rounds WHERE key = (SELECT max(key) FROM rounds)";

/** What is done to the files, and the first finding: its kind, and the record it names. */
type DamageCase = [what: string, file: string, how: Damage, kind: string, seq: number];
const DAMAGES: readonly DamageCase[] = [
  ["a record dropped", LEDGER, "DELETE FROM records_000000 WHERE seq = 9", "record_missing", 9],
  ["a cut tail", LEDGER, "DELETE FROM records_000000 WHERE seq > 60", "record_missing", 61],
  [
    "a cut tail, but for the edge of the tree",
    LEDGER,
    (db: Database): void => {
      db.run("DELETE FROM records_000000 WHERE seq > 59");
      db.run("DELETE FROM commits WHERE last_seq > 59");
      db.run("UPDATE tree SET size = 58");
      changeClaims((claims) => claims.filter(({ seq }) => seq <= 59))(db);
    },
    "edge_wrong",
    59,
  ],
  [
    "two records swapped",
    LEDGER,
    `UPDATE records_000000 SET seq = 9999 WHERE seq = 7;
     UPDATE records_000000 SET seq = 7 WHERE seq = 8;
     UPDATE records_000000 SET seq = 8 WHERE seq = 9999`,
    "record_misplaced",
    7,
  ],
  ["an event no longer readable", LEDGER, flip("event", 13, 1), "record_unreadable", 13],
  ["one bit of an event id", LEDGER, flip("event", 13, 20), "root_wrong", 11],
  ["one bit of an outcome", LEDGER, flip("outcome", 13, 1), "record_misplaced", 13],
  [
    "a cut outcome",
    LEDGER,
    "UPDATE records_000000 SET outcome = substr(outcome, 1, 13) WHERE seq = 30",
    "acceptance_unjustified",
    30,
  ],
  [
    "an outcome of another record",
    LEDGER,
    `UPDATE records_000000 SET outcome = (SELECT outcome FROM records_000000 WHERE seq = 21)
     WHERE seq = 23`,
    "record_misplaced",
    23,
  ],
  [
    "a root changed",
    LEDGER,
    "UPDATE commits SET root = zeroblob(32) WHERE last_seq = 6",
    "root_wrong",
    5,
  ],
  [
    "the last root lost",
    LEDGER,
    "DELETE FROM commits WHERE last_seq = 61",
    "checkpoint_beyond_book",
    61,
  ],
  [
    "a claim lost",
    LEDGER,
    changeClaims((claims) => claims.filter(({ seq }) => seq !== 20)),
    "claim_missing",
    20,
  ],
  [
    "a claim moved",
    LEDGER,
    changeClaims((claims) => claims.map(({ hash, seq }) => ({ hash, seq: seq === 20 ? 21 : seq }))),
    "claim_wrong",
    20,
  ],
  [
    "a claim invented",
    LEDGER,
    changeClaims((claims) => [...claims, { hash: Buffer.alloc(16, 7), seq: 12 }]),
    "claim_stray",
    12,
  ],
  ["an epoch's reign", LEDGER, "UPDATE epochs SET reign = 'x'", "epoch_row_wrong", 1],
  [
    "an identity bound to another player",
    LEDGER,
    "UPDATE identities SET player_ref = (SELECT max(player_ref) FROM identities) WHERE seq = 2",
    "identity_stray",
    2,
  ],
  [
    "a balance in state.db",
    STATE,
    "UPDATE wallets SET available = available + 1",
    "projection_row_wrong",
    7,
  ],
  [
    "a lost row in state.db",
    STATE,
    "DELETE FROM wallets WHERE currency = 'EUR'",
    "projection_row_missing",
    61,
  ],
  [
    "an identity in state.db",
    STATE,
    "UPDATE identities SET key_id = 'k2'",
    "projection_row_stray",
    61,
  ],
  ...(
    [
      ["a nonce", "UPDATE players SET nonce = nonce - 1", "projection_row_wrong", 59],
      ["a seed pair", "UPDATE players SET seed_pair = 2", "projection_row_wrong", 59],
      ["a client seed", "UPDATE players SET client_seed = 'x'", "projection_row_wrong", 59],
      ["a player lost", "DELETE FROM players WHERE nonce = 20", "projection_row_missing", 61],
      ["a round's bets", "UPDATE rounds SET open_bets = 9", "projection_row_wrong", 61],
      ["a closing round", "UPDATE rounds SET closing = 1 - closing", "projection_row_wrong", 61],
      ["a lost round", DROP_A_ROUND, "projection_row_missing", 61],
      ["a bet's round", "UPDATE bets SET round_key = 'x'", "projection_row_wrong", 61],
    ] as const
  ).map(([what, how, kind, seq]): DamageCase => [
    `${what} in state.db, checksums and all`,
    STATE,
    resummed(how),
    kind,
    seq,
  ]),
  [
    "a checkpoint's text",
    STATE,
    "UPDATE checkpoints SET note = 'no note'",
    "checkpoint_unreadable",
    0,
  ],
  ["a checkpoint's root", STATE, forgeRoot, "checkpoint_signature_wrong", 61],
];

/** Changes `state.db` as somebody would who knows how its rows are summed. */
function resummed(how: string) {
  return (db: Database): void => {
    db.run(how);
    const rows = (table: string) => db.query<any, []>(`SELECT * FROM ${table}`).all();
    const set = (table: string, key: string, of: string, sum: number) =>
      db.run(`UPDATE ${table} SET checksum = ? WHERE ${key} = ?`, [sum, of]);
    for (const { ref, operator_id, client_seed, seed_pair, extras, ...row } of rows("players")) {
      const seeds = { clientSeed: client_seed, seedPair: seed_pair, nonce: row.nonce };
      const player = { ref, operatorId: operator_id, status: row.status, ...seeds };
      set("players", "ref", ref, playerChecksum(player, extras));
    }
    for (const { key, player_ref: ref, closing, open_bets: openBets } of rows("rounds")) {
      const keys = stateValue<string[]>(openBets) ?? [];
      const round = { key, ref, closing: closing !== 0, openBets: keys };
      set("rounds", "key", key, roundChecksum(round));
    }
    for (const { key, player_ref: ref, round_key, amount, currency, funding } of rows("bets")) {
      const bet = { key, ref, roundKey: round_key, amount: BigInt(amount), currency, funding };
      set("bets", "key", key, betChecksum(bet));
    }
  };
}

function forgeRoot(db: Database): void {
  const query = "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1";
  const lines = db.query<{ note: string }, []>(query).get()!.note.split("\n");
  lines[2] = Buffer.alloc(32, 7).toString("base64");
  db.run("UPDATE head SET checkpoint = ?", [lines.join("\n")]);
}

function flip(column: "event" | "outcome", seq: number, byte: number) {
  return (db: Database): void => {
    const query = `SELECT ${column} AS bytes FROM records_000000 WHERE seq = ?`;
    const { bytes } = db.query<{ bytes: Uint8Array }, [number]>(query).get(seq)!;
    bytes[byte]! ^= 1;
    db.run(`UPDATE records_000000 SET ${column} = ? WHERE seq = ?`, [bytes, seq]);
  };
}

describe("damage", () => {
  for (const [what, file, how, kind, seq] of DAMAGES) {
    test(what, async () => {
      const report = await audited(file, how);
      expect(report.status).toBe("failed");
      expect(report.findings[0]).toMatchObject({ kind, seq });
    });
  }
});
