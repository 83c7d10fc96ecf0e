/**
 * Held money against the open bets that hold it.
 *
 * @module
 */
import type { Findings } from "./findings.ts";
import type { DerivedState } from "./state.ts";

/** Held money is exactly the stakes of open bets: postings and events agree on it. */
export function compareEscrow(state: DerivedState, findings: Findings): void {
  const stakes = new Map<string, bigint>();
  for (const { ref, currency, minor } of state.bets.values()) {
    const key = `${ref} ${currency}`;
    stakes.set(key, (stakes.get(key) ?? 0n) + minor);
  }
  for (const { ref, rows } of state.players.values()) {
    for (const { currency, held, seq } of rows) {
      const staked = stakes.get(`${ref} ${currency}`) ?? 0n;
      if (staked === held) continue;
      const detail = `${ref} has ${held} ${currency} held, its open bets are ${staked}`;
      findings.add("round_holds_escrow", seq, detail);
    }
  }
}
