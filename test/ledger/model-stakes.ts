/** Where stakes come from and what they turn into: cash, bonus money, free bets. */
import { type Bonus, Funding } from "../../src/ledger/index.ts";
import type { Deed } from "./model-deed.ts";
import { MAX, type Stake, type Win, type World } from "./model-world.ts";

export const NO_WIN: Win = { minor: 0n, jackpot: 0n, pool: "" };

export function atMost(sum: bigint, most: bigint): bigint {
  return sum < most ? sum : most;
}

export function sumOf(parts: Stake["parts"]): bigint {
  return parts.reduce((sum, { minor }) => sum + minor, 0n);
}

export function isDue(world: World, { expiresAt }: Bonus): boolean {
  return expiresAt !== 0 && world.now >= expiresAt;
}

/** The part of a stake that has to come from cash, whether there is so much or not. */
export function cashOf(
  world: World,
  ref: string,
  currency: string,
  { amount, funding }: { amount: bigint; funding: Funding | 0 },
): bigint {
  if (funding === Funding.BONUS || funding === Funding.FREE) return 0n;
  const cash = world.row(ref, currency).available;
  if (funding === Funding.CASH || amount <= cash) return amount;
  let bonus = 0n;
  for (const one of world.standing(ref, currency)) if (!isDue(world, one)) bonus += one.remaining;
  return amount - bonus > cash ? amount - bonus : cash;
}

/** Undefined when there isn't enough. */
export function divided(
  world: World,
  ref: string,
  currency: string,
  { amount, funding }: { amount: bigint; funding: Funding | 0 },
): Stake | undefined {
  const isFree = funding === Funding.FREE;
  const takesCash = funding === 0 || funding === Funding.CASH;
  let left = amount;
  if (takesCash) left -= atMost(world.row(ref, currency).available, amount);
  if (left === 0n) return { amount, funding: Funding.CASH, parts: [] };
  if (funding === Funding.CASH) return undefined;
  const parts: { bonus: string; minor: bigint }[] = [];
  for (const bonus of world.standing(ref, currency)) {
    const minor = atMost(isFree ? bonus.freeLeft : bonus.remaining, left);
    if (minor === 0n || isDue(world, bonus)) continue;
    parts.push({ bonus: bonus.key, minor });
    left -= minor;
  }
  return left > 0n ? undefined : { amount, funding: isFree ? funding : Funding.BONUS, parts };
}

/** Each bonus and cash get their part of a win, rounded down; the last bonus has the rest. */
export function shares(
  { amount, parts }: Stake,
  win: bigint,
): { cash: bigint; parts: Stake["parts"] } {
  if (parts.length === 0) return { cash: win, parts };
  const each = parts.map(({ bonus, minor }) => ({ bonus, minor: (win * minor) / amount }));
  const cash = (win * (amount - sumOf(parts))) / amount;
  const rest = win - cash - sumOf(each);
  const last = each.at(-1)!;
  return { cash, parts: [...each.slice(0, -1), { ...last, minor: last.minor + rest }] };
}

export function moreWagering({ wageringLeft }: Bonus, more: bigint): bigint {
  return atMost(wageringLeft + more, MAX);
}

/** What a free bet's win asks for. */
export function askedBy({ winWageringX100 }: Bonus, win: bigint): bigint {
  return (win * BigInt(winWageringX100)) / 100n;
}

/** One player's stakes in one currency within one record. */
export class Till {
  readonly #world: World;
  readonly #deed: Deed;
  readonly #currency: string;

  constructor(world: World, deed: Deed, currency: string) {
    this.#world = world;
    this.#deed = deed;
    this.#currency = currency;
  }

  /** From the sources into escrow, or, when the round is over at once, nowhere. */
  take(stake: Stake, goesToEscrow: boolean): void {
    const { amount, parts } = stake;
    const isFree = stake.funding === Funding.FREE;
    this.#post("PLAYER_CASH", sumOf(parts) - amount);
    for (const { bonus: key, minor } of parts) {
      this.#post(isFree ? "EXP_FREEBETS" : "PLAYER_BONUS", -minor, isFree ? "" : key);
      const bonus = this.#bonus(key)!;
      this.#deed.put({
        ...bonus,
        remaining: bonus.remaining - (isFree ? 0n : minor),
        freeLeft: bonus.freeLeft - (isFree ? minor : 0n),
        staked: bonus.staked + (goesToEscrow ? minor : 0n),
      });
    }
    if (goesToEscrow) this.#post("ROUND_ESCROW", amount);
  }

  giveBack({ amount, funding, parts }: Stake, name = ""): void {
    const isFree = funding === Funding.FREE;
    this.#post("ROUND_ESCROW", -amount, name);
    this.#post("PLAYER_CASH", amount - sumOf(parts));
    for (const { bonus: key, minor } of parts) {
      this.#post(isFree ? "EXP_FREEBETS" : "PLAYER_BONUS", minor, isFree ? "" : key);
      const bonus = this.#bonus(key)!;
      this.#deed.put({
        ...bonus,
        remaining: bonus.remaining + (isFree ? 0n : minor),
        freeLeft: bonus.freeLeft + (isFree ? minor : 0n),
        staked: bonus.staked - minor,
      });
    }
  }

  /** The stake is the house's, the win the player's. */
  settle(stake: Stake, win: Win, from: "escrow" | "player", name = ""): void {
    if (from === "escrow") {
      this.#post("ROUND_ESCROW", -stake.amount, name);
      for (const { bonus: key, minor } of stake.parts) {
        const bonus = this.#bonus(key)!;
        this.#deed.put({ ...bonus, staked: bonus.staked - minor });
      }
    }
    this.#post("REV_BETS", stake.amount);
    this.pay(stake, win);
    if (stake.funding !== Funding.FREE) this.#wager(stake.amount);
  }

  pay(stake: Stake, { minor: win, jackpot, pool }: Win): void {
    this.#post("LIAB_JACKPOT", -jackpot, pool);
    this.#post("REV_WINS", jackpot - win);
    const { cash, parts } = shares(stake, win);
    this.#post("PLAYER_CASH", cash);
    for (const { bonus: key, minor } of parts) {
      if (minor === 0n) continue;
      this.#post("PLAYER_BONUS", minor, key);
      const bonus = this.#bonus(key)!;
      const asked = stake.funding === Funding.FREE ? askedBy(bonus, minor) : 0n;
      const remaining = bonus.remaining + minor;
      this.#deed.put({ ...bonus, remaining, wageringLeft: moreWagering(bonus, asked) });
    }
  }

  #wager(amount: bigint): void {
    let left = amount;
    for (const before of this.#world.standing(this.#deed.ref, this.#currency)) {
      const bonus = this.#deed.bonus(before);
      const minor = isDue(this.#world, bonus) ? 0n : atMost(bonus.wageringLeft, left);
      if (minor === 0n) continue;
      this.#deed.put({ ...bonus, wageringLeft: bonus.wageringLeft - minor });
      left -= minor;
    }
  }

  #bonus(key: string): Bonus | undefined {
    const before = this.#world
      .standing(this.#deed.ref, this.#currency)
      .find((bonus) => bonus.key === key);
    return before === undefined ? undefined : this.#deed.bonus(before);
  }

  #post(kind: Parameters<Deed["post"]>[0], minor: bigint, qualifier = ""): void {
    this.#deed.post(kind, minor, this.#currency, qualifier);
  }
}
