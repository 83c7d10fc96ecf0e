/** Events of the cashier as tests say them, and what the book must hold after them. */
import { expect } from "bun:test";
import {
  AccountKind,
  Code,
  type Deposit,
  type DepositStage,
  type Hold,
  houseKey,
  type Outcome,
  type Payload,
  type PayloadOf,
  objectKey,
  type WithdrawalStage,
} from "../../src/ledger/index.ts";
import { type Answer, type Book, type CommandInit, everything } from "./book.ts";

export const RAIL = "test-card";
export const MAX = 2n ** 63n - 1n;
export const eur = (minor: bigint) => ({ minor, currency: "EUR" });

type Init = Partial<Omit<CommandInit, "payload">>;
type Returned = "deposit_refunded" | "deposit_charged_back" | "deposit_suspended";
type Ended = "withdrawal_failed" | "withdrawal_released" | "withdrawal_reversed";

/** Payloads in EUR by one rail. */
export const say = {
  captured: (externalId: string, minor: bigint, partial = false) => ({
    type: "deposit_captured" as const,
    amount: eur(minor),
    rail: RAIL,
    externalId,
    partial,
  }),
  advanced: (externalId: string, stage: DepositStage, minor: bigint) => ({
    type: "deposit_advanced" as const,
    rail: RAIL,
    externalId,
    stage,
    amount: eur(minor),
    reason: "",
    scaStatus: "",
    scaEci: "",
  }),
  payment: (type: Returned, externalId: string, minor: bigint): Payload => {
    return { type, rail: RAIL, externalId, amount: eur(minor), reason: "" } as Payload;
  },
  matched: (externalId: string, minor: bigint) => ({
    type: "suspense_matched" as const,
    rail: RAIL,
    externalId,
    amount: eur(minor),
  }),
  requested: (minor: bigint, expiresAt = 0): PayloadOf<"withdrawal_requested"> => ({
    type: "withdrawal_requested",
    amount: eur(minor),
    rail: RAIL,
    destinationHash: "d",
    expiresAt,
  }),
  stage: (withdrawalId: string, stage: WithdrawalStage) => ({
    type: "withdrawal_advanced" as const,
    withdrawalId,
    stage,
    approvers: ["ann", "bob"],
    reason: "",
  }),
  submitted: (withdrawalId: string, minor?: bigint) => ({
    type: "withdrawal_submitted" as const,
    withdrawalId,
    amount: minor === undefined ? undefined : eur(minor),
    spendId: "s",
  }),
  settled: (withdrawalId: string, minor?: bigint, networkFeeMinor = 0n) => ({
    type: "withdrawal_settled" as const,
    withdrawalId,
    amount: minor === undefined ? undefined : eur(minor),
    networkFeeMinor,
  }),
  ended: (type: Ended, withdrawalId: string, minor?: bigint): Payload => {
    const amount = minor === undefined ? undefined : eur(minor);
    return { type, withdrawalId, amount, reason: "" } as Payload;
  },
  expired: (withdrawalId: string) => ({ type: "withdrawal_expired" as const, withdrawalId }),
  extended: (withdrawalId: string, expiresAt: number) => {
    return { type: "withdrawal_extended" as const, withdrawalId, expiresAt };
  },
  debt: (type: "debt_recovered" | "debt_written_off", minor: bigint): Payload => {
    return { type, amount: eur(minor), reason: "" } as Payload;
  },
};

/** Sends as the cashier and insists on the code. */
export function tell(
  book: Book,
  payload: Payload,
  init: Init = {},
  code: keyof typeof Code = "OK",
): Outcome {
  const answer = book.do({ source: "api-cashier", ...init, payload });
  expect(nameOf(answer)).toBe(code);
  if (answer.outcome === undefined) throw new Error("no record");
  return answer.outcome;
}

/** The name of an answer's code, with the field of a fault. */
export function nameOf({ code, field }: Pick<Answer, "code" | "field">): string {
  const name = Object.entries(Code).find(([, number]) => number === code)?.[0] ?? "?";
  return field === undefined ? name : `${name} ${field}`;
}

/** Postings as text: account, qualifier in brackets, amount with its sign, currency but EUR. */
export function linesOf({ postings }: Pick<Outcome, "postings">): string[] {
  return postings.map(({ account, qualifier, minor, currency }) => {
    const name = Object.entries(AccountKind).find(([, kind]) => kind === account)?.[0];
    const place = qualifier === "" ? name : `${name}(${qualifier})`;
    return `${place} ${minor}${currency === "EUR" ? "" : ` ${currency}`}`;
  });
}

/** A player's money: available and held, then what is owed. */
export function purse(book: Book, ref: string, currency = "EUR"): readonly bigint[] {
  const player = book.draft.player(ref);
  const account = player?.accounts.find((one) => one.currency === currency);
  const owed = player?.extras?.debts.find((one) => one.currency === currency)?.owed ?? 0n;
  return [account?.available ?? 0n, account?.held ?? 0n, owed];
}

/** Sum of an operator's account. */
export function house(
  book: Book,
  account: keyof typeof AccountKind,
  qualifier = "",
  currency = "EUR",
): bigint {
  return book.draft.house(houseKey(AccountKind[account], qualifier, currency, "demo"));
}

export function depositIn(book: Book, externalId: string): Deposit | undefined {
  return book.draft.object(objectKey("deposit", "demo", `${RAIL}\0${externalId}`)) as
    Deposit | undefined;
}

export function holdIn(book: Book, key: string): Hold | undefined {
  return book.draft.object(objectKey("hold", "demo", key)) as Hold | undefined;
}

/** What a record left a deposit or a hold as, without what doesn't change. */
export function leftAs(outcome: Outcome): Record<string, unknown> {
  const change = outcome.changes?.[0];
  if (change?.object === "deposit") {
    const { version, stage, expected, captured, returned, suspended } = change;
    return { version, stage, expected, captured, returned, suspended };
  }
  if (change?.object !== "hold") return {};
  const { version, stage, remaining, inTransit, settled, returned } = change;
  return { version, stage, remaining, inTransit, settled, returned };
}

/** Records alone rebuild the state; nothing is lost between accounts and objects. */
export function settleAccounts(book: Book): void {
  book.commit();
  expect(everything(book.replay())).toEqual(everything(book.state));
  const sums = new Map<string, bigint>();
  const add = (name: string, minor: bigint) => sums.set(name, (sums.get(name) ?? 0n) + minor);
  for (const [, object] of book.state.objects()) {
    if (object.object === "velocity" || object.currency !== "EUR") continue;
    if (object.object === "hold") {
      add(`held ${object.ref}`, object.remaining);
      add("transit", object.inTransit);
    }
    if (object.object === "deposit") add("suspense", object.suspended);
  }
  for (const player of book.state.players()) {
    const debt = player.extras?.debts.find(({ currency }) => currency === "EUR");
    add("debt", -(debt?.owed ?? 0n));
    const row = player.accounts.find(({ currency }) => currency === "EUR");
    expect(row?.held ?? 0n).toBe(sums.get(`held ${player.ref}`) ?? 0n);
  }
  expect(house(book, "ASSET_PSP_PAYOUT_TRANSIT", RAIL)).toBe(sums.get("transit") ?? 0n);
  expect(house(book, "LIAB_SUSPENSE", RAIL)).toBe(sums.get("suspense") ?? 0n);
  expect(house(book, "ASSET_PLAYER_DEBT")).toBe(sums.get("debt") ?? 0n);
}
