/**
 * A player's money in one currency on its way through one record: cash, bonuses, escrow.
 *
 * @module
 */
import { I64_MAX, mulDivFloor } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { inSpendOrder, isDue, leftAs } from "./bonus-order.ts";
import type { Bonus } from "./objects.ts";
import { accountOf } from "./state.ts";
import { type BonusPart, Funding, type OpenBet, type Player } from "./state-view.ts";
import { sharesOf } from "./shares.ts";
import type { Movement, Win } from "./stakes.ts";
import type { Posting } from "./types.ts";

/** Where a stake came from: `parts` from bonuses in spend order, the rest of it from cash. */
export type Stake = Pick<OpenBet, "amount" | "funding" | "parts">;

const NO_PARTS: readonly BonusPart[] = Object.freeze([]);

/**
 * Several stakes may be returned or settled one after the other: each sees what the one before
 * left. {@link Purse.movement} then tells what all of it was. Nothing of the player is changed.
 *
 * A bonus that a part names and that has ended (which happens to settled bets only) takes nothing
 * back: what would be its money goes to `exp:bonus`.
 */
export class Purse {
  readonly #currency: string;
  readonly #recordedAt: number;
  readonly #before: readonly Bonus[];
  /** In spend order, like those before. */
  readonly #bonuses: Bonus[];
  readonly #postings: Posting[] = [];
  readonly #cash: bigint;
  #available = 0n;
  #bonus = 0n;
  #held = 0n;

  constructor(player: Player, currency: string, recordedAt: number) {
    this.#currency = currency;
    this.#recordedAt = recordedAt;
    this.#before = inSpendOrder(player, currency);
    this.#bonuses = [...this.#before];
    this.#cash = accountOf(player.accounts, currency)?.available ?? 0n;
  }

