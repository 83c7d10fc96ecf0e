/**
 * Goal: the auditor and the ledger come to the same from every type of event, though they share no
 * code; and whatever a signer changes in a record is found at that record, but for what nothing in
 * the book contradicts.
 * Method: random books of the real ledger over the whole catalogue are audited with their claims
 * and their state. Then single fields of single records are changed, with the tree made anew.
 */
import { describe, expect, test } from "bun:test";
import { fromBinary } from "@bufbuild/protobuf";
import { Code, type PayloadType } from "../../src/ledger/index.ts";
import { OutcomeSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { anyBook } from "../ledger/any-book.ts";
import { recordBytes, type RecordBytes } from "../ledger/book-bytes.ts";
import { SEED } from "../ledger/seed.ts";
import { auditBook } from "./any-audit.ts";
import { mutate, mutations } from "./mutate.ts";

/** This machine may be busy. */
const TIMEOUT_MS = 60_000;

/** Fields whose content no rule can check, by what they are. */
const FREE_FIELDS: readonly RegExp[] = [
  // The envelope tells where an event came from; keys and names are held against claims.
  /^event\.(event_id|occurred_at|trace_id|idempotency_key|round_id|txn_id|game_id)$/,
  /^event\.(build_hash|origin|causation_id|session_id|jurisdiction|surface|actor|schema_version)/,
  // Facts, reasons and ids of others.
  /_noted\.|^event\.(consent_recorded|aml_alerted|risk_noted|round_(started|acted|reported))\./,
  /^event\.(config_changed|bet_rejected|cashier_route_switched|significant_event|player_linked)\./,
  /\.(reason|campaign|quote_id|sca_status|sca_eci|destination_hash|spend_id|reference)$/,
  /\.approvers( lost)?$/,
  // Names an object that nothing else in the record shows.
  /^event\.(deposit_captured\.(partial|external_id)|psp_fee_charged\.external_id)$/,
  /^event\.(win_rolled_back\.win_txn_id|bet_rolled_back\.bet_txn_id|round_\w+\.round_source)$/,
  /^event\.bet_(voided|resettled)\.bet_source$/,
  // What was left open anyway: a source that gave nothing, a pool that paid nothing.
  /^event\.(bet_placed\.(funding|closes_round)|round_settled\.(closes_round|jackpot_pool))$/,
  // Time comes from the writer's clock; between its neighbours any is possible.
  /^outcome\.recorded_at$/,
  // Checked when the server seed is shown.
  /^outcome\.house_round\.(roll_x100|server_seed_hash|fair_version)$/,
];

const isFree = (path: string): boolean => FREE_FIELDS.some((pattern) => pattern.test(path));

/** Books of which each is judged. */
const BOOKS = Array.from({ length: 6 }, (_, index) => {
  const any = anyBook((SEED + index * 7_919) >>> 0, 600);
  return { any, book: any.book, records: any.book.records.map(recordBytes) };
});

console.log(`TEST_SEED=${SEED}`);

describe("random books", () => {
  for (const [index, { book }] of BOOKS.entries()) {
    test(`the ledger's book ${index} is sound`, () => {
      const { findings, records } = auditBook(book);
      expect(findings).toEqual([]);
      expect(records).toBe(book.records.length);
    });
  }
});

/** A record of each type that was accepted, in a book that is no longer than needed. */
function firstOfEach(): Map<PayloadType, { book: (typeof BOOKS)[number]; at: number }> {
  const found = new Map<PayloadType, { book: (typeof BOOKS)[number]; at: number }>();
  for (const book of BOOKS) {
    for (const [at, { command, outcome }] of book.book.records.entries()) {
      const { type } = command.payload;
      if (outcome.code !== 1 || (found.get(type)?.at ?? Number.POSITIVE_INFINITY) <= at) continue;
      found.set(type, { book, at });
    }
  }
  return found;
}

test(
  "every field of an outcome of every type is checked",
  () => {
    const unseen: string[] = [];
    for (const [type, { book, at }] of firstOfEach()) {
      const before = book.records.slice(0, at);
      const paths = new Set<string>();
      for (const { record, path } of mutations(book.records[at]!, "outcome")) {
        if (isFree(path) || paths.has(path)) continue;
        paths.add(path);
        const { findings, gaps } = auditBook(book.book, [...before, record], {});
        const found =
          findings.some(({ seq, through = seq }) => seq <= at + 1 && through > at) ||
          gaps.some(({ kind }) => kind === "rules_unknown");
        if (!found) unseen.push(`${type}: ${path}`);
      }
    }
    // Nobody has met the player before; the next event about it does.
    expect(unseen.filter((one) => one !== "player_registered: outcome.player_ref")).toEqual([]);
  },
  TIMEOUT_MS,
);

test("the random books hold every type that moves something", () => {
  const found = firstOfEach();
  const rare = /_noted$|^(key_rotated|config_changed|significant_event|consent_recorded)$/;
  const missing = [...BOOKS[0]!.any.sent.keys()].filter((type) => !found.has(type));
  expect(missing.filter((type) => !rare.test(type))).toEqual([]);
  expect(found.size).toBeGreaterThan(50);
});

/** Refusals that rest on what isn't in the book: identities, rights of a credential. */
function isBelieved({ outcome }: RecordBytes): boolean {
  const { code } = fromBinary(OutcomeSchema, outcome);
  const told: number = code;
  return told === Code.PLAYER_UNKNOWN || told === Code.WIN_ABOVE_CEILING;
}

test(
  "a changed field of any record is found, there or where something rests on it",
  () => {
    const unseen = new Set<string>();
    let late = 0;
    let tries = 0;
    for (const { any, book, records } of BOOKS) {
      const random = (below: number) => any.random(below);
      for (let count = 0; count < 40; count += 1) {
        const at = random(records.length);
        const { record, path } = mutate(records[at]!, random);
        // What a refused event asked for didn't happen: only that it was refused is checked.
        const isRefused = book.records[at]!.outcome.code !== 1;
        // Nor does the book tell in which currency some refusals tell balances.
        const isLoose = path.startsWith("event.") || path === "outcome.balances lost";
        if (isFree(path) || (isRefused && (isLoose || isBelieved(record)))) continue;
        tries += 1;
        const { findings, gaps } = auditBook(book, records.with(at, record), {});
        const [first] = findings;
        if (gaps.some(({ kind }) => kind === "rules_unknown")) continue;
        if (first === undefined) unseen.add(`${path} of ${at + 1}`);
        else if (first.seq > at + 1) late += 1;
      }
    }
    expect([...unseen]).toEqual([]);
    expect(tries).toBeGreaterThan(60);
    // Such as a round that should have closed later.
    expect(late).toBeLessThan(tries / 10);
  },
  TIMEOUT_MS,
);

test("claims and state beside the records are held against them", () => {
  const [{ book, records }] = [BOOKS[0]!];
  const claims = new Map(book.claims);
  const [lost, seq] = [...claims].at(-1)!;
  book.claims.delete(lost);
  expect(auditBook(book, records).findings).toMatchObject([{ kind: "claim_missing", seq }]);
  book.claims.set("f".repeat(32), seq).set(lost, seq);
  expect(auditBook(book, records).findings).toMatchObject([{ kind: "claim_stray", seq }]);
  book.claims.delete("f".repeat(32));
  expect(auditBook(book, records).findings).toEqual([]);
});
