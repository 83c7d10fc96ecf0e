/**
 * What the verifier says of one event: the code that it must have been answered with, and the
 * effect that it must have had.
 *
 * @module
 */
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Amount } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Entry } from "./entry.ts";
import type { Line } from "./lines.ts";
import type { Thing } from "./objects.ts";
import type { Settled } from "./settled.ts";
import type { Bet, DerivedState, Player, Stake } from "./state.ts";

/** What an accepted event must have done. */
export interface Effect {
  /** The record's player, "" when it has none. */
  readonly ref: string;
  readonly lines: readonly Line[];
  readonly changes?: readonly Thing[] | undefined;
  /** The record closes its round. */
  readonly closes?: boolean;
  /** The record whose postings the first `mirrored` ones mirror. */
  readonly corrects?: Correction | undefined;
  /** The bet that it opens. */
  readonly opens?: Bet;
  /** The stake of a house round. */
  readonly plays?: Stake;
  /** Currency of a balance that is told although it doesn't move. */
  readonly tells?: string;
  /** All rows of the player get their next version, moved or not. */
  readonly allRows?: boolean;
}

/** What a correction follows. */
export interface Correction {
  readonly of: number;
  readonly mirrored: number;
  /** What it corrects; not for adjustments by hand. */
  readonly settled?: Settled;
}

/** A verdict; with the code OK it has an effect. */
export interface Verdict {
  /** 0: the event can't be a record at all. */
  readonly code: Code;
  /** Why not OK. */
  readonly why: string;
  readonly effect: Effect | undefined;
}

/** The event must have been answered with this code, for this reason. */
export function no(code: Code, why: string): Verdict {
  return { code, why, effect: undefined };
}

/** The event makes no sense and can't be a record. */
export function absurd(why: string): Verdict {
  return no(Code.UNSPECIFIED, why);
}

export function yes(effect: Effect): Verdict {
  return { code: Code.OK, why: "", effect };
}

/** A record that says something and does nothing. */
export const FACT_ONLY: readonly Line[] = Object.freeze([]);

/** Judges events of one type. */
export type Judge<Value = never> = (
  state: DerivedState,
  entry: Entry,
  value: Value,
  now: number,
) => Verdict;

/** The record's player; undefined when the record names none, or one who isn't the operator's. */
export function playerOf(state: DerivedState, { ref, operator }: Entry): Player | undefined {
  if (ref === "") return undefined;
  const player = state.players.get(ref);
  return player?.operator === operator ? player : undefined;
}

/** Who isn't known, of those that the event names. */
export function unknownPlayer({ ref }: Entry): Verdict {
  return no(Code.PLAYER_UNKNOWN, `player "${ref}" isn't registered`);
}

/** Why an amount can't be one: it is missing, too small, or of no currency. */
export function amountFault(amount: Amount | undefined, least: bigint): string | undefined {
  if (amount === undefined) return "it has no amount";
  if (amount.minor < least) return `${amount.minor} is no amount`;
  return amount.currency === "" ? "its amount has no currency" : undefined;
}

/** Whether a number is one of a contract's enum, its zero aside. */
export function isOneOf(names: Readonly<Record<string, number>>, number: number): boolean {
  return number !== 0 && Object.values(names).includes(number);
}
