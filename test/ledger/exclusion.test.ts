/**
 * Goal: time-out and self-exclusion stop bets and deposits for exactly as long as they last; they
 * get longer at once, and end no earlier than the rules allow.
 * Method: the clock is moved to each edge; random orders of everything against a small model.
 */
import fc from "fast-check";
import { expect, test } from "bun:test";
import { Code, type Payload } from "../../src/ledger/index.ts";
import { Book, everything } from "./book.ts";
import { DAY, HOUR, MINUTE, now, set, wait } from "./rules-of-players.ts";
import { seeded } from "./seed.ts";

const WEEK = 7 * DAY;
const exclude = (until: number): Payload => ({ type: "self_excluded", until, reason: "" });
const REVOKE: Payload = { type: "self_exclusion_revoked", reason: "" };
const timeOut = (until: number): Payload => ({ type: "time_out_set", until });

/** What a bet and a deposit are answered by a record at this time. */
function askedAt(book: Book, ref: string, at: number): Code[] {
  return ["bet", "deposit"].map((what) => {
    const fork = book.fork();
    wait(fork, at - now(fork));
    return what === "bet" ? fork.bet(ref, "t", 1n).code : fork.deposit(ref, 1n).code;
  });
}

const both = (code: Code): Code[] => [code, code];

test("a time-out ends at its end, and can only be made longer", () => {
  const book = new Book();
  const ref = book.player();
  const until = now(book) + DAY;
  expect(set(book, ref, timeOut(until)).code).toBe(Code.OK);
  expect(askedAt(book, ref, until - 1)).toEqual(both(Code.PLAYER_TIMED_OUT));
  expect(askedAt(book, ref, until)).toEqual(both(Code.OK));
  expect(set(book, ref, timeOut(until - 1)).code).toBe(Code.EXCLUSION_ACTIVE);
  expect(set(book, ref, timeOut(until)).code).toBe(Code.OK);
  expect(set(book, ref, timeOut(until + HOUR)).code).toBe(Code.OK);
  expect(askedAt(book, ref, until + HOUR - 1)).toEqual(both(Code.PLAYER_TIMED_OUT));
  wait(book, until + HOUR - now(book));
  // A new one may be as short as it likes, and one in the past is none.
  expect(set(book, ref, timeOut(1)).code).toBe(Code.OK);
  expect(askedAt(book, ref, now(book))).toEqual(both(Code.OK));
});

test.each([
  // [until, revoked after, ends after], from the exclusion on.
  ["indefinite", 0, 1, WEEK + 1],
  ["indefinite, revoked late", 0, 30 * DAY, 37 * DAY],
  ["definite, revoked early", 10 * DAY, DAY, 10 * DAY],
  ["definite, revoked in its last hours", 10 * DAY, 10 * DAY - HOUR, 11 * DAY - HOUR],
  ["definite, revoked a day before its end", 10 * DAY, 9 * DAY, 10 * DAY],
  ["definite, revoked after its end", 10 * DAY, 20 * DAY, 21 * DAY],
])("an exclusion ends by its revocation: %s", (_, until, revoked, ends) => {
  const book = new Book();
  const ref = book.player();
  const from = now(book);
  set(book, ref, exclude(until === 0 ? 0 : from + until));
  wait(book, revoked - 1);
  // Nothing but a revocation ends it.
  expect(askedAt(book, ref, from + 400 * DAY)).toEqual(both(Code.PLAYER_EXCLUDED));
  const at = now(book);
  expect(set(book, ref, REVOKE).code).toBe(Code.OK);
  const end = from + ends;
  expect(at).toBe(from + revoked);
  expect(askedAt(book, ref, end - 1)).toEqual(both(Code.PLAYER_EXCLUDED));
  expect(askedAt(book, ref, end)).toEqual(both(Code.OK));
  // Asking again moves nothing.
  wait(book, MINUTE);
  expect(set(book, ref, REVOKE).code).toBe(Code.OK);
  expect(askedAt(book, ref, end)).toEqual(both(Code.OK));
  wait(book, end - now(book));
  expect(set(book, ref, REVOKE).code).toBe(Code.EXCLUSION_UNKNOWN);
});

