/**
 * Goal: a record whose bonuses don't follow from its bet is found before it enters a state.
 * Method: a book with every kind of bet from bonuses; each number that a record leaves a bonus with
 * is changed by one, and each bonus left out, one at a time.
 */
import { expect, test } from "bun:test";
import {
  apply,
  type Bonus,
  type Change,
  Code,
  Funding,
  LedgerError,
  LedgerState,
  type Outcome,
} from "../../src/ledger/index.ts";
import { end, grant, grantFree, stake } from "./bonuses.ts";
import { Book, type BookRecord } from "./book.ts";

function everyKind(): Book {
  const book = new Book();
  const ref = book.player(30n);
  grant(book, ref, "a", 100n, { wagering: 1000n });
  grant(book, ref, "b", 100n, { wagering: 5n });
  grantFree(book, ref, "f", 50n, { winWageringX100: 300 });
  stake(book, ref, "mixed", 150n);
  stake(book, ref, "free", 20n, Funding.FREE);
  stake(book, ref, "back", 10n, Funding.BONUS);
  book.settle("mixed", 301n);
  book.settle("free", 33n);
  book.rollBack("back");
  book.dice(ref, 200n);
  end(book, ref, "bonus_forfeited", "f");
  return book;
}

/** The state just before a record. */
function before(records: readonly BookRecord[], seq: number): LedgerState {
  const state = new LedgerState();
  for (const { command, outcome } of records.slice(0, seq - 1)) apply(state, command, outcome);
  return state;
}

/** What a changed record is refused as; undefined when it is taken. */
function refused(book: Book, record: BookRecord, changes: readonly Change[]): string | undefined {
  const { command, outcome } = record;
  const wrong: Outcome = { ...outcome, changes: changes.length === 0 ? undefined : changes };
  try {
    apply(before(book.records, outcome.seq), command, wrong);
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

const book = everyKind();
const changing = book.records.filter(({ outcome }) => outcome.changes !== undefined);

test("every kind of record is there", () => {
  expect(changing.map(({ outcome }) => outcome.code)).toEqual(changing.map(() => Code.OK));
  expect(new Set(changing.map(({ command }) => command.payload.type))).toEqual(
    new Set([
      "bonus_granted",
      "free_bets_granted",
      "bet_placed",
      "round_settled",
      "bet_rolled_back",
      "house_round",
      "bonus_forfeited",
    ]),
  );
});

test.each(["remaining", "staked", "version"] as const)("another %s is found", (field) => {
  for (const record of changing) {
    const changes = record.outcome.changes as readonly Bonus[];
    for (const [at, bonus] of changes.entries()) {
      for (const by of [1, -1]) {
        const value = field === "version" ? bonus.version + by : bonus[field] + BigInt(by);
        const wrong = changes.with(at, { ...bonus, [field]: value });
        // A grant's version and stake hang on nothing: any version above 0 may be the first seen.
        const { type } = record.command.payload;
        if (type.endsWith("granted") && by === 1 && field !== "remaining") continue;
        // What a bonus that only counts wagering has in bets is no other record's business.
        const code = refused(book, record, wrong);
        expect([type, bonus.key, field, by, code !== undefined]).toEqual([
          type,
          bonus.key,
          field,
          by,
          true,
        ]);
      }
    }
  }
});

test.each<[string, Partial<Bonus>]>([
  ["player", { ref: "another" }],
  ["currency", { currency: "USD" }],
  ["key", { key: "none" }],
])("another %s is found", (_, change) => {
  for (const record of changing) {
    const { type } = record.command.payload;
    // A grant names its bonus itself.
    if (type.endsWith("granted") && change.ref === undefined) continue;
    const changes = record.outcome.changes as readonly Bonus[];
    for (const [at, bonus] of changes.entries()) {
      if (type === "bonus_forfeited" && change.ref === undefined && bonus.remaining === 0n)
        continue;
      const code = refused(book, record, changes.with(at, { ...bonus, ...change }));
      expect([type, bonus.key, code]).toEqual([type, bonus.key, expect.any(String)]);
    }
  }
});

test("a bonus left out of a bet is found", () => {
  for (const record of changing) {
    const { type } = record.command.payload;
    if (!["bet_placed", "bet_rolled_back"].includes(type)) continue;
    const changes = record.outcome.changes!;
    for (const at of changes.keys()) {
      expect(refused(book, record, changes.toSpliced(at, 1))).toEqual(expect.any(String));
    }
  }
});
