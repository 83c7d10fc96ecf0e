/**
 * The money of corrections: what was settled is mirrored, line by line.
 *
 * @module
 */
import { I64_MAX, mulDivFloor } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { inSpendOrder, leftAs } from "./bonus-order.ts";
import type { Settled } from "./correction-chain.ts";
import { debtOf, owedBy } from "./debts.ts";
import type { Bonus, Change } from "./objects.ts";
import { sharesOf } from "./shares.ts";
import type { Win } from "./stakes.ts";
import { type BonusPart, Funding, type Player } from "./state-view.ts";
import { accountOf } from "./state.ts";
import type { Posting } from "./types.ts";
import { type Effect, emptyAccount } from "./verdict.ts";

const NO_PARTS: readonly BonusPart[] = Object.freeze([]);

/** What a correction leaves the bet as. */
export type Target =
  /** The stake returns to where it came from. */
  | { readonly kind: "void" }
  /** The bet is settled with this win instead. */
  | { readonly kind: "win"; readonly win: Win }
  /** Only the win is taken back. */
  | { readonly kind: "taken" };

/**
 * One correction of one settled bet, in this order:
 *
 * 1. Unless only the win is taken: `round:escrow` +S, `rev:bets` −S (S: the stake).
 * 2. The win W that stands, its jackpot part J: `liab:jackpot` +J, `rev:wins` +(W − J). It was
 *    shared by the sources of the stake (`sharesOf`); each share is taken from where it went:
 *    `player:cash` and `asset:player_debt` (below), `player:bonus` by bonus, `exp:bonus`.
 * 3. Void: `round:escrow` −S, then the stake to its sources as in a rollback (cash, then bonus by
 *    bonus). Another win: the lines of a settlement with it. For a house round, nothing was in
 *    escrow: step 1 is `rev:bets` −S alone, and step 3 the stake to its sources.
 *
 * Steps 1 and 2 are the mirror; for a house round all of it is. Lines of zero aren't posted.
 *
 * A bonus's place: while it stands, its own bonus money. Once it was converted without a bound,
 * the player's cash, which is what became of it. Otherwise (lost, expired, forfeited, converted up
 * to a bound) `exp:bonus`: nothing of it is the player's, and a correction mustn't turn it into
 * cash past its wagering.
 *
 * Cash and debt: the shares of cash, of converted bonuses, and what standing bonuses can't give (a
 * share beyond remaining plus what step 3 gives the bonus) make one amount D. `player:cash` gives
 * min(D, available + what step 3 gives to cash), `asset:player_debt` the rest. What step 3 gives
 * pays no debts.
 *
 * Wagering: a void stake must be wagered again, when it wasn't free: wagering_left of the first
 * bonus in spend order, among those that stand and that the settlement changed, grows by S. What
 * a free bet's win added to wagering_left, floor(share x win_wagering_x100 / 100), is taken from it
 * again, down to zero; another win adds its own. Another win counts no stake anew.
 */
export class CorrectionMoney {
  readonly #player: Player;
  readonly #settled: Settled;
  readonly #isConverted: (bonus: string) => boolean;
  readonly #before: readonly Bonus[];
  readonly #bonuses: Map<string, Bonus>;
  readonly #postings: Posting[] = [];
  #debt = 0n;

  constructor(player: Player, settled: Settled, isConverted: (bonus: string) => boolean) {
    this.#player = player;
    this.#settled = settled;
    this.#isConverted = isConverted;
    this.#before = inSpendOrder(player, settled.currency);
    this.#bonuses = new Map(this.#before.map((bonus) => [bonus.key, bonus]));
  }

