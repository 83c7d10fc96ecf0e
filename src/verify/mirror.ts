/**
 * The money of a correction: what stands is mirrored, then what is to stand is posted.
 *
 * @module
 */
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { BonusStage } from "../wire/gen/countroom/v1/object_pb.ts";
import type { Line } from "./lines.ts";
import { type Bonus, inSpendOrder, leftAs, type Thing } from "./objects.ts";
import type { Settled, Win } from "./settled.ts";
import { bonusesOf, cashOf, type DerivedState, type Part, type Player } from "./state.ts";
import { askedBy, capped, type Shares, sharesOf, sumOf } from "./working.ts";

/** What a correction leaves: the stake returned, another win, or no win. */
export type Aim = { readonly kind: "void" | "taken" } | { readonly kind: "win"; readonly win: Win };

/** A correction worked out. */
export interface Mirrored {
  readonly lines: readonly Line[];
  /** How many of the lines mirror what stood. */
  readonly mirrored: number;
  readonly changes: readonly Thing[];
  /** What the player owes more. */
  readonly debt: bigint;
}

const NOTHING: Shares = Object.freeze({ cash: 0n, parts: [] });

export class Mirror {
  readonly #state: DerivedState;
  readonly #player: Player;
  readonly #settled: Settled;
  readonly #before: readonly Bonus[];
  /** Bonuses that stand, in spend order. */
  readonly #bonuses: Map<string, Bonus>;
  readonly #lines: Line[] = [];
  #debt = 0n;

  constructor(state: DerivedState, player: Player, settled: Settled) {
    this.#state = state;
    this.#player = player;
    this.#settled = settled;
    this.#before = inSpendOrder(bonusesOf(player), settled.currency);
    this.#bonuses = new Map(this.#before.map((bonus) => [bonus.key, bonus]));
  }

