/**
 * One player's money in one currency during one record: the lines it posts, and what it makes of
 * the player's bonuses.
 *
 * @module
 */
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Line } from "./lines.ts";
import { type Bonus, inSpendOrder, isTimeOver, leftAs, type Thing } from "./objects.ts";
import type { Win } from "./settled.ts";
import { bonusesOf, cashOf, type Part, type Player, type Stake } from "./state.ts";

const I64_MAX = 2n ** 63n - 1n;
const NO_PARTS: readonly Part[] = Object.freeze([]);

/** What a stake is asked from; the contract's numbers. */
export const FUNDING = { ANY: 0, CASH: 1, BONUS: 2, FREE: 3 } as const;

export function sumOf(parts: readonly Part[]): bigint {
  return parts.reduce((sum, { minor }) => sum + minor, 0n);
}

/** A win divided among the sources of its stake. */
export interface Shares {
  readonly cash: bigint;
  readonly parts: readonly Part[];
}

/** Each bonus and cash get their share, rounded down; the last bonus gets what is left over. */
export function sharesOf({ minor: stake, parts }: Stake, win: bigint): Shares {
  if (parts.length === 0) return { cash: win, parts };
  const shares = parts.map(({ bonus, minor }) => ({ bonus, minor: (win * minor) / stake }));
  const cash = (win * (stake - sumOf(parts))) / stake;
  (shares.at(-1) as { minor: bigint }).minor += win - cash - sumOf(shares);
  return { cash, parts: shares };
}

/** What a free bet's win asks to be wagered. */
export function askedBy({ winWageringX100 }: Bonus, win: bigint): bigint {
  const asked = (win * BigInt(winWageringX100)) / 100n;
  return asked > I64_MAX ? I64_MAX : asked;
}

export function capped(minor: bigint): bigint {
  return minor > I64_MAX ? I64_MAX : minor;
}

/** Cash that a stake asks for: less than all of it where bonus money makes up for the rest. */
export function cashAsked(
  player: Player,
  currency: string,
  minor: bigint,
  funding: number,
  now: number,
): bigint {
  if (funding > FUNDING.CASH) return 0n;
  const cash = cashOf(player, currency);
  if (funding === FUNDING.CASH || minor <= cash) return minor;
  let bonus = 0n;
  for (const one of inSpendOrder(bonusesOf(player), currency)) {
    if (!isTimeOver(one, now)) bonus += one.remaining;
  }
  const asked = minor - bonus;
  return asked > cash ? asked : cash;
}

/** Works out a record. */
export class Working {
  readonly lines: Line[] = [];
  readonly #currency: string;
  readonly #now: number;
  readonly #cash: bigint;
  readonly #bonuses: Bonus[];
  readonly #touched = new Set<string>();

  constructor(player: Player, currency: string, now: number) {
    this.#currency = currency;
    this.#now = now;
    this.#cash = cashOf(player, currency);
    this.#bonuses = inSpendOrder(bonusesOf(player), currency);
  }

