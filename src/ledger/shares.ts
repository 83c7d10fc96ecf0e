/**
 * Who gets which part of a win.
 *
 * @module
 */
import type { BonusPart, OpenBet } from "./state-view.ts";

/** A win, divided: its parts are those of the stake, in their order, and may be zero. */
export interface Shares {
  readonly cash: bigint;
  readonly parts: readonly BonusPart[];
}

const NO_PARTS: readonly BonusPart[] = Object.freeze([]);

/**
 * Divides a win pro rata by the sources of its stake: each bonus and cash get
 * floor(win x part / stake), and the last bonus, in the order of the parts, what rounding leaves
 * over. Were it cash, many small bonuses would leak into it unwagered.
 */
export function sharesOf(stake: Pick<OpenBet, "amount" | "parts">, win: bigint): Shares {
  const { amount, parts } = stake;
  if (parts === undefined || parts.length === 0) return { cash: win, parts: NO_PARTS };
  let staked = 0n;
  let left = win;
  const shares: { bonus: string; minor: bigint }[] = [];
  for (const { bonus, minor } of parts) {
    staked += minor;
    // Both factors are below 2^63, and a bigint holds their product.
    const share = (win * minor) / amount;
    shares.push({ bonus, minor: share });
    left -= share;
  }
  const cash = (win * (amount - staked)) / amount;
  shares[shares.length - 1]!.minor += left - cash;
  return { cash, parts: shares };
}
