/**
 * Goal: a command is about exactly one player, of its own operator, by reference or identity; names
 * that are alike never share a key.
 * Method: every combination of reference and identity; keys asked for alternately.
 */
import { expect, test } from "bun:test";
import {
  AccountKind,
  betKey,
  Code,
  type IdentityKey,
  houseKey,
  identityKey,
  roundKey,
  splitIdentityKey,
} from "../../src/ledger/index.ts";
import { Book, person, refOf } from "./book.ts";

const registered = { type: "player_registered" } as const;

test("reference and identity must agree where both are known", () => {
  const book = new Book();
  const known = book.record({ payload: registered }, person("a")).playerRef;
  const other = book.record({ payload: registered }, person("b")).playerRef;
  const theirs = book.record({ operatorId: "other", payload: registered }, person("a", "other"));
  const table: readonly (readonly [string, IdentityKey | undefined, string | undefined])[] = [
    [known, undefined, known],
    ["", person("a"), known],
    [known, person("a"), known],
    [known, person("b"), undefined],
    [other, person("a"), undefined],
    // An identity that is bound to nobody says nothing about a player who is named.
    [known, person("nobody"), known],
    ["", person("nobody"), undefined],
    [refOf(99), person("a"), undefined],
    [refOf(99), undefined, undefined],
    [theirs.playerRef, undefined, undefined],
    ["", person("a", "other"), undefined],
  ];
  const payload = {
    type: "deposit_captured",
    amount: { minor: 1n, currency: "FUN" },
    rail: "play",
    externalId: "",
  } as const;
  for (const [playerRef, identity, resolved] of table) {
    const outcome = book.record({ playerRef, payload }, identity);
    expect(outcome).toMatchObject({
      code: resolved === undefined ? Code.PLAYER_UNKNOWN : Code.OK,
      playerRef: resolved ?? playerRef,
    });
  }
});

test("a settlement and a rollback may leave the player out, but not name a wrong one", () => {
  const book = new Book();
  const ref = book.player();
  book.bet(ref, "a");
  book.bet(ref, "b");
  for (const playerRef of [refOf(99), book.player(1n, "other")]) {
    expect(book.settle("a", 1n, { playerRef }).code).toBe(Code.PLAYER_UNKNOWN);
    expect(book.rollBack("a", { playerRef }).code).toBe(Code.PLAYER_UNKNOWN);
    expect(book.rollBack("none", { playerRef }).code).toBe(Code.PLAYER_UNKNOWN);
  }
  expect(book.settle("a")).toMatchObject({ code: Code.OK, playerRef: ref });
  expect(book.rollBack("b")).toMatchObject({ code: Code.OK, playerRef: ref });
  expect(book.rollBack("none")).toMatchObject({ code: Code.BET_TOMBSTONED, playerRef: "" });
});

test("keys are those of their names, whatever was asked for before", () => {
  const names = ["a", "b", "ab", ""];
  for (const make of [betKey, roundKey]) {
    const keys = new Set<string>();
    for (const first of names) {
      for (const second of names) {
        for (const third of names) {
          const key = make(first, second, third);
          expect(key).toBe(`${first}\0${second}\0${third}`);
          expect(make(first, second, third)).toBe(key);
          keys.add(key);
        }
      }
    }
    expect(keys.size).toBe(names.length ** 3);
    for (const first of names) expect(make(first, "x", "y")).toBe(`${first}\0x\0y`);
    for (const second of names) expect(make("x", second, "y")).toBe(`x\0${second}\0y`);
  }
  for (const kind of [AccountKind.REV_BETS, AccountKind.REV_WINS, AccountKind.REV_BETS]) {
    for (const qualifier of ["", "x"]) {
      for (const currency of ["FUN", "USD"]) {
        for (const operator of ["demo", "other"]) {
          const key = `${kind}|${qualifier}|${currency}|${operator}`;
          expect(houseKey(kind, qualifier, currency, operator)).toBe(key);
          expect(houseKey(kind, qualifier, currency, operator)).toBe(key);
        }
      }
    }
  }
});

test("an identity's key comes apart again", () => {
  const parts = { operatorId: "demo", keyId: "k1", hashHex: "00ff" };
  expect(splitIdentityKey(identityKey("demo", "k1", "00ff"))).toEqual(parts);
});