  /** Where a stake comes from; undefined when there isn't enough. */
  divide(minor: bigint, funding: number): Stake | undefined {
    const cash = funding > FUNDING.CASH ? 0n : this.#cash < minor ? this.#cash : minor;
    const free = funding === FUNDING.FREE;
    let left = minor - cash;
    if (left === 0n) return { minor, parts: NO_PARTS, free: false };
    if (funding === FUNDING.CASH) return undefined;
    const parts: Part[] = [];
    for (const bonus of this.#bonuses) {
      const has = free ? bonus.freeLeft : bonus.remaining;
      if (left === 0n || has === 0n || isTimeOver(bonus, this.#now)) continue;
      const part = has < left ? has : left;
      parts.push({ bonus: bonus.key, minor: part });
      left -= part;
    }
    return left === 0n ? { minor, parts, free } : undefined;
  }

  /** A stake goes into escrow. */
  take(stake: Stake): void {
    this.#draw(stake);
    this.post(AccountKind.ROUND_ESCROW, stake.minor);
    for (const { bonus, minor } of stake.parts) {
      this.#change(bonus, (one) => ({ ...one, staked: one.staked + minor }));
    }
  }

  /** A stake returns from escrow. */
  giveBack({ minor, parts, free }: Stake, escrow = ""): void {
    this.post(AccountKind.ROUND_ESCROW, -minor, escrow);
    if (!free) this.post(AccountKind.PLAYER_CASH, minor - sumOf(parts));
    for (const { bonus, minor: part } of parts) {
      if (free) this.post(AccountKind.EXP_FREEBETS, part);
      else this.post(AccountKind.PLAYER_BONUS, part, bonus);
      this.#change(bonus, (one) => ({
        ...one,
        staked: one.staked - part,
        remaining: free ? one.remaining : one.remaining + part,
        freeLeft: free ? one.freeLeft + part : one.freeLeft,
      }));
    }
  }

  /** A stake in escrow is recognised, its win paid, and the stake wagered. */
  settle(stake: Stake, win: Win, escrow = ""): void {
    this.post(AccountKind.ROUND_ESCROW, -stake.minor, escrow);
    this.post(AccountKind.REV_BETS, stake.minor);
    for (const { bonus, minor } of stake.parts) {
      this.#change(bonus, (one) => ({ ...one, staked: one.staked - minor }));
    }
    this.#pay(stake, win);
    if (!stake.free) this.#wager(stake.minor);
  }

  /** A stake is taken, recognised and settled at once. */
  play(stake: Stake, win: Win): void {
    this.#draw(stake);
    this.post(AccountKind.REV_BETS, stake.minor);
    this.#pay(stake, win);
    this.#wager(stake.minor);
  }

  /** Bonuses that gave, got or were wagered, in spend order. */
  changes(): Thing[] {
    return this.#bonuses.filter(({ key }) => this.#touched.has(key)).map(leftAs);
  }

  /** Posts what isn't zero. */
  post(account: AccountKind, minor: bigint, qualifier = ""): void {
    if (minor === 0n) return;
    this.lines.push({ account, qualifier, currency: this.#currency, minor });
  }

  #draw({ minor, parts, free }: Stake): void {
    if (!free) this.post(AccountKind.PLAYER_CASH, sumOf(parts) - minor);
    for (const { bonus, minor: part } of parts) {
      if (free) this.post(AccountKind.EXP_FREEBETS, -part);
      else this.post(AccountKind.PLAYER_BONUS, -part, bonus);
      this.#change(bonus, (one) => ({
        ...one,
        remaining: free ? one.remaining : one.remaining - part,
        freeLeft: free ? one.freeLeft - part : one.freeLeft,
      }));
    }
  }

  #pay(stake: Stake, win: Win): void {
    const { cash, parts } = sharesOf(stake, win.minor);
    this.post(AccountKind.LIAB_JACKPOT, -win.jackpot, win.pool);
    this.post(AccountKind.REV_WINS, win.jackpot - win.minor);
    this.post(AccountKind.PLAYER_CASH, cash);
    for (const { bonus, minor } of parts) {
      if (minor === 0n) continue;
      this.post(AccountKind.PLAYER_BONUS, minor, bonus);
      this.#change(bonus, (one) => {
        const wageringLeft = one.wageringLeft + (stake.free ? askedBy(one, minor) : 0n);
        return { ...one, remaining: one.remaining + minor, wageringLeft: capped(wageringLeft) };
      });
    }
  }

  #wager(stake: bigint): void {
    let left = stake;
    for (const { key } of this.#bonuses) {
      this.#change(key, (one) => {
        const { wageringLeft: asked } = one;
        const counts = asked < left ? asked : left;
        if (counts === 0n || isTimeOver(one, this.#now)) return one;
        left -= counts;
        return { ...one, wageringLeft: asked - counts };
      });
    }
  }

  #change(key: string, how: (bonus: Bonus) => Bonus): void {
    const at = this.#bonuses.findIndex((bonus) => bonus.key === key);
    const before = this.#bonuses[at];
    if (before === undefined) return;
    const after = how(before);
    if (after === before) return;
    this.#bonuses[at] = after;
    this.#touched.add(key);
  }
}
