/** Stories: a few commands each, which lead where luck doesn't: full accounts, debts, limits. */
import { type Command, Funding, type Payload } from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import type { Caller, Sent } from "./model-caller.ts";
import * as cashier from "./model-commands-cashier.ts";
import * as wallet from "./model-commands.ts";
import { MAX } from "./model-world.ts";

export function captured(
  caller: Caller,
  operatorId: string,
  playerRef: string,
  amount: { minor: bigint; currency: string },
  externalId = "",
): Sent {
  const rail = amount.currency === "FUN" ? "play" : "test-card";
  const payload = { type: "deposit_captured", amount, rail, externalId } as const;
  return caller.sent({ operatorId, playerRef, payload });
}

/** A few commands on the way to something, each made when it is its turn. */
export type Story = readonly ((caller: Caller) => Sent | undefined)[];

export const say =
  (playerRef: string, payload: (caller: Caller) => Payload, rest: Partial<Command> = {}) =>
  (caller: Caller): Sent =>
    caller.sent({ playerRef, ...rest, payload: payload(caller) });

/** Everything that a player has goes. */
const spend = (ref: string, currency: string) =>
  say(ref, ({ world }) => {
    const amount = { minor: world.row(ref, currency).available, currency };
    const rest = { debit: true, reason: "", approvers: ["ann", "bob"], correctionOf: 0 };
    return { type: "adjustment_posted", amount, ...rest };
  });

export type Money = { readonly minor: bigint; readonly currency: string };

/** Money that nobody may have yet, and its match. */
export function suspended(caller: Caller, externalId: string, amount: Money): Sent {
  const rail = amount.currency === "FUN" ? "play" : "test-card";
  const payload = { type: "deposit_suspended", rail, externalId, amount, reason: "" } as const;
  return caller.sent({ payload });
}

export function matched(
  caller: Caller,
  playerRef: string,
  externalId: string,
  amount: Money,
): Sent {
  const rail = amount.currency === "FUN" ? "play" : "test-card";
  const payload = { type: "suspense_matched", rail, externalId, amount } as const;
  return caller.sent({ playerRef, payload });
}

/** The player's account is filled, but for a little. */
const fill = (ref: string, currency: string) => (caller: Caller) => {
  const { available, bonus, held } = caller.world.row(ref, currency);
  const minor = MAX - available - bonus - held - BigInt(caller.chance.pick([0, 0, 1, 9]));
  return minor > 0n ? captured(caller, "demo", ref, { minor, currency }) : undefined;
};

/** Rich: what comes back to a full account doesn't fit, and what is owed has no room either. */
function riches(caller: Caller): Story {
  const ref = refOf(3);
  const [first, second] = [caller.fresh("x"), caller.fresh("x")];
  const [txnId, open, win] = [caller.fresh("t"), caller.fresh("t"), caller.fresh("m")];
  const eur = (minor: bigint) => ({ minor, currency: "EUR" });
  const chargeBack = (externalId: string) =>
    say("", ({ world }) => {
      const deposit = [...world.deposits.values()].find(({ key }) =>
        key.endsWith(`\0${externalId}`),
      );
      const amount = eur((deposit?.captured ?? 1n) - (deposit?.returned ?? 0n));
      return { type: "deposit_charged_back", rail: "test-card", externalId, amount, reason: "" };
    });
  const all = (externalId: string, most: bigint) => (inner: Caller) => {
    const { available, bonus, held } = inner.world.row(ref, "EUR");
    const left = MAX - available - bonus - held;
    return captured(inner, "demo", ref, eur(left < most ? left : most), externalId);
  };
  const bet = (name: string) => {
    const payload = { type: "bet_placed", amount: eur(4n), closesRound: false } as const;
    return say(ref, () => payload, { txnId: name, roundId: name });
  };
  const settled = (betTxnId: string, ownId: string) => {
    const payload = { type: "round_settled", betTxnId, win: eur(9n), closesRound: true } as const;
    return say("", () => payload, { txnId: ownId });
  };
  return [
    spend(ref, "EUR"),
    (inner) => captured(inner, "demo", ref, eur(20n)),
    bet(txnId),
    bet(open),
    settled(txnId, win),
    spend(ref, "EUR"),
    all(first, MAX),
    spend(ref, "EUR"),
    all(second, 50n),
    spend(ref, "EUR"),
    chargeBack(first),
    say("", () => ({ type: "win_rolled_back", winTxnId: win })),
    chargeBack(second),
    settled(open, ""),
    say(ref, () => ({ type: "debt_recovered", amount: eur(3n) })),
    cashier.chargeBack,
    wallet.voidBet,
    wallet.takeWin,
    say(ref, ({ world }) => {
      return { type: "debt_written_off", amount: eur(world.owed(ref, "EUR")), reason: "" };
    }),
  ];
}

