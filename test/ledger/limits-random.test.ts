/**
 * Goal: at every prefix of the log, what was deposited, staked and lost within a window stays
 * within the strictest limit, and nothing else is refused; counters that were made coarser never
 * count too little, and not much too much.
 * Method: random commands and clocks against a model that keeps everything; random entries against
 * exact sums. Every book is rebuilt from its records.
 */
import fc from "fast-check";
import { expect, test } from "bun:test";
import { Code, LimitKind, type Payload, type UsageCounter } from "../../src/ledger/index.ts";
import { USAGE_ENTRIES_MAX } from "../../src/ledger/limits.ts";
import { usedWithin, withEntry, withoutStake } from "../../src/ledger/usage.ts";
import { LIMIT_SPAN } from "../../src/ledger/limits-count.ts";
import { Book, everything } from "./book.ts";
import { LimitModel, type Setting } from "./limits-model.ts";
import { DAY, HOUR, limit, MINUTE, now, sessionLimit, set, wait } from "./rules-of-players.ts";
import { seeded } from "./seed.ts";

const CURRENCIES = ["FUN", "USD"] as const;

type Step =
  | { readonly do: "set"; readonly setting: Setting }
  | { readonly do: "wait"; readonly us: number }
  | { readonly do: "bet" | "dice" | "deposit"; readonly currency: string; readonly minor: bigint }
  | { readonly do: "settle"; readonly at: number; readonly win: bigint }
  | { readonly do: "rollBack" | "void"; readonly at: number };

const minor = fc.constantFrom(1n, 7n, 20n, 50n, 99n, 100n);
const currency = fc.constantFrom(...CURRENCIES);
const value = fc.constantFrom(undefined, 0n, 20n, 50n, 100n, 150n, 400n);
const setting: fc.Arbitrary<Setting> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(LimitKind.DEPOSIT, LimitKind.LOSS, LimitKind.WAGER),
      period: fc.constantFrom(1, 2, 3),
      currency,
      value,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant(LimitKind.SESSION),
      period: fc.constant(0 as const),
      currency: fc.constant(""),
      value: fc.constantFrom(undefined, 60n, 1200n, 3600n),
    }),
  },
);
const span = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 * MINUTE }) },
  { weight: 2, arbitrary: fc.integer({ min: HOUR, max: DAY + MINUTE }) },
  { weight: 1, arbitrary: fc.constantFrom(DAY - 1, 7 * DAY, 30 * DAY - 2) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("set" as const), setting }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("wait" as const), us: span }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom("bet", "bet", "dice", "deposit"),
      currency,
      minor,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      at: fc.nat(),
      win: fc.constantFrom(0n, 0n, 10n, 300n),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("rollBack", "void"), at: fc.nat() }),
  },
);

interface Bet {
  readonly id: string;
  readonly currency: string;
  readonly minor: bigint;
}

/** A player with plenty, the bets that are open, and the model beside. */
class Stage {
  readonly book = new Book();
  readonly model = new LimitModel();
  readonly ref: string;
  readonly open: Bet[] = [];
  refused = 0;

  constructor() {
    this.ref = this.book.player(10n ** 12n);
    this.deposit("USD", 10n ** 12n);
    wait(this.book, 31 * DAY);
  }

  take(one: Step): void {
    const { book, ref } = this;
    switch (one.do) {
      case "wait":
        wait(book, one.us);
        return;
      case "set":
        this.#set(one.setting);
        return;
      case "bet":
      case "dice":
        this.#stake(one.do, one.currency, one.minor);
        return;
      case "deposit":
        this.deposit(one.currency, one.minor);
        return;
      default: {
        const bet = this.open.splice(one.at % Math.max(1, this.open.length), 1)[0];
        if (bet === undefined) return;
        const at = now(book);
        if (one.do === "settle") {
          expect(book.settle(bet.id, one.win, { currency: bet.currency }).code).toBe(Code.OK);
          this.model.lose(bet.currency, -one.win, at);
          return;
        }
        this.model.giveBack(bet.id);
        if (one.do === "rollBack") expect(book.rollBack(bet.id).code).toBe(Code.OK);
        else {
          const payload: Payload = {
            type: "bet_voided",
            betTxnId: bet.id,
            reason: "",
            betSource: "",
          };
          expect(book.record({ playerRef: ref, payload }).code).toBe(Code.OK);
        }
      }
    }
  }

  deposit(of: string, amount: bigint): void {
    const at = now(this.book);
    const expected = this.model.mayDeposit(of, amount, at);
    expect(this.book.deposit(this.ref, amount, of).code).toBe(expected);
    if (expected !== Code.OK) this.refused += 1;
    // Play money counts while it is limited; a limit in it is never lifted here.
    else if (of !== "FUN" || this.#limitsPlayMoney()) {
      this.model.deposits.push({ bet: "", currency: of, at, minor: amount });
    }
  }

