/**
 * Goal: a bonus begins once and ends once, with exactly its money moving.
 * Method: each way to begin and to end as a table with its posting lines; each refusal with what
 * must not change.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { BonusStage, Code, Funding, type Payload } from "../../src/ledger/index.ts";
import {
  bonusOf,
  checkBonuses,
  end,
  grant,
  grantFree,
  lines,
  numbers,
  row,
  stake,
} from "./bonuses.ts";
import { Book, EPOCH_US, refOf } from "./book.ts";

const MAX = 2n ** 63n - 1n;
const SOON = EPOCH_US + 1_000_000;
const ENDS = ["bonus_converted", "bonus_expired", "bonus_forfeited"] as const;
const GRANTS = [grant, grantFree] as const;

let book = new Book();
let ref = "";
beforeEach(() => {
  book = new Book();
  ref = book.player(0n);
});
afterEach(() => checkBonuses(book));

/** Lets the time of whatever expires soon pass. */
function passTime(): void {
  book.laterUs = 1_000_000;
}

describe("a grant", () => {
  test.each([1n, 2n ** 53n - 1n, 2n ** 53n + 1n, MAX])("of %d is bonus money", (minor) => {
    const outcome = grant(book, ref, "a", minor, { wagering: MAX, expiresAt: SOON, max: 7n });
    expect(lines(outcome)).toEqual([`EXP_BONUS -${minor}`, `PLAYER_BONUS[a] ${minor}`]);
    expect(row(book, ref)).toEqual([0n, minor, 0n]);
    expect(outcome.changes).toEqual([
      {
        object: "bonus",
        key: "a",
        version: 1,
        ref,
        currency: "FUN",
        stage: BonusStage.ACTIVE,
        grantedSeq: outcome.seq,
        expiresAt: SOON,
        remaining: minor,
        staked: 0n,
        freeLeft: 0n,
        wageringLeft: MAX,
        winWageringX100: 0,
        conversionMax: 7n,
      },
    ]);
  });

  test("of free bets posts nothing and opens no row", () => {
    const init = { winWageringX100: 4_294_967_295, currency: "TON" };
    const outcome = grantFree(book, ref, "f", MAX, init);
    expect([outcome.postings, outcome.balances]).toEqual([[], []]);
    expect(row(book, ref, "TON")).toEqual([undefined, undefined, undefined]);
    expect(numbers(book, ref, "f")).toEqual([0n, 0n, MAX, 0n]);
  });

  test("isn't cash: it can't be staked as such", () => {
    grant(book, ref, "a", 10n);
    expect(stake(book, ref, "t", 1n, Funding.CASH).code).toBe(Code.FUNDS_INSUFFICIENT);
  });

  test.each(GRANTS)("has an id of its own for ever (%p)", (give) => {
    expect(give(book, ref, "a", 10n).code).toBe(Code.OK);
    const other = book.player(0n);
    expect(give(book, ref, "a", 10n).code).toBe(Code.BONUS_DUPLICATE);
    expect(give(book, other, "a", 10n).code).toBe(Code.BONUS_DUPLICATE);
    end(book, ref, "bonus_forfeited", "a");
    expect(grant(book, ref, "a", 10n).code).toBe(Code.BONUS_DUPLICATE);
    // Another operator's ids are its own.
    const stranger = book.player(0n, "other");
    const payload = { ...book.records.find(({ outcome }) => outcome.changes)!.command.payload };
    const elsewhere = book.record({ operatorId: "other", playerRef: stranger, payload });
    expect(elsewhere.code).toBe(Code.OK);
  });

  test.each(GRANTS)("comes too late when its time is over (%p)", (give) => {
    const now = () => book.context().recordedAt;
    expect(give(book, ref, "a", 10n, { expiresAt: 1 }).code).toBe(Code.BONUS_STAGE_INVALID);
    expect(give(book, ref, "a", 10n, { expiresAt: now() }).code).toBe(Code.BONUS_STAGE_INVALID);
    expect(give(book, ref, "a", 10n, { expiresAt: now() + 1 }).code).toBe(Code.OK);
  });

  test("is one of at most 32 of a player", () => {
    for (let n = 0; n < 32; n += 1) GRANTS[n % 2]!(book, ref, `b${n}`, 10n);
    expect(grant(book, ref, "more", 10n).code).toBe(Code.BONUS_TOO_MANY);
    expect(grantFree(book, ref, "more", 10n).code).toBe(Code.BONUS_TOO_MANY);
    end(book, ref, "bonus_forfeited", "b7");
    expect(grant(book, ref, "more", 10n).code).toBe(Code.OK);
  });

  test("may not carry a row over 2^63 - 1", () => {
    book.deposit(ref, MAX - 9n);
    expect(grant(book, ref, "a", 10n).code).toBe(Code.BALANCE_OVERFLOW);
    expect(grant(book, ref, "a", 9n).code).toBe(Code.OK);
  });

  test.each<[string, object, number]>([
    ["bonus_id", { bonusId: "" }, Code.EVENT_FIELD_MISSING],
    ["bonus_id", { bonusId: "a\0b" }, Code.EVENT_FIELD_INVALID],
    ["amount.minor", { amount: { minor: 0n, currency: "FUN" } }, Code.AMOUNT_INVALID],
    ["amount.minor", { amount: { minor: MAX + 1n, currency: "FUN" } }, Code.AMOUNT_INVALID],
    ["amount.currency", { amount: { minor: 1n, currency: "" } }, Code.EVENT_FIELD_MISSING],
    ["wagering_minor", { wageringMinor: -1n }, Code.AMOUNT_INVALID],
    ["expires_at", { expiresAt: -1 }, Code.EVENT_FIELD_INVALID],
    ["conversion_minor_max", { conversionMinorMax: -1n }, Code.AMOUNT_INVALID],
  ])("with a bad %s isn't recorded", (field, change, code) => {
    const good = {
      type: "bonus_granted",
      bonusId: "a",
      campaign: "",
      amount: { minor: 1n, currency: "FUN" },
      wageringMinor: 0n,
      expiresAt: 0,
      conversionMinorMax: 0n,
    } as const;
    const payload = { ...good, ...change } as Payload;
    const answer = book.do({ playerRef: ref, payload });
    expect(answer).toMatchObject({ code, field: `bonus_granted.${field}` });
    if (field === "wagering_minor") return;
    const free = { ...payload, type: "free_bets_granted", winWageringX100: 0 } as Payload;
    const refused = book.do({ playerRef: ref, payload: free });
    expect(refused).toMatchObject({ code, field: `free_bets_granted.${field}` });
  });
});

