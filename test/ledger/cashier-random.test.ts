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
  AccountKind,
  Code,
  DepositStage,
  type Outcome,
  type Payload,
  type PayloadType,
  PRECEDENCE,
  WithdrawalStage,
} from "../../src/ledger/index.ts";
import { Book, refOf } from "./book.ts";
import { eur, house, MAX, RAIL, say, settleAccounts } from "./cashier.ts";
import { seeded } from "./seed.ts";

const RUNS = 200;
const STEPS_MAX = 120;
const TIMEOUT_MS = 60_000;

/** Stands for all the room that a player's account has left, or for all that is in it. */
const FILL = 0n;
const minor = fc.oneof(
  { weight: 16, arbitrary: fc.bigInt(1n, 20n) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 53n + 1n, 2n ** 62n, MAX - 1n, MAX) },
);
const some = fc.option(minor, { nil: undefined, freq: 2 });
const payment = fc.constantFrom("x1", "x2", "x3");
/** The withdrawal requested last, the one before, and so on; "none" is none. */
const hold = fc.constantFrom("0", "0", "1", "2", "3", "none");
const player = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 1, 1, 2).map(refOf) },
  { weight: 1, arbitrary: fc.constant(refOf(99)) },
);
/** Microseconds from then; each record takes one. */
const soon = fc.integer({ min: 1, max: 12 });
const { CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED } = DepositStage;
const depositStage = fc.constantFrom(CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED);
const stage = fc.constantFrom(...Object.values(WithdrawalStage));

interface Step {
  readonly payload: Payload;
  /** Named when the type needs it, or for the fun of it. */
  readonly playerRef: string;
  readonly txnId: string;
  readonly currency: string;
  readonly commits: boolean;
}

const NAMED: ReadonlySet<string> = new Set([
  "deposit_captured",
  "deposit_advanced",
  "suspense_matched",
  "withdrawal_requested",
  "debt_recovered",
  "debt_written_off",
  "adjustment_posted",
]);
const approvers = ["ann", "bob"];

const often = (weight: number, arbitrary: fc.Arbitrary<Payload>) => ({ weight, arbitrary });
const payload: fc.Arbitrary<Payload> = fc.oneof(
  often(
    4,
    fc.tuple(payment, minor, fc.boolean()).map((of) => say.captured(...of)),
  ),
  often(
    3,
    minor.map((much) => say.captured("", much)),
  ),
  often(1, fc.constant(say.captured("", FILL))),
  often(
    1,
    fc.tuple(payment, depositStage, fc.constantFrom(5n, 6n)).map((of) => say.advanced(...of)),
  ),
  ...(["deposit_refunded", "deposit_charged_back", "deposit_suspended"] as const).map((type) =>
    often(
      2,
      fc.tuple(payment, minor).map(([name, much]) => say.payment(type, name, much)),
    ),
  ),
  often(
    3,
    fc.tuple(payment, minor).map((of) => say.matched(...of)),
  ),
  ...(["debt_recovered", "debt_written_off"] as const).map((type) =>
    often(
      1,
      minor.map((much) => say.debt(type, much)),
    ),
  ),
  often(
    6,
    fc.tuple(minor, fc.oneof(soon, fc.constant(0))).map((of) => say.requested(...of)),
  ),
  often(
    2,
    fc.tuple(hold, stage).map((of) => say.stage(...of)),
  ),
  often(
    6,
    fc.tuple(hold, some).map((of) => say.submitted(...of)),
  ),
  often(
    3,
    fc.tuple(hold, some, fc.constantFrom(0n, 3n)).map((of) => say.settled(...of)),
  ),
  ...(["withdrawal_failed", "withdrawal_released", "withdrawal_reversed"] as const).map((type) =>
    often(
      2,
      fc.tuple(hold, some).map(([name, much]) => say.ended(type, name, much)),
    ),
  ),
  often(
    2,
    hold.map((name) => say.expired(name)),
  ),
  often(
    2,
    fc.tuple(hold, fc.oneof(soon, fc.constant(0))).map((of) => say.extended(...of)),
  ),
  often(
    2,
    fc.tuple(minor, fc.boolean()).map(([much, debit]) => {
      const rest = { debit, reason: "", approvers, correctionOf: 0 };
      return { type: "adjustment_posted", amount: eur(much), ...rest };
    }),
  ),
  often(
    2,
    fc.constant({
      type: "adjustment_posted",
      amount: eur(FILL),
      debit: true,
      reason: "",
      approvers,
      correctionOf: 0,
    }),
  ),
);
const step: fc.Arbitrary<Step> = fc.record({
  payload,
  playerRef: fc.oneof({ weight: 1, arbitrary: player }, { weight: 1, arbitrary: fc.constant("") }),
  txnId: fc.integer({ min: 0, max: 200 }).map((n) => `w${n}`),
  currency: fc.oneof(
    { weight: 15, arbitrary: fc.constant("EUR") },
    { weight: 1, arbitrary: fc.constant("USD") },
  ),
  commits: fc.boolean(),
});