/** A bet, or a withdrawal, and then a full account. */
function fulness(caller: Caller): Story {
  const ref = refOf(3);
  const [txnId, free, w] = [caller.fresh("t"), caller.fresh("b"), caller.fresh("w")];
  const [lost, x] = [caller.fresh("t"), caller.fresh("x")];
  const currency = caller.chance.pick(["EUR", "FUN"]);
  const money = (minor: bigint) => ({ minor, currency });
  const bet = (name: string, funding: Funding | 0): Story[number] => {
    const amount = money(5n);
    const payload = { type: "bet_placed", amount, closesRound: false, funding } as const;
    return say(ref, () => payload, { txnId: name, roundId: caller.fresh("r") });
  };
  const settled = (betTxnId: string, minor: bigint) => {
    return { type: "round_settled" as const, betTxnId, win: money(minor), closesRound: false };
  };
  const grant = {
    bonusId: free,
    campaign: "",
    amount: money(9n),
    winWageringX100: 0,
    expiresAt: 0,
  };
  const amount = money(7n);
  const rest = { rail: "test-card", destinationHash: "", expiresAt: 0 };
  return [
    (inner) => captured(inner, "demo", ref, money(40n)),
    (inner) => captured(inner, "demo", ref, { minor: 9n, currency: "TON" }),
    say("", () => ({ type: "jackpot_seeded", pool: "mega", amount: money(90n) })),
    bet(lost, 0),
    say("", () => settled(lost, 0n)),
    (inner) => suspended(inner, x, money(30n)),
    say(ref, () => ({ type: "free_bets_granted", ...grant, conversionMinorMax: 0n })),
    bet(txnId, 0),
    say(ref, () => ({ type: "withdrawal_requested", amount, ...rest }), { txnId: w }),
    say("", () => {
      const part = caller.chance.in(50) ? undefined : money(3n);
      return { type: "withdrawal_submitted", withdrawalId: w, amount: part, spendId: "" };
    }),
    say("", () => {
      const settled = { withdrawalId: w, amount: money(2n), networkFeeMinor: 0n };
      return { type: "withdrawal_settled", ...settled };
    }),
    fill(ref, currency),
    bet(caller.fresh("t"), Funding.FREE),
    say(ref, () => {
      const game = { type: "dice" as const, targetX100: 5000, over: true };
      return { type: "house_round", stake: money(9n), game };
    }),
    wallet.settle,
    say("", () => settled(txnId, 10n)),
    say("", () => ({ type: "bet_voided", betTxnId: lost, reason: "", betSource: "" })),
    say("", () => {
      return { type: "bet_resettled", betTxnId: lost, win: money(20n), reason: "", betSource: "" };
    }),
    say(ref, () => ({ type: "jackpot_won", pool: "mega", amount: money(20n) })),
    (inner) => matched(inner, ref, x, money(20n)),
    say(ref, () => {
      return {
        type: "currency_exchanged",
        sell: { minor: 5n, currency: "TON" },
        buy: money(20n),
        quoteId: "",
      };
    }),
    ...(["withdrawal_failed", "withdrawal_reversed"] as const).map((type) =>
      say("", () => ({ type, withdrawalId: w, amount: undefined, reason: "" })),
    ),
    wallet.grant,
    spend(ref, currency),
  ];
}

/** A bet from bonus money, settled; then its bonus ends, and then the bet is corrected. */
function afterwards(caller: Caller): Story {
  const ref = refOf(1 + caller.chance.upTo(3));
  const [bonusId, txnId, winId] = [caller.fresh("b"), caller.fresh("t"), caller.fresh("m")];
  const isFree = caller.chance.in(40);
  const funding = isFree ? Funding.FREE : caller.chance.pick([0 as const, Funding.BONUS]);
  const money = (minor: number) => ({ minor: BigInt(minor), currency: "TON" });
  const rest = { bonusId, campaign: "", expiresAt: caller.end(), conversionMinorMax: 0n };
  const most = caller.chance.in(30) ? 3n : 0n;
  const grant = { ...rest, amount: money(caller.chance.pick([15, 20])), conversionMinorMax: most };
  const win = money(caller.chance.pick([0, caller.chance.upTo(60), 2 ** 40]));
  const ended = (inner: Caller): Sent => {
    const types = ["bonus_converted", "bonus_forfeited", "bonus_expired"] as const;
    const payload = { type: inner.chance.pick(types), bonusId, reason: "" } as Payload;
    return inner.sent({ playerRef: ref, payload });
  };
  const closesRound = caller.chance.in(50);
  const granted = (free: boolean) =>
    say(ref, ({ chance }) =>
      free
        ? {
            type: "free_bets_granted",
            ...grant,
            winWageringX100: chance.pick([0, 50, 300, 2 ** 32 - 1]),
          }
        : {
            type: "bonus_granted",
            ...grant,
            wageringMinor: chance.in(15) ? MAX - 3n : BigInt(chance.upTo(30)),
          },
    );
  return [
    granted(isFree),
    (inner) => (inner.chance.in(60) ? captured(inner, "demo", ref, money(9)) : undefined),
    say(ref, () => ({ type: "bet_placed", amount: money(15), closesRound, funding }), {
      txnId,
      roundId: caller.fresh("r"),
    }),
    (inner) => {
      if (inner.chance.in(20)) return granted(isFree)(inner);
      if (inner.chance.in(30)) inner.world.laterUs += 90_000_000;
      return inner.chance.in(50) ? ended(inner) : undefined;
    },
    say("", () => ({ type: "round_settled", betTxnId: txnId, win, closesRound }), { txnId: winId }),
    (inner) => (inner.chance.in(50) ? wallet.playDice(inner) : undefined),
    ...[1, 2].map(() => (inner: Caller) => {
      return inner.chance.in(30) ? undefined : ended(inner);
    }),
    (inner) => (inner.chance.in(30) ? granted(inner.chance.in(50))(inner) : undefined),
    (inner) => (inner.chance.in(40) ? spend(ref, "TON")(inner) : undefined),
    (inner) => inner.chance.pick([wallet.voidBet, wallet.resettle, wallet.takeWin])(inner),
    ...[1, 2, 3].map(() => (inner: Caller) => {
      const betSource = "";
      const again = { betTxnId: txnId, reason: "", betSource };
      return inner.sent({
        payload: inner.chance.pick<Payload>([
          { type: "bet_voided", ...again },
          { type: "bet_resettled", ...again, win: money(inner.chance.upTo(50)) },
          { type: "win_rolled_back", winTxnId: winId },
        ]),
      });
    }),
  ];
}

/** Those of accounts and bets. */
export const MONEY_STORIES = [riches, fulness, afterwards, afterwards];