  #limitsPlayMoney(): boolean {
    return this.model.limits.some(
      (one) => one.kind === LimitKind.DEPOSIT && one.currency === "FUN",
    );
  }

  #set({ kind, period, currency: of, value: most }: Setting): void {
    const isFunDeposit = kind === LimitKind.DEPOSIT && of === "FUN";
    if (isFunDeposit && most === undefined) return;
    const remove = most === undefined;
    const amount = { minor: most ?? 0n, currency: of };
    const payload =
      kind === LimitKind.SESSION
        ? sessionLimit(Number(most ?? 0n), remove)
        : limit(kind, 0n, { period, amount, remove });
    const at = now(this.book);
    const { code } = set(this.book, this.ref, payload);
    expect(code).toBe(this.model.set({ kind, period, currency: of, value: most }, at));
  }

  #stake(how: "bet" | "dice", of: string, amount: bigint): void {
    const { book, ref, model } = this;
    const at = now(book);
    const id = `b${book.records.length}`;
    const currencyOf = how === "dice" ? "FUN" : of;
    const expected = model.mayStake(currencyOf, amount, at);
    const { code, houseRound } =
      how === "dice"
        ? book.dice(ref, amount)
        : book.bet(ref, id, amount, { roundId: id, currency: of });
    expect(code).toBe(expected);
    if (code !== Code.OK) {
      this.refused += 1;
      return;
    }
    model.stake(id, currencyOf, amount, at);
    if (how === "bet") this.open.push({ id, currency: of, minor: amount });
    else model.lose(currencyOf, -(houseRound?.win ?? 0n), at);
  }
}

let refused = 0;

test("random commands are answered as the model says, and a replay counts the same", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), (steps) => {
      const stage = new Stage();
      for (const one of steps) stage.take(one);
      refused += stage.refused;
      stage.book.commit();
      expect(everything(stage.book.replay())).toEqual(everything(stage.book.state));
    }),
    seeded(150),
  );
  expect(refused).toBeGreaterThan(100);
});

/** Stakes, and what is given back: rolled back stakes, wins. */
type Entry = readonly ["stake" | "win" | "back", number, bigint, number];

const entry: fc.Arbitrary<Entry> = fc.tuple(
  fc.constantFrom("stake", "stake", "stake", "win", "back"),
  fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 30 * MINUTE }) },
    { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 3 * DAY }) },
  ),
  fc.bigInt(1n, 1000n),
  fc.nat(),
);

test("a coarse counter is never below the exact sum, nor above that of a longer window", () => {
  let longest = 0;
  fc.assert(
    fc.property(fc.array(entry, { minLength: 400, maxLength: 1500, size: "max" }), (entries) => {
      let counters: readonly UsageCounter[] = [];
      let exact: { at: number; minor: bigint }[] = [];
      let time = 1_700_000_000_000_000;
      for (const [what, us, amount, pick] of entries) {
        time += us;
        const place = pick % Math.max(1, exact.length);
        const stake = exact[place];
        if (what === "back" && stake !== undefined && stake.minor > 0n) {
          counters = withoutStake(counters, "c", stake, LIMIT_SPAN, time);
          exact = exact.toSpliced(place, 1);
        } else if (what !== "back") {
          const one = { at: time, minor: what === "stake" ? amount : -amount };
          counters = withEntry(counters, "c", one, LIMIT_SPAN);
          exact = [...exact, one].filter(({ at }) => time - at < LIMIT_SPAN.windowMax);
        }
        const kept = counters[0]?.entries ?? [];
        longest = Math.max(longest, kept.length);
        for (const window of [DAY, 7 * DAY, 30 * DAY]) {
          const used = usedWithin(kept, window, time);
          expect(used).toBeGreaterThanOrEqual(usedWithin(exact, window, time));
          // Each stake leaves at most a cell later, and each win at most a cell earlier.
          const [longer, shorter] = [window * (25 / 24), window * (23 / 24)];
          const most = exact.reduce((sum, { at, minor: of }) => {
            return time - at < (of > 0n ? longer : shorter) ? sum + of : sum;
          }, 0n);
          if (window < 30 * DAY) expect(used).toBeLessThanOrEqual(most);
        }
        const times = kept.map(({ at }) => at);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
    }),
    // Shrinking a thousand entries takes minutes, and says no more than the seed does.
    { ...seeded(6), endOnFailure: true },
  );
  expect(longest).toBe(USAGE_ENTRIES_MAX);
});