  /** The whole record's effect; undefined when an int64 can't hold what it leaves. */
  effect(target: Target): Effect | undefined {
    const { stake, seq, kind } = this.#settled;
    const given = this.#givenBy(target);
    if (target.kind !== "taken") this.#unrecognise();
    this.#takeWin(given);
    const mirrored = this.#postings.length;
    if (target.kind === "void") {
      if (kind === "bet") this.#post(AccountKind.ROUND_ESCROW, -stake.amount);
      this.#give(given);
      this.#wagerAgain();
    } else if (target.kind === "win") {
      this.#payWin(target.win, given);
    }
    const all = kind === "house_round" ? this.#postings.length : mirrored;
    return this.#effect({ of: seq, mirrored: all });
  }

  /** Money on its way to the player, by source. */
  #givenBy(target: Target): Given {
    const { stake } = this.#settled;
    if (target.kind === "taken") return { cash: 0n, parts: NO_PARTS };
    if (target.kind === "win") return this.#placed(sharesOf(stake, target.win.minor));
    const { amount, parts = NO_PARTS } = stake;
    let cash = amount;
    for (const { minor } of parts) cash -= minor;
    if (stake.funding === Funding.FREE) return { cash, parts, isFree: true };
    return this.#placed({ cash, parts });
  }

  /** Shares of converted bonuses belong to cash. */
  #placed({ cash, parts }: Given): Given {
    const converted = parts.filter(({ bonus }) => this.#isCash(bonus));
    let sum = cash;
    for (const { minor } of converted) sum += minor;
    return { cash: sum, parts: parts.filter((part) => !converted.includes(part)) };
  }

  #isCash(bonus: string): boolean {
    return !this.#bonuses.has(bonus) && this.#isConverted(bonus);
  }

  #unrecognise(): void {
    const { stake, kind } = this.#settled;
    if (kind === "bet") this.#post(AccountKind.ROUND_ESCROW, stake.amount);
    this.#post(AccountKind.REV_BETS, -stake.amount);
  }

  #takeWin(given: Given): void {
    const { stake, win } = this.#settled;
    const shares = this.#placed(sharesOf(stake, win.minor));
    const isFree = stake.funding === Funding.FREE;
    const lines: { bonus: string; minor: bigint }[] = [];
    let due = shares.cash;
    let lapsed = 0n;
    for (const { bonus: key, minor } of shares.parts) {
      const bonus = this.#bonuses.get(key);
      if (bonus === undefined) {
        lapsed += minor;
        continue;
      }
      const back = given.parts.find((one) => one.bonus === key)?.minor ?? 0n;
      const has = given.isFree === true ? bonus.remaining : bonus.remaining + back;
      const taken = minor < has ? minor : has;
      due += minor - taken;
      lines.push({ bonus: key, minor: taken });
      const asked = bonus.wageringLeft - (isFree ? addedWagering(bonus, minor) : 0n);
      const wageringLeft = asked < 0n ? 0n : asked;
      this.#bonuses.set(key, { ...bonus, remaining: bonus.remaining - taken, wageringLeft });
    }
    this.#post(AccountKind.LIAB_JACKPOT, win.jackpotMinor, win.jackpotPool);
    this.#post(AccountKind.REV_WINS, win.minor - win.jackpotMinor);
    this.#takeCash(due, given.cash);
    for (const { bonus, minor } of lines) this.#post(AccountKind.PLAYER_BONUS, -minor, bonus);
    this.#post(AccountKind.EXP_BONUS, -lapsed);
  }

  #takeCash(due: bigint, given: bigint): void {
    const has = this.#account().available + given;
    const cash = due < has ? due : has;
    this.#debt = due - cash;
    this.#post(AccountKind.PLAYER_CASH, -cash);
    this.#post(AccountKind.ASSET_PLAYER_DEBT, -this.#debt);
  }

  #payWin(win: Win, given: Given): void {
    const { stake } = this.#settled;
    this.#post(AccountKind.ROUND_ESCROW, -stake.amount);
    this.#post(AccountKind.REV_BETS, stake.amount);
    this.#post(AccountKind.LIAB_JACKPOT, -win.jackpotMinor, win.jackpotPool);
    this.#post(AccountKind.REV_WINS, win.jackpotMinor - win.minor);
    this.#give(given);
    if (stake.funding !== Funding.FREE) return;
    for (const { bonus: key, minor } of given.parts) {
      const bonus = this.#bonuses.get(key);
      if (bonus === undefined) continue;
      const sum = bonus.wageringLeft + addedWagering(bonus, minor);
      this.#bonuses.set(key, { ...bonus, wageringLeft: sum > I64_MAX ? I64_MAX : sum });
    }
  }

  /** Gives money, or an allowance, to the player's sources. */
  #give({ cash, parts, isFree = false }: Given): void {
    this.#post(AccountKind.PLAYER_CASH, cash);
    for (const { bonus: key, minor } of parts) {
      const bonus = this.#bonuses.get(key);
      if (isFree) this.#post(AccountKind.EXP_FREEBETS, minor);
      else if (bonus === undefined) this.#post(AccountKind.EXP_BONUS, minor);
      else this.#post(AccountKind.PLAYER_BONUS, minor, key);
      if (bonus === undefined) continue;
      this.#bonuses.set(
        key,
        isFree
          ? { ...bonus, freeLeft: bonus.freeLeft + minor }
          : { ...bonus, remaining: bonus.remaining + minor },
      );
    }
  }

  #wagerAgain(): void {
    const { stake, bonuses } = this.#settled;
    if (stake.funding === Funding.FREE) return;
    const first = this.#before.find(({ key }) => bonuses.includes(key));
    const bonus = first === undefined ? undefined : this.#bonuses.get(first.key);
    if (bonus === undefined) return;
    const sum = bonus.wageringLeft + stake.amount;
    this.#bonuses.set(bonus.key, { ...bonus, wageringLeft: sum > I64_MAX ? I64_MAX : sum });
  }

  #effect(correction: Effect["correction"]): Effect | undefined {
    const { currency } = this.#settled;
    const changes: Change[] = [];
    for (const before of this.#before) {
      const after = this.#bonuses.get(before.key)!;
      if (differs(before, after)) changes.push(leftAs(after));
    }
    const owed = owedBy(this.#player, currency) + this.#debt;
    if (this.#debt > 0n) changes.push(debtOf(this.#player, currency, owed));
    const balance = this.#balance();
    const { available, bonus, held } = balance;
    if (available + bonus + held > I64_MAX || owed > I64_MAX) return undefined;
    return {
      postings: this.#postings,
      balances: [balance],
      changes: changes.length === 0 ? undefined : changes,
      correction,
    };
  }

  #balance() {
    const { currency, available, bonus, held, version } = this.#account();
    const after = { currency, available, bonus, held, version };
    let touches = false;
    for (const { account, minor } of this.#postings) {
      if (account > AccountKind.ROUND_ESCROW) continue;
      touches = true;
      if (account === AccountKind.PLAYER_CASH) after.available += minor;
      else if (account === AccountKind.PLAYER_BONUS) after.bonus += minor;
      else after.held += minor;
    }
    if (touches) after.version += 1;
    return after;
  }

  #account() {
    const { currency } = this.#settled;
    return accountOf(this.#player.accounts, currency) ?? emptyAccount(currency);
  }

  #post(account: AccountKind, minor: bigint, qualifier = ""): void {
    if (minor === 0n) return;
    this.#postings.push({ account, qualifier, minor, currency: this.#settled.currency });
  }
}

/** Shares of a stake or a win. */
interface Given {
  readonly cash: bigint;
  readonly parts: readonly BonusPart[];
  /** The parts are allowance of free bets. */
  readonly isFree?: boolean;
}

function addedWagering(bonus: Bonus, win: bigint): bigint {
  return mulDivFloor(win, BigInt(bonus.winWageringX100), 100n) ?? I64_MAX;
}

function differs(one: Bonus, other: Bonus): boolean {
  return (
    one.remaining !== other.remaining ||
    one.freeLeft !== other.freeLeft ||
    one.wageringLeft !== other.wageringLeft
  );
}
