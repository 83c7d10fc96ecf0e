/**
 * Money that lies in something, against the accounts that say how much it is.
 *
 * @module
 */
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Findings } from "./findings.ts";
import type { DerivedState } from "./state.ts";

type Sums = Map<string, bigint>;

function add(sums: Sums, key: string, minor: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + minor);
}

/** Postings and objects agree: nothing is held, owed or suspended that nobody can name. */
export function compareEscrow(state: DerivedState, findings: Findings): void {
  compareRows(state, findings);
  const house: Sums = new Map();
  const on = (operator: string, account: number, qualifier: string, currency: string): string =>
    `${operator}\0${account}\0${qualifier}\0${currency}`;
  for (const [key, { rail, currency, inTransit }] of state.holds) {
    const operator = key.slice(0, key.indexOf("\0"));
    add(house, on(operator, AccountKind.ASSET_PSP_PAYOUT_TRANSIT, rail, currency), inTransit);
  }
  for (const [key, { currency, suspended }] of state.deposits) {
    const [operator = "", rail = ""] = key.split("\0");
    add(house, on(operator, AccountKind.LIAB_SUSPENSE, rail, currency), suspended);
  }
  for (const { operator, extras } of state.players.values()) {
    for (const [currency, owed] of extras?.debts ?? []) {
      add(house, on(operator, AccountKind.ASSET_PLAYER_DEBT, "", currency), -owed);
    }
  }
  for (const [key, minor] of state.house) {
    const account = Number(key.split("\0")[1]);
    const lies = house.get(key) ?? 0n;
    if (!IN_OBJECTS.has(account) || lies === minor) continue;
    const detail = `${key.replaceAll("\0", " ")} holds ${minor}, its objects ${lies}`;
    findings.add("object_wrong", 0, detail);
  }
}

/** Accounts of the operator whose money lies in objects. */
const IN_OBJECTS: ReadonlySet<number> = new Set([
  AccountKind.ASSET_PSP_PAYOUT_TRANSIT,
  AccountKind.LIAB_SUSPENSE,
  AccountKind.ASSET_PLAYER_DEBT,
]);

/** Held money is the stakes of open bets and what withdrawals hold; bonus money is bonuses'. */
function compareRows(state: DerivedState, findings: Findings): void {
  const held: Sums = new Map();
  for (const { ref, currency, minor } of state.bets.values())
    add(held, `${ref} ${currency}`, minor);
  for (const { playerRef, currency, remaining } of state.holds.values()) {
    add(held, `${playerRef} ${currency}`, remaining);
  }
  for (const { ref, rows, extras } of state.players.values()) {
    for (const row of rows) {
      const { currency, seq } = row;
      const lies = held.get(`${ref} ${currency}`) ?? 0n;
      if (lies !== row.held) {
        const detail = `${ref} has ${row.held} ${currency} held, bets and withdrawals are ${lies}`;
        findings.add("round_holds_escrow", seq, detail);
      }
      if (row.bonus === 0n && extras === undefined) continue;
      let bonus = 0n;
      for (const one of extras?.bonuses ?? []) {
        if (one.currency === currency) bonus += one.remaining;
      }
      if (bonus === row.bonus) continue;
      const detail = `${ref} has ${row.bonus} ${currency} of bonuses, which hold ${bonus}`;
      findings.add("object_wrong", seq, detail);
    }
  }
}
