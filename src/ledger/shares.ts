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
 * Divides a win pro rata by the sources of its stake: each bonus gets floor(win x part / stake),
 * in the order of the parts; cash gets the rest, and where no cash was staked the last bonus does.
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
  if (staked < amount) return { cash: left, parts: shares };
  shares[shares.length - 1]!.minor += left;
  return { cash: 0n, parts: shares };
}
