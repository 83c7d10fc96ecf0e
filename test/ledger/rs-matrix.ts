/**
 * A seamless wallet of the RS_* family, as thin as can be: each call as one command of the ledger,
 * each code as one status. A dialect does the same behind signatures, tokens and game lists.
 */
import { Code, type Command, Funding } from "../../src/ledger/index.ts";
import { grantFree } from "./bonuses.ts";
import { Book, command } from "./book.ts";

/** The family counts 1.00 as 100 000; the ledger counts it as 1 000 000. */
const MICRO_PER_UNIT = 10n;
/** 1.00 in the family's units. */
export const ONE = 100_000n;

/** Statuses by the ledger's codes; a code that isn't here is RS_ERROR_UNKNOWN. */
const STATUS: Partial<Record<Code, string>> = {
  [Code.OK]: "RS_OK",
  [Code.BET_TOMBSTONED]: "RS_OK",
  [Code.BET_ALREADY_ROLLED_BACK]: "RS_OK",
  [Code.ROUND_ALREADY_CLOSED]: "RS_OK",
  [Code.FUNDS_INSUFFICIENT]: "RS_ERROR_NOT_ENOUGH_MONEY",
  [Code.PLAYER_BLOCKED]: "RS_ERROR_USER_DISABLED",
  [Code.PLAYER_CLOSED]: "RS_ERROR_USER_DISABLED",
  [Code.PLAYER_EXCLUDED]: "RS_ERROR_USER_DISABLED",
  [Code.PLAYER_TIMED_OUT]: "RS_ERROR_USER_DISABLED",
  [Code.PLAYER_FROZEN]: "RS_ERROR_USER_DISABLED",
  [Code.LIMIT_WAGER_REACHED]: "RS_ERROR_LIMIT_REACHED",
  [Code.LIMIT_LOSS_REACHED]: "RS_ERROR_LIMIT_REACHED",
  [Code.KEY_CONFLICT]: "RS_ERROR_DUPLICATE_TRANSACTION",
  [Code.BET_DUPLICATE]: "RS_ERROR_DUPLICATE_TRANSACTION",
  [Code.TXN_DUPLICATE]: "RS_ERROR_DUPLICATE_TRANSACTION",
  [Code.BET_ALREADY_SETTLED]: "RS_ERROR_DUPLICATE_TRANSACTION",
  [Code.BET_UNKNOWN]: "RS_ERROR_TRANSACTION_DOES_NOT_EXIST",
  [Code.BET_MISMATCH]: "RS_ERROR_TRANSACTION_DOES_NOT_EXIST",
  [Code.BET_ROLLED_BACK]: "RS_ERROR_TRANSACTION_ROLLED_BACK",
  [Code.BET_VOIDED]: "RS_ERROR_TRANSACTION_ROLLED_BACK",
  [Code.CURRENCY_UNKNOWN]: "RS_ERROR_WRONG_CURRENCY",
  [Code.AMOUNT_INVALID]: "RS_ERROR_WRONG_TYPES",
};

const IN_CURRENCY: ReadonlySet<Code> = new Set([Code.FUNDS_INSUFFICIENT, Code.BET_MISMATCH]);

/** What such a call says; amounts in the family's units. */
export interface Call {
  readonly uuid: string;
  /** The bet that a win or a rollback refers to. */
  readonly reference?: string;
  readonly round?: string;
  readonly amount?: bigint;
  readonly currency?: string;
  readonly isFree?: boolean;
  readonly roundClosed?: boolean;
  readonly user?: 1 | 2;
  /** request_uuid, for dialects that make it the key; transaction_uuid is it otherwise. */
  readonly request?: string;
}

/** What is answered: the status, and with RS_OK alone the balance, in whole coins. */
export type Reply = readonly [status: string, balance?: string];

/** Two players with 1000.00 in cash and free bets for 10.00 each. */
export class RsWallet {
  readonly book = new Book();
  readonly users: readonly string[];

  constructor() {
    this.users = [1, 2].map((n) => {
      const ref = this.book.player(1000n * ONE * MICRO_PER_UNIT);
      grantFree(this.book, ref, `promo-${n}`, 10n * ONE * MICRO_PER_UNIT);
      return ref;
    });
  }

  bet(call: Call): Reply {
    const { amount = ONE, currency = "FUN", isFree = false, roundClosed = false } = call;
    return this.#send(call, {
      type: "bet_placed",
      amount: { minor: amount * MICRO_PER_UNIT, currency },
      closesRound: roundClosed,
      funding: isFree ? Funding.FREE : Funding.CASH,
    });
  }

  win(call: Call): Reply {
    const { amount = ONE, currency = "FUN", roundClosed = true, reference = "" } = call;
    return this.#send(call, {
      type: "round_settled",
      betTxnId: reference,
      win: { minor: amount * MICRO_PER_UNIT, currency },
      closesRound: roundClosed,
    });
  }

  rollback(call: Call): Reply {
    return this.#send(call, { type: "bet_rolled_back", betTxnId: call.reference ?? "" });
  }

  /** Cash of a user, as the family writes it. */
  balance(user: 1 | 2 = 1): string {
    const minor = this.book.draft.account(this.users[user - 1]!, "FUN")!.available;
    return decimal(minor);
  }

  /** Blocks a user. */
  block(user: 1 | 2 = 1): void {
    const payload = { type: "player_status_changed", status: 2, reason: "" } as const;
    this.book.record({ playerRef: this.users[user - 1]!, payload });
  }

  #send({ uuid, round = "r", user = 1, request }: Call, payload: Command["payload"]): Reply {
    const { code, replayed, outcome } = this.book.send(
      command({
        idempotencyKey: request ?? uuid,
        txnId: uuid,
        roundId: round,
        playerRef: this.users[user - 1]!,
        payload,
      }),
    );
    const status = STATUS[code] ?? "RS_ERROR_UNKNOWN";
    // A refusal without a balance in the call's currency: the user has no account in it.
    if (IN_CURRENCY.has(code) && outcome?.balances.length === 0) return ["RS_ERROR_WRONG_CURRENCY"];
    if (status !== "RS_OK") return [status];
    // A repeated call is told the balance as it is now; the ledger's receipt is the first one's.
    if (replayed || outcome === undefined) return [status, this.balance(user)];
    const row = outcome.balances.find(({ currency }) => currency === "FUN");
    return [status, row === undefined ? this.balance(user) : decimal(row.available)];
  }
}

/** Six decimals, those at the end that are zero left out. */
function decimal(minor: bigint): string {
  const one = ONE * MICRO_PER_UNIT;
  const fraction = `${minor % one}`.padStart(6, "0").replace(/0+$/, "");
  return fraction === "" ? `${minor / one}` : `${minor / one}.${fraction}`;
}