test("an exclusion gets longer only, and a longer one cancels a revocation", () => {
  const book = new Book();
  const ref = book.player();
  const until = now(book) + 10 * DAY;
  expect(set(book, ref, REVOKE).code).toBe(Code.EXCLUSION_UNKNOWN);
  set(book, ref, exclude(until));
  expect(set(book, ref, exclude(until - 1)).code).toBe(Code.EXCLUSION_ACTIVE);
  set(book, ref, REVOKE);
  expect(set(book, ref, exclude(until)).code).toBe(Code.OK);
  expect(askedAt(book, ref, until + DAY)).toEqual(both(Code.PLAYER_EXCLUDED));
  expect(set(book, ref, exclude(0)).code).toBe(Code.OK);
  expect(set(book, ref, exclude(until + 100 * DAY)).code).toBe(Code.EXCLUSION_ACTIVE);
  set(book, ref, REVOKE);
  wait(book, until - now(book));
  // It is over: another may be shorter.
  expect(set(book, ref, exclude(1)).code).toBe(Code.OK);
  expect(askedAt(book, ref, now(book))).toEqual(both(Code.PLAYER_EXCLUDED));
  book.commit();
  expect(everything(book.replay())).toEqual(everything(book.state));
});

type Step = readonly ["exclude" | "timeOut" | "revoke" | "wait" | "bet" | "deposit", number];

const span = fc.constantFrom(0, 1, HOUR, DAY - 1, DAY, DAY + 1, WEEK - 1, WEEK, 30 * DAY);
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("exclude", "timeOut", "revoke", "wait", "wait", "bet", "deposit"),
  span,
);

/** What the rules say, kept as two ends. */
class Model {
  timeOut = 0;
  /** Undefined: not excluded. `least`: the date that an indefinite one had before. */
  exclusion: { until: number; ends: number; least: number } | undefined;

  take([what, us]: Step, at: number): Code {
    if (this.exclusion !== undefined && at >= this.exclusion.ends) this.exclusion = undefined;
    const { exclusion } = this;
    if (what === "exclude") {
      const until = us === 0 ? Infinity : at + us;
      if (exclusion !== undefined && until < exclusion.until) return Code.EXCLUSION_ACTIVE;
      const dated = exclusion?.until === Infinity ? exclusion.least : (exclusion?.until ?? 0);
      this.exclusion = { until, ends: Infinity, least: until === Infinity ? dated : 0 };
    } else if (what === "timeOut") {
      if (at < this.timeOut && at + us < this.timeOut) return Code.EXCLUSION_ACTIVE;
      this.timeOut = at + us;
    } else if (what === "revoke") {
      if (exclusion === undefined) return Code.EXCLUSION_UNKNOWN;
      const { until, least } = exclusion;
      const ends = until === Infinity ? Math.max(at + WEEK, least) : Math.max(at + DAY, until);
      if (exclusion.ends === Infinity) exclusion.ends = ends;
    } else {
      if (exclusion !== undefined) return Code.PLAYER_EXCLUDED;
      if (at < this.timeOut) return Code.PLAYER_TIMED_OUT;
    }
    return Code.OK;
  }
}

test("random orders are answered as the model says", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const book = new Book();
      const ref = book.player();
      const model = new Model();
      let txn = 0;
      for (const one of steps) {
        const [what, us] = one;
        const at = now(book);
        if (what === "wait") {
          wait(book, us);
          continue;
        }
        const code = {
          exclude: () => set(book, ref, exclude(us === 0 ? 0 : at + us)).code,
          timeOut: () => set(book, ref, timeOut(at + us)).code,
          revoke: () => set(book, ref, REVOKE).code,
          bet: () => book.bet(ref, `t${(txn += 1)}`, 1n).code,
          deposit: () => book.deposit(ref, 1n).code,
        }[what]();
        expect(code).toBe(model.take(one, at));
      }
      book.commit();
      expect(everything(book.replay())).toEqual(everything(book.state));
    }),
    seeded(300),
  );
});

test("a dated exclusion that becomes indefinite doesn't end before its date", () => {
  const book = new Book();
  const ref = book.player(10n);
  const DAY = 24 * 3_600 * 1_000_000;
  const start = book.context().recordedAt;
  const exclude = (until: number) =>
    book.record({ playerRef: ref, payload: { type: "self_excluded", until, reason: "" } });
  exclude(start + 365 * DAY);
  exclude(0);
  exclude(0);
  book.record({ playerRef: ref, payload: { type: "self_exclusion_revoked", reason: "" } });
  const rules = book.draft.player(ref)?.extras?.rules;
  expect(rules?.exclusionEndsAt).toBe(start + 365 * DAY);
});
