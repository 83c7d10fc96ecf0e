/** Events that set what a player may not, and conditions made of them. */
import {
  LimitKind,
  LimitPeriod,
  type Outcome,
  type Payload,
  type PayloadOf,
  PlayerStatus,
  VelocitySubject,
} from "../../src/ledger/index.ts";
import type { Book } from "./book.ts";

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Windows of the periods. */
export const WINDOW = { 1: DAY, 2: 7 * DAY, 3: 30 * DAY } as const;

/** Time goes on. */
export function wait(book: Book, us: number): void {
  book.laterUs += us;
}

/** The time of the next record. */
export function now(book: Book): number {
  return book.context().recordedAt;
}

type LimitInit = Partial<Omit<PayloadOf<"limit_set">, "type">>;

/** A limit in play money, of a day unless said otherwise. */
export function limit(kind: LimitKind, minor: bigint, init: LimitInit = {}): Payload {
  const amount = { minor, currency: "FUN" };
  const period = LimitPeriod.DAY;
  return { type: "limit_set", kind, period, amount, sessionSeconds: 0, remove: false, ...init };
}

/** A limit of sessions. */
export function sessionLimit(sessionSeconds: number, remove = false): Payload {
  const period = 0;
  const kind = LimitKind.SESSION;
  return { type: "limit_set", kind, period, amount: undefined, sessionSeconds, remove };
}

/** Sets something about a player, and insists on a record. */
export function set(book: Book, playerRef: string, payload: Payload): Outcome {
  return book.record({ playerRef, payload });
}

type VelocityInit = Partial<Omit<PayloadOf<"velocity_rule_set">, "type">>;

/** A rule of a minute for bets. */
export function velocity(init: VelocityInit): Payload {
  const rule = { ruleId: "v", subject: VelocitySubject.BET, windowSeconds: 60, countMax: 0 };
  return { type: "velocity_rule_set", ...rule, amountMax: undefined, remove: false, ...init };
}

/** Makes a stake of 10 FUN, or a deposit of any, refused; in an order that lets each be set up. */
const CONDITIONS = {
  LIMIT_SESSION_REACHED: (book: Book, ref: string) => {
    set(book, ref, sessionLimit(1));
    book.bet(ref, "session", 1n, { roundId: "session" });
    wait(book, 2 * SECOND);
  },
  LIMIT_VELOCITY_REACHED: (book: Book, ref: string, subject: VelocitySubject) => {
    const isDeposit = subject === VelocitySubject.DEPOSIT;
    const amountMax = { minor: 5n, currency: "FUN" };
    const most = isDeposit ? { countMax: 1 } : { amountMax };
    book.record({ payload: velocity({ subject, ...most }) });
    if (isDeposit) book.deposit(ref, 1n);
  },
  ACCOUNT_FLOOR_REACHED: (book: Book, ref: string) => {
    set(book, ref, bounds(2n ** 63n - 1n, 0n));
  },
  ACCOUNT_CEILING_REACHED: (book: Book, ref: string) => void set(book, ref, bounds(0n, 1n)),
  LIMIT_DEPOSIT_REACHED: (book: Book, ref: string) => {
    set(book, ref, limit(LimitKind.DEPOSIT, 0n));
  },
  LIMIT_WAGER_REACHED: (book: Book, ref: string) => void set(book, ref, limit(LimitKind.WAGER, 0n)),
  LIMIT_LOSS_REACHED: (book: Book, ref: string) => void set(book, ref, limit(LimitKind.LOSS, 0n)),
  PLAYER_FROZEN: (book: Book, ref: string) => void set(book, ref, frozen(true)),
  PLAYER_TIMED_OUT: (book: Book, ref: string) => {
    set(book, ref, { type: "time_out_set", until: now(book) + DAY });
  },
  PLAYER_EXCLUDED: (book: Book, ref: string) => {
    set(book, ref, { type: "self_excluded", until: 0, reason: "" });
  },
  PLAYER_BLOCKED: (book: Book, ref: string) => void set(book, ref, status(PlayerStatus.BLOCKED)),
  PLAYER_CLOSED: (book: Book, ref: string) => void set(book, ref, status(PlayerStatus.CLOSED)),
} as const;

type ConditionName = keyof typeof CONDITIONS;

const ORDER = Object.keys(CONDITIONS);

/** Place of a condition among those that are set up; conditions of other kinds come first. */
export function rankOf(name: string): number {
  return ORDER.indexOf(name);
}

/** Bounds of the account in play money. */
export function bounds(floorMinor: bigint, ceilingMinor: bigint): Payload {
  return { type: "account_bounds_set", currency: "FUN", floorMinor, ceilingMinor, reason: "" };
}

/** A freeze. */
export function frozen(withdrawalsToo: boolean): Payload {
  return { type: "player_frozen", reason: "", withdrawalsToo };
}

/** A change of status. */
export function status(to: PlayerStatus): Payload {
  return { type: "player_status_changed", status: to, reason: "" };
}

interface Scene {
  readonly book: Book;
  readonly ref: string;
}

/** By the code's name: how a subject comes to be refused with it. */
export function conditionsFor<Name extends ConditionName>(
  subject: VelocitySubject,
  names: readonly Name[],
): Record<Name, (scene: Scene) => void> {
  const made = names.map((name) => {
    return [name, ({ book, ref }: Scene) => CONDITIONS[name](book, ref, subject)] as const;
  });
  return Object.fromEntries(made) as Record<Name, (scene: Scene) => void>;
}

/** A player has one status. */
export const STATUSES = ["PLAYER_CLOSED", "PLAYER_BLOCKED"] as const;

/** Those of bets and house rounds. */
export const STAKE_CONDITIONS = conditionsFor(VelocitySubject.BET, [
  "PLAYER_CLOSED",
  "PLAYER_BLOCKED",
  "PLAYER_EXCLUDED",
  "PLAYER_TIMED_OUT",
  "PLAYER_FROZEN",
  "LIMIT_SESSION_REACHED",
  "LIMIT_WAGER_REACHED",
  "LIMIT_LOSS_REACHED",
  "LIMIT_VELOCITY_REACHED",
  "ACCOUNT_FLOOR_REACHED",
]);

/** Those of new withdrawals. */
export const WITHDRAWAL_CONDITIONS = conditionsFor(VelocitySubject.WITHDRAWAL, [
  "PLAYER_FROZEN",
  "LIMIT_VELOCITY_REACHED",
  "ACCOUNT_FLOOR_REACHED",
]);

/** Those of deposits. */
export const DEPOSIT_CONDITIONS = conditionsFor(VelocitySubject.DEPOSIT, [
  "PLAYER_CLOSED",
  "PLAYER_EXCLUDED",
  "PLAYER_TIMED_OUT",
  "LIMIT_DEPOSIT_REACHED",
  "LIMIT_VELOCITY_REACHED",
  "ACCOUNT_CEILING_REACHED",
]);