describe("the end of a bonus", () => {
  test.each<[string, bigint, string[]]>([
    ["all", 0n, ["PLAYER_CASH 100"]],
    ["all within the bound", 100n, ["PLAYER_CASH 100"]],
    ["as much as the bound", 30n, ["PLAYER_CASH 30", "EXP_BONUS 70"]],
  ])("by conversion gives %s as cash", (_, max, expected) => {
    grant(book, ref, "a", 100n, { max });
    const outcome = end(book, ref, "bonus_converted", "a");
    expect(lines(outcome)).toEqual(["PLAYER_BONUS[a] -100", ...expected]);
    expect(row(book, ref)).toEqual([max === 30n ? 30n : 100n, 0n, 0n]);
    expect(outcome.changes).toMatchObject([
      { stage: BonusStage.CONVERTED, version: 2, remaining: 0n, staked: 0n },
    ]);
    expect(bonusOf(book, ref, "a")).toBeUndefined();
  });

  test("by conversion waits for the last of the wagering", () => {
    grant(book, ref, "a", 100n, { wagering: 60n });
    stake(book, ref, "t", 60n);
    expect(end(book, ref, "bonus_converted", "a").code).toBe(Code.BONUS_IN_PLAY);
    book.settle("t", 10n);
    expect(lines(end(book, ref, "bonus_converted", "a"))).toEqual([
      "PLAYER_BONUS[a] -50",
      "PLAYER_CASH 50",
    ]);
  });

  test.each(["bonus_expired", "bonus_forfeited"] as const)("by %s gives it back", (type) => {
    grant(book, ref, "a", 100n, { wagering: 60n, expiresAt: SOON });
    passTime();
    const outcome = end(book, ref, type, "a");
    expect(lines(outcome)).toEqual(["PLAYER_BONUS[a] -100", "EXP_BONUS 100"]);
    const stage = type === "bonus_expired" ? BonusStage.EXPIRED : BonusStage.FORFEITED;
    expect(outcome.changes).toMatchObject([{ stage, version: 2, remaining: 0n }]);
    expect(row(book, ref)).toEqual([0n, 0n, 0n]);
  });

  test.each(ENDS)("by %s posts nothing when there are only free bets", (type) => {
    const expiresAt = type === "bonus_expired" ? SOON : 0;
    grantFree(book, ref, "f", 100n, { expiresAt, currency: "TON" });
    if (type === "bonus_expired") passTime();
    const outcome = end(book, ref, type, "f");
    expect([outcome.code, outcome.postings, outcome.balances]).toEqual([Code.OK, [], []]);
    expect(outcome.changes).toMatchObject([{ freeLeft: 0n }]);
    expect(bonusOf(book, ref, "f")).toBeUndefined();
  });

  test("isn't in sight while a bet from it is open, time over or not", () => {
    grant(book, ref, "a", 100n, { expiresAt: SOON });
    stake(book, ref, "t", 1n);
    expect(end(book, ref, "bonus_forfeited", "a").code).toBe(Code.BONUS_IN_PLAY);
    expect(end(book, ref, "bonus_expired", "a").code).toBe(Code.BONUS_NOT_DUE);
    passTime();
    expect(end(book, ref, "bonus_expired", "a").code).toBe(Code.BONUS_IN_PLAY);
    book.settle("t", 50n);
    expect(lines(end(book, ref, "bonus_expired", "a"))).toEqual([
      "PLAYER_BONUS[a] -149",
      "EXP_BONUS 149",
    ]);
  });

  test("by conversion is too late once time is over, swept or not", () => {
    grant(book, ref, "a", 100n, { expiresAt: SOON });
    passTime();
    expect(end(book, ref, "bonus_converted", "a").code).toBe(Code.BONUS_STAGE_INVALID);
    expect(row(book, ref)).toEqual([0n, 100n, 0n]);
  });

  test("by expiry never comes to a bonus without a time", () => {
    grant(book, ref, "a", 100n);
    book.laterUs = 1e15;
    expect(end(book, ref, "bonus_expired", "a").code).toBe(Code.BONUS_NOT_DUE);
  });

  test.each(ENDS)("by %s comes once, and to the player's own bonus", (type) => {
    grant(book, ref, "a", 100n, { expiresAt: SOON });
    const other = book.player(0n);
    const before = book.state.head().seq;
    expect(end(book, ref, type, "b").code).toBe(Code.BONUS_UNKNOWN);
    expect(end(book, other, type, "a").code).toBe(Code.BONUS_MISMATCH);
    expect(end(book, refOf(99), type, "a").code).toBe(Code.PLAYER_UNKNOWN);
    expect(book.state.head().seq).toBe(before);
    expect(end(book, ref, "bonus_forfeited", "a").code).toBe(Code.OK);
    expect(end(book, ref, type, "a").code).toBe(Code.BONUS_STAGE_INVALID);
    expect(end(book, other, type, "a").code).toBe(Code.BONUS_MISMATCH);
    const answer = book.do({
      playerRef: ref,
      payload: { type, bonusId: "", reason: "" } as Payload,
    });
    expect(answer).toMatchObject({ code: Code.EVENT_FIELD_MISSING, field: `${type}.bonus_id` });
  });
});