  workOut(aim: Aim): Mirrored {
    const { stake, kind } = this.#settled;
    const given = this.#given(aim);
    if (aim.kind !== "taken") {
      if (kind === "bet") this.#post(AccountKind.ROUND_ESCROW, stake.minor);
      this.#post(AccountKind.REV_BETS, -stake.minor);
    }
    this.#unpay(aim, given);
    const mirrored = this.#lines.length;
    if (aim.kind === "void") {
      if (kind === "bet") this.#post(AccountKind.ROUND_ESCROW, -stake.minor);
      this.#return(given);
    } else if (aim.kind === "win") {
      this.#pay(aim.win, given);
    }
    const changes = this.#before.flatMap((bonus) => {
      const after = this.#bonuses.get(bonus.key) as Bonus;
      const isSame =
        after.remaining === bonus.remaining &&
        after.freeLeft === bonus.freeLeft &&
        after.wageringLeft === bonus.wageringLeft;
      return isSame ? [] : leftAs(after);
    });
    const lines = this.#lines;
    return {
      lines,
      mirrored: kind === "house" ? lines.length : mirrored,
      changes,
      debt: this.#debt,
    };
  }

  /** What goes to the player, by source; of a free stake the parts are allowance. */
  #given(aim: Aim): Shares {
    if (aim.kind === "taken") return NOTHING;
    const { stake } = this.#settled;
    if (aim.kind === "win") return this.#placed(sharesOf(stake, aim.win.minor));
    const cash = stake.minor - sumOf(stake.parts);
    return stake.free ? { cash, parts: stake.parts } : this.#placed({ cash, parts: stake.parts });
  }

  /** What became of a bonus that was converted without a bound is the player's cash. */
  #placed({ cash, parts }: Shares): Shares {
    const isCash = ({ bonus }: Part): boolean => {
      if (this.#bonuses.has(bonus)) return false;
      const end = this.#state.bonuses.get(`${this.#player.operator}\0${bonus}`);
      return end?.stage === BonusStage.CONVERTED && end.conversionMax === 0n;
    };
    const gone = parts.filter(isCash);
    if (gone.length === 0) return { cash, parts };
    return { cash: cash + sumOf(gone), parts: parts.filter((part) => !isCash(part)) };
  }

  /** Takes the win that stands from where it went. */
  #unpay(aim: Aim, given: Shares): void {
    const { stake, win } = this.#settled;
    const shares = this.#placed(sharesOf(stake, win.minor));
    const isAllowance = aim.kind === "void" && stake.free;
    const taken: Part[] = [];
    let due = shares.cash;
    let lapsed = 0n;
    for (const { bonus, minor } of shares.parts) {
      const stands = this.#bonuses.get(bonus);
      if (stands === undefined) {
        lapsed += minor;
        continue;
      }
      const comes = given.parts.find((part) => part.bonus === bonus)?.minor ?? 0n;
      const has = stands.remaining + (isAllowance ? 0n : comes);
      const takes = minor < has ? minor : has;
      due += minor - takes;
      taken.push({ bonus, minor: takes });
      const asked = stands.wageringLeft - (stake.free ? askedBy(stands, minor) : 0n);
      const wageringLeft = asked < 0n ? 0n : asked;
      this.#bonuses.set(bonus, { ...stands, remaining: stands.remaining - takes, wageringLeft });
    }
    this.#post(AccountKind.LIAB_JACKPOT, win.jackpot, win.pool);
    this.#post(AccountKind.REV_WINS, win.minor - win.jackpot);
    const cash = cashOf(this.#player, this.#settled.currency) + given.cash;
    const paid = due < cash ? due : cash;
    this.#debt = due - paid;
    this.#post(AccountKind.PLAYER_CASH, -paid);
    this.#post(AccountKind.ASSET_PLAYER_DEBT, -this.#debt);
    for (const { bonus, minor } of taken) this.#post(AccountKind.PLAYER_BONUS, -minor, bonus);
    this.#post(AccountKind.EXP_BONUS, -lapsed);
  }

  #return(given: Shares): void {
    const { stake, bonuses } = this.#settled;
    this.#post(AccountKind.PLAYER_CASH, given.cash);
    for (const { bonus, minor } of given.parts) {
      if (!stake.free) {
        this.#giveMoney(bonus, minor);
        continue;
      }
      this.#post(AccountKind.EXP_FREEBETS, minor);
      const stands = this.#bonuses.get(bonus);
      if (stands === undefined) continue;
      this.#bonuses.set(bonus, { ...stands, freeLeft: stands.freeLeft + minor });
    }
    if (stake.free) return;
    // The stake must be wagered again.
    const first = this.#before.find(({ key }) => bonuses.includes(key));
    const stands = first === undefined ? undefined : this.#bonuses.get(first.key);
    if (stands === undefined) return;
    const wageringLeft = capped(stands.wageringLeft + stake.minor);
    this.#bonuses.set(stands.key, { ...stands, wageringLeft });
  }

  #pay(win: Win, given: Shares): void {
    const { stake } = this.#settled;
    this.#post(AccountKind.ROUND_ESCROW, -stake.minor);
    this.#post(AccountKind.REV_BETS, stake.minor);
    this.#post(AccountKind.REV_WINS, -win.minor);
    this.#post(AccountKind.PLAYER_CASH, given.cash);
    for (const { bonus, minor } of given.parts) {
      this.#giveMoney(bonus, minor);
      const stands = this.#bonuses.get(bonus);
      if (stands === undefined || !stake.free) continue;
      const wageringLeft = capped(stands.wageringLeft + askedBy(stands, minor));
      this.#bonuses.set(bonus, { ...stands, wageringLeft });
    }
  }

  /** Bonus money goes to its bonus, or to nobody when that has ended. */
  #giveMoney(bonus: string, minor: bigint): void {
    const stands = this.#bonuses.get(bonus);
    if (stands === undefined) this.#post(AccountKind.EXP_BONUS, minor);
    else {
      this.#post(AccountKind.PLAYER_BONUS, minor, bonus);
      this.#bonuses.set(bonus, { ...stands, remaining: stands.remaining + minor });
    }
  }

  #post(account: AccountKind, minor: bigint, qualifier = ""): void {
    if (minor === 0n) return;
    this.#lines.push({ account, qualifier, currency: this.#settled.currency, minor });
  }
}
