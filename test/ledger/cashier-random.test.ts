/**
 * Goal: whatever the cashier sends, in whatever order, money is neither made nor lost, and every
 * object is found again once it is over.
 * Method: random events over few names, in random groups of commits; after each record the sums of
 * accounts against objects and against what the receipts said; at the end the state is rebuilt from
 * records. The generator must reach every code of every type.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  Code,
  DepositStage,
  type Outcome,
  type Payload,
  PRECEDENCE,
  WithdrawalStage,
} from "../../src/ledger/index.ts";
import { Book, refOf } from "./book.ts";
import { eur, house, MAX, RAIL, say, settleAccounts } from "./cashier.ts";
import { seeded } from "./seed.ts";

const RUNS = 150;
const STEPS_MAX = 120;
const TIMEOUT_MS = 60_000;

const minor = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt(1n, 40n) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 53n + 1n, 2n ** 62n, MAX - 1n, MAX) },
);
const some = fc.option(minor, { nil: undefined, freq: 2 });
const payment = fc.constantFrom("x1", "x2", "x3", "x4");
const hold = fc.constantFrom("w1", "w2", "w3", "w4");
const player = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 2).map(refOf) },
  { weight: 1, arbitrary: fc.constant(refOf(99)) },
);
/** Microseconds from the first record; a book goes on by one for each. */
const soon = fc.integer({ min: 1, max: STEPS_MAX });
const depositStage = fc.constantFrom(
  ...[DepositStage.CREATED, DepositStage.PENDING, DepositStage.AUTHORIZED],
  ...[DepositStage.SETTLED, DepositStage.EXPIRED, DepositStage.FAILED],
);
const stage = fc.constantFrom(...Object.values(WithdrawalStage));

interface Step {
  readonly payload: Payload;
  /** Named when the type needs it, or for the fun of it. */
  readonly playerRef: string;
  readonly txnId: string;
}

const NAMED: ReadonlySet<string> = new Set([
  ...["deposit_captured", "suspense_matched", "withdrawal_requested"],
  ...["debt_recovered", "debt_written_off", "adjustment_posted", "deposit_advanced"],
]);
const start = new Book().context().recordedAt;
const approvers = ["ann", "bob"];

const payload: fc.Arbitrary<Payload> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(payment, minor, fc.boolean()).map((of) => say.captured(...of)) },
  fc.tuple(payment, depositStage, fc.constantFrom(5n, 5n, 6n)).map((of) => say.advanced(...of)),
  ...(["deposit_refunded", "deposit_charged_back", "deposit_suspended"] as const).map((type) =>
    fc.tuple(payment, minor).map(([name, much]) => say.payment(type, name, much)),
  ),
  { weight: 2, arbitrary: fc.tuple(payment, minor).map((of) => say.matched(...of)) },
  fc
    .tuple(fc.constantFrom("debt_recovered", "debt_written_off"), minor)
    .map((of) => say.debt(...of)),
  {
    weight: 3,
    arbitrary: fc.tuple(minor, soon).map(([much, at]) => say.requested(much, start + at)),
  },
  minor.map((much) => say.requested(much)),
  fc.tuple(hold, stage).map((of) => say.stage(...of)),
  { weight: 3, arbitrary: fc.tuple(hold, some).map((of) => say.submitted(...of)) },
  fc.tuple(hold, some, fc.constantFrom(0n, 3n)).map((of) => say.settled(...of)),
  ...(["withdrawal_failed", "withdrawal_released", "withdrawal_reversed"] as const).map((type) =>
    fc.tuple(hold, some).map(([name, much]) => say.ended(type, name, much)),
  ),
  hold.map((name) => say.expired(name)),
  fc
    .tuple(
      hold,
      fc.oneof(
        soon.map((at) => start + at),
        fc.constant(0),
      ),
    )
    .map((of) => say.extended(...of)),
  fc.tuple(minor, fc.boolean()).map(([much, debit]) => {
    const rest = { debit, reason: "", approvers, correctionOf: 0 };
    return { type: "adjustment_posted", amount: eur(much), ...rest } as const;
  }),
);
const step: fc.Arbitrary<Step> = fc.record({
  payload,
  playerRef: fc.oneof({ weight: 1, arbitrary: player }, { weight: 1, arbitrary: fc.constant("") }),
  txnId: hold,
});

const met = new Set<string>();

/** What came in by the rail and didn't go out, as the records say. */
class Flow {
  clearing = 0n;

  take({ postings }: Outcome): void {
    for (const { account, qualifier, minor: much } of postings) {
      if (account === 10 && qualifier === RAIL) this.clearing += much;
    }
  }
}

function send(book: Book, { payload: sent, playerRef, txnId }: Step): Outcome | undefined {
  const { type } = sent;
  const ref = type === "deposit_suspended" ? "" : playerRef;
  const named = NAMED.has(type) && ref === "" ? refOf(1) : ref;
  const { outcome } = book.do({ source: "c", playerRef: named, txnId, payload: sent });
  if (outcome !== undefined) met.add(`${type} ${outcome.code}`);
  return outcome;
}

test(
  "random events of the cashier",
  () => {
    const run = fc.array(fc.tuple(step, fc.boolean()), { minLength: 20, maxLength: STEPS_MAX });
    fc.assert(
      fc.property(run, (steps) => {
        const book = new Book();
        book.player(0n);
        book.player(0n);
        const flow = new Flow();
        for (const [one, commits] of steps) {
          const outcome = send(book, one);
          if (outcome !== undefined) flow.take(outcome);
          if (commits) book.commit();
        }
        settleAccounts(book);
        expect(house(book, "ASSET_PSP_CLEARING", RAIL)).toBe(flow.clearing);
        expect(total(book)).toBe(0n);
      }),
      seeded(RUNS),
    );
  },
  TIMEOUT_MS,
);

/** All accounts of the operator and its players in euros. */
function total(book: Book): bigint {
  let sum = 0n;
  for (const [key, minor] of book.state.houseAccounts()) {
    if (key.split("|")[2] === "EUR") sum += minor;
  }
  for (const { accounts } of book.state.players()) {
    for (const { currency, available, bonus, held } of accounts) {
      if (currency === "EUR") sum += available + bonus + held;
    }
  }
  return sum;
}

/** Codes that need no limits of players, and that no run came to. */
function missed(): string[] {
  const elsewhere = /^(PLAYER_(?!UNKNOWN)|LIMIT_|ACCOUNT_|RECORD_)/;
  const types = [
    ...new Set([...met].map((one) => one.split(" ")[0]!)),
  ] as (keyof typeof PRECEDENCE)[];
  const wanted = types.flatMap((type) => PRECEDENCE[type].map((code) => [type, code] as const));
  return wanted
    .filter(([type, code]) => !met.has(`${type} ${code}`))
    .map(([type, code]) => `${type} ${Object.entries(Code).find(([, n]) => n === code)?.[0]}`)
    .filter((name) => !elsewhere.test(name.split(" ")[1]!));
}