/** Steps of one player on the way to what luck seldom comes to, each of which may fail. */
function story(...payloads: readonly Payload[]): fc.Arbitrary<readonly Step[]> {
  const rest = { playerRef: refOf(1), currency: "EUR", commits: false };
  return fc
    .integer({ min: 201, max: 999 })
    .map((n) => payloads.map((one) => ({ ...rest, payload: one, txnId: `w${n}` })));
}
const spent = { amount: eur(FILL), debit: true, reason: "", approvers, correctionOf: 0 };
const spend: Payload = { type: "adjustment_posted", ...spent };
const steps = fc.oneof(
  { weight: 20, arbitrary: step.map((one): readonly Step[] => [one]) },
  story(say.captured("x1", 9n), spend, say.payment("deposit_charged_back", "x1", 5n)),
  story(
    say.captured("x2", 9n),
    say.requested(5n),
    say.payment("deposit_charged_back", "x2", 9n),
    say.ended("withdrawal_released", "0"),
    say.debt("debt_recovered", 1n),
  ),
  story(say.captured("", 9n), say.requested(9n), say.submitted("0"), say.captured("", FILL)),
  story(say.captured("", 9n), say.requested(9n), say.submitted("0"), say.settled("0", 4n)),
);

const met = new Set<string>();

/** What came in by the rail and didn't go out, as the records say. */
class Flow {
  clearing = 0n;

  take({ postings }: Outcome): void {
    for (const { account, qualifier, minor: much, currency } of postings) {
      const isClearing = account === AccountKind.ASSET_PSP_CLEARING && qualifier === RAIL;
      if (isClearing && currency === "EUR") this.clearing += much;
    }
  }
}

function send(book: Book, step: Step): Outcome | undefined {
  const { type } = step.payload;
  const ref = type === "deposit_suspended" ? "" : step.playerRef;
  const playerRef = NAMED.has(type) && ref === "" ? refOf(1) : ref;
  const said = spoken(book, step, playerRef);
  const { outcome } = book.do({ source: "c", playerRef, txnId: step.txnId, payload: said });
  if (outcome !== undefined) met.add(`${type} ${outcome.code}`);
  return outcome;
}

/** The payload with what depends on the moment. */
function spoken(book: Book, { payload, currency }: Step, ref: string): Payload {
  const said = referred(book, payload);
  if ("expiresAt" in said && said.expiresAt > 0) {
    return { ...said, expiresAt: book.context().recordedAt + said.expiresAt - 2 };
  }
  if (!("amount" in said) || said.amount === undefined) return said;
  const account = book.draft.account(ref, currency);
  const [available, held] = [account?.available ?? 0n, account?.held ?? 0n];
  const all = said.type === "adjustment_posted" ? available : MAX - available - held;
  const much = said.amount.minor === FILL ? all : said.amount.minor;
  return { ...said, amount: { minor: much, currency } } as Payload;
}

/** The payload with the name of a withdrawal that was requested. */
function referred(book: Book, said: Payload): Payload {
  if (!("withdrawalId" in said)) return said;
  const keys = book.records.flatMap(({ command, outcome }) => {
    const isRequest = command.payload.type === "withdrawal_requested";
    return isRequest && outcome.code === Code.OK ? [command.txnId] : [];
  });
  return { ...said, withdrawalId: keys.at(-1 - Number(said.withdrawalId)) ?? "none" };
}

/** Codes that are met in tests of their own: limits of players, and debts near 2^63. */
const ELSEWHERE =
  /^deposit_charged_back BALANCE_OVERFLOW|^\S+ (PLAYER_(?!UNKNOWN)|LIMIT_|ACCOUNT_|RECORD_)/;

test(
  "random events of the cashier",
  () => {
    const run = fc.array(steps, { minLength: 20, maxLength: STEPS_MAX, size: "max" });
    fc.assert(
      fc.property(run, (parts) => {
        const book = new Book();
        book.player(0n);
        book.player(0n);
        const flow = new Flow();
        for (const one of parts.flat()) {
          const outcome = send(book, one);
          if (outcome !== undefined) flow.take(outcome);
          if (one.commits) book.commit();
        }
        settleAccounts(book);
        expect(house(book, "ASSET_PSP_CLEARING", RAIL)).toBe(flow.clearing);
        expect(total(book)).toBe(0n);
      }),
      seeded(RUNS),
    );
    expect(missed(), "the generator reaches every code").toEqual([]);
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

/** Codes that no run came to. */
function missed(): string[] {
  const types = [...new Set([...met].map((one) => one.split(" ")[0]))] as PayloadType[];
  return types
    .flatMap((type) => PRECEDENCE[type].map((code) => [type, code] as const))
    .filter(([type, code]) => !met.has(`${type} ${code}`))
    .map(([type, code]) => `${type} ${Object.entries(Code).find(([, n]) => n === code)?.[0]}`)
    .filter((name) => !ELSEWHERE.test(name));
}