  /**
   * Divides a stake among its sources. 0: cash first, then bonus money; CASH, BONUS (money) and
   * FREE (allowance) take from nothing else. Bonuses give in spend order, each all it has, and not
   * once their time is over. Undefined when there isn't enough.
   */
  divide(amount: bigint, funding: Funding | 0): Stake | undefined {
    const cash = this.#cash + this.#available;
    const fromCash = funding > Funding.CASH ? 0n : cash < amount ? cash : amount;
    let left = amount - fromCash;
    if (left === 0n) return { amount, funding: Funding.CASH, parts: undefined };
    if (funding === Funding.CASH) return undefined;
    const isFree = funding === Funding.FREE;
    const parts: BonusPart[] = [];
    for (const bonus of this.#bonuses) {
      const has = isFree ? bonus.freeLeft : bonus.remaining;
      if (has === 0n || isDue(bonus, this.#recordedAt)) continue;
      const minor = has < left ? has : left;
      parts.push({ bonus: bonus.key, minor });
      left -= minor;
      if (left === 0n) break;
    }
    return left > 0n ? undefined : { amount, funding: isFree ? funding : Funding.BONUS, parts };
  }

  /**
   * Moves a stake into escrow: from `player:cash`, then from `player:bonus`, one posting for each
   * bonus with its id as qualifier; or from `exp:freebets`, one posting for each bonus.
   */
  take(stake: Stake): void {
    this.#draw(stake);
    this.#post(AccountKind.ROUND_ESCROW, stake.amount);
    const isFree = stake.funding === Funding.FREE;
    for (const { bonus: key, minor } of stake.parts ?? NO_PARTS) {
      this.#change(key, (bonus) => ({
        ...bonus,
        remaining: isFree ? bonus.remaining : bonus.remaining - minor,
        staked: bonus.staked + minor,
        freeLeft: isFree ? bonus.freeLeft - minor : bonus.freeLeft,
      }));
    }
  }

  /** Returns a stake from escrow to where it came from, time over or not. */
  giveBack(stake: Stake): void {
    const { amount, parts = NO_PARTS, funding } = stake;
    const isFree = funding === Funding.FREE;
    this.#post(AccountKind.ROUND_ESCROW, -amount);
    if (!isFree) this.#post(AccountKind.PLAYER_CASH, amount - sumOf(parts));
    for (const { bonus: key, minor } of parts) {
      const isThere = this.#change(key, (bonus) => ({
        ...bonus,
        remaining: isFree ? bonus.remaining : bonus.remaining + minor,
        staked: bonus.staked - minor,
        freeLeft: isFree ? bonus.freeLeft + minor : bonus.freeLeft,
      }));
      if (isFree) this.#post(AccountKind.EXP_FREEBETS, minor);
      else if (isThere) this.#post(AccountKind.PLAYER_BONUS, minor, key);
      else this.#post(AccountKind.EXP_BONUS, minor);
    }
  }

  /**
   * Recognises a stake from escrow and pays its win; then the stake is wagered, a free one isn't.
   */
  settle(stake: Stake, win: Win): void {
    this.#post(AccountKind.ROUND_ESCROW, -stake.amount);
    this.#post(AccountKind.REV_BETS, stake.amount);
    for (const { bonus: key, minor } of stake.parts ?? NO_PARTS) {
      this.#change(key, (bonus) => ({ ...bonus, staked: bonus.staked - minor }));
    }
    this.#pay(stake, win);
    if (stake.funding !== Funding.FREE) this.#wager(stake.amount);
  }

  /** A stake is taken, recognised and settled at once; nothing is held in between. */
  play(stake: Stake, win: Win): void {
    this.#draw(stake);
    this.#post(AccountKind.REV_BETS, stake.amount);
    for (const { bonus: key, minor } of stake.parts ?? NO_PARTS) {
      this.#change(key, (bonus) => ({ ...bonus, remaining: bonus.remaining - minor }));
    }
    this.#pay(stake, win);
    this.#wager(stake.amount);
  }

  /** All that happened; bonuses come in spend order. */
  movement(): Movement {
    const changes = this.#bonuses.filter((bonus, at) => bonus !== this.#before[at]).map(leftAs);
    return {
      postings: this.#postings,
      changes: changes.length === 0 ? undefined : changes,
      available: this.#available,
      bonus: this.#bonus,
      held: this.#held,
    };
  }

  /** The debits of a stake. */
  #draw({ amount, funding, parts = NO_PARTS }: Stake): void {
    const isFree = funding === Funding.FREE;
    if (!isFree) this.#post(AccountKind.PLAYER_CASH, sumOf(parts) - amount);
    for (const { bonus: key, minor } of parts) {
      if (isFree) this.#post(AccountKind.EXP_FREEBETS, -minor);
      else this.#post(AccountKind.PLAYER_BONUS, -minor, key);
    }
  }

  /**
   * Pays a win by the sources of its stake. What free bets win asks for wagering: floor(share x
   * win_wagering_x100 / 100), and no more than an int64 in all.
   */
  #pay(stake: Stake, win: Win): void {
    const { cash, parts } = sharesOf(stake, win.minor);
    this.#post(AccountKind.LIAB_JACKPOT, -win.jackpotMinor, win.jackpotPool);
    this.#post(AccountKind.REV_WINS, win.jackpotMinor - win.minor);
    this.#post(AccountKind.PLAYER_CASH, cash);
    const isFree = stake.funding === Funding.FREE;
    for (const { bonus: key, minor } of parts) {
      if (minor === 0n) continue;
      const isThere = this.#change(key, (bonus) => ({
        ...bonus,
        remaining: bonus.remaining + minor,
        wageringLeft: isFree ? moreWagering(bonus, minor) : bonus.wageringLeft,
      }));
      if (isThere) this.#post(AccountKind.PLAYER_BONUS, minor, key);
      else this.#post(AccountKind.EXP_BONUS, minor);
    }
  }

  /**
   * A settled stake counts for the bonuses in spend order, those that this record ends as LOST
   * among them: one at a time, the rest for the next. It doesn't count where time is over.
   */
  #wager(amount: bigint): void {
    let left = amount;
    for (let at = 0; at < this.#bonuses.length && left > 0n; at += 1) {
      const bonus = this.#bonuses[at]!;
      const { wageringLeft } = bonus;
      if (wageringLeft === 0n || isDue(bonus, this.#recordedAt)) continue;
      const minor = wageringLeft < left ? wageringLeft : left;
      this.#bonuses[at] = { ...bonus, wageringLeft: wageringLeft - minor };
      left -= minor;
    }
  }

  /** False when the bonus has ended. */
  #change(key: string, change: (bonus: Bonus) => Bonus): boolean {
    const at = this.#bonuses.findIndex((bonus) => bonus.key === key);
    if (at < 0) return false;
    this.#bonuses[at] = change(this.#bonuses[at]!);
    return true;
  }

  /** Posts what isn't zero. */
  #post(account: AccountKind, minor: bigint, qualifier = ""): void {
    if (minor === 0n) return;
    this.#postings.push({ account, qualifier, minor, currency: this.#currency });
    if (account === AccountKind.PLAYER_CASH) this.#available += minor;
    else if (account === AccountKind.PLAYER_BONUS) this.#bonus += minor;
    else if (account === AccountKind.ROUND_ESCROW) this.#held += minor;
  }
}

function sumOf(parts: readonly BonusPart[]): bigint {
  let sum = 0n;
  for (const { minor } of parts) sum += minor;
  return sum;
}

function moreWagering(bonus: Bonus, win: bigint): bigint {
  const more = mulDivFloor(win, BigInt(bonus.winWageringX100), 100n) ?? I64_MAX;
  const sum = bonus.wageringLeft + more;
  return sum > I64_MAX ? I64_MAX : sum;
}
