/**
 * What limits allow, added up naively: every stake, win and deposit is kept for ever, and a window
 * is summed anew for each question.
 */
import { Code, LimitKind } from "../../src/ledger/index.ts";
import { DAY, MINUTE, SECOND, WINDOW } from "./rules-of-players.ts";

interface Limit {
  readonly kind: LimitKind;
  readonly period: 0 | 1 | 2 | 3;
  readonly currency: string;
  value: bigint;
  /** undefined value: it goes. */
  pending: { readonly value: bigint | undefined; readonly at: number } | undefined;
}

interface Stake {
  readonly bet: string;
  readonly currency: string;
  readonly at: number;
  readonly minor: bigint;
}

/** One limit_set, in the model's words. */
export interface Setting {
  readonly kind: LimitKind;
  readonly period: 0 | 1 | 2 | 3;
  readonly currency: string;
  /** Undefined: it is to go. */
  readonly value: bigint | undefined;
}

const PLAY: readonly LimitKind[] = [LimitKind.WAGER, LimitKind.LOSS];

export class LimitModel {
  limits: Limit[] = [];
  stakes: Stake[] = [];
  /** What was lost (won, when negative) beside stakes. */
  lost: Stake[] = [];
  readonly deposits: Stake[] = [];
  session: { from: number; last: number } | undefined;

  set(setting: Setting, at: number): Code {
    const known = this.#inForce(at);
    const { kind, period, currency, value } = setting;
    const found = known.find((one) => {
      return one.kind === kind && one.period === period && one.currency === currency;
    });
    if (found === undefined) {
      if (value === undefined) return Code.LIMIT_UNKNOWN;
      known.push({ kind, period, currency, value, pending: undefined });
    } else if (value !== undefined && value <= found.value) {
      Object.assign(found, { value, pending: undefined });
    } else if (found.pending === undefined || found.pending.value !== value) {
      found.pending = { value, at: at + DAY };
    }
    this.limits = known;
    const isPlayed = ({ currency: of }: Stake): boolean => this.#counts(of);
    this.stakes = this.stakes.filter(isPlayed);
    this.lost = this.lost.filter(isPlayed);
    if (!known.some((one) => one.kind === LimitKind.SESSION)) this.session = undefined;
    return Code.OK;
  }

  /** Why a stake is refused. */
  mayStake(currency: string, minor: bigint, at: number): Code {
    const { session } = this;
    if (session !== undefined && at - session.last < 15 * MINUTE) {
      const seconds = this.#values(LimitKind.SESSION, "", at)[0]?.value;
      if (seconds !== undefined && BigInt(at - session.from) > seconds * BigInt(SECOND)) {
        return Code.LIMIT_SESSION_REACHED;
      }
    }
    if (this.#exceeds(LimitKind.WAGER, currency, minor, at)) return Code.LIMIT_WAGER_REACHED;
    return this.#exceeds(LimitKind.LOSS, currency, minor, at) ? Code.LIMIT_LOSS_REACHED : Code.OK;
  }

  mayDeposit(currency: string, minor: bigint, at: number): Code {
    const exceeds = this.#exceeds(LimitKind.DEPOSIT, currency, minor, at);
    return exceeds ? Code.LIMIT_DEPOSIT_REACHED : Code.OK;
  }

  stake(bet: string, currency: string, minor: bigint, at: number): void {
    if (this.#counts(currency)) this.stakes.push({ bet, currency, at, minor });
    if (!this.limits.some(({ kind }) => kind === LimitKind.SESSION)) return;
    const goesOn = this.session !== undefined && at - this.session.last < 15 * MINUTE;
    this.session = { from: goesOn ? this.session!.from : at, last: at };
  }

  lose(currency: string, minor: bigint, at: number): void {
    if (this.#counts(currency)) this.lost.push({ bet: "", currency, at, minor });
  }

  giveBack(bet: string): void {
    this.stakes = this.stakes.filter((stake) => stake.bet !== bet);
  }

  /** What counts in the window that ends at `at`. */
  used(kind: LimitKind, currency: string, period: 1 | 2 | 3, at: number): bigint {
    const lists = {
      [LimitKind.DEPOSIT]: [this.deposits],
      [LimitKind.WAGER]: [this.stakes],
      [LimitKind.LOSS]: [this.stakes, this.lost],
      [LimitKind.SESSION]: [],
    }[kind];
    let sum = 0n;
    for (const one of lists.flat()) {
      if (one.currency === currency && at - one.at < WINDOW[period]) sum += one.minor;
    }
    return sum;
  }

  #exceeds(kind: LimitKind, currency: string, minor: bigint, at: number): boolean {
    return this.#values(kind, currency, at).some(({ period, value }) => {
      return period !== 0 && this.used(kind, currency, period, at) + minor > value;
    });
  }

  #values(kind: LimitKind, currency: string, at: number): Limit[] {
    return this.#inForce(at).filter((one) => one.kind === kind && one.currency === currency);
  }

  #inForce(at: number): Limit[] {
    return this.limits.flatMap((limit) => {
      const { pending } = limit;
      if (pending === undefined || at < pending.at) return { ...limit };
      return pending.value === undefined
        ? []
        : { ...limit, value: pending.value, pending: undefined };
    });
  }

  #counts(currency: string): boolean {
    return this.limits.some((one) => PLAY.includes(one.kind) && one.currency === currency);
  }
}
