/** Stories: a few commands each, which lead where luck doesn't: full accounts, debts, limits. */
import {
  type Command,
  Funding,
  LimitKind,
  type Payload,
  VelocitySubject,
} from "../../src/ledger/index.ts";
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

const say =
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

type Money = { readonly minor: bigint; readonly currency: string };

/** Money that nobody may have yet, and its match. */
function suspended(caller: Caller, externalId: string, amount: Money): Sent {
  const rail = amount.currency === "FUN" ? "play" : "test-card";
  const payload = { type: "deposit_suspended", rail, externalId, amount, reason: "" } as const;
  return caller.sent({ payload });
}

function matched(caller: Caller, playerRef: string, externalId: string, amount: Money): Sent {
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
  return [
    spend(ref, "EUR"),
    all(first, MAX),
    spend(ref, "EUR"),
    all(second, 50n),
    spend(ref, "EUR"),
    chargeBack(first),
    chargeBack(second),
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
  const grant = { ...rest, amount: money(20), conversionMinorMax: most };
  const win = money(caller.chance.upTo(60));
  const closesRound = caller.chance.in(50);
  return [
    say(ref, () =>
      isFree
        ? { type: "free_bets_granted", ...grant, winWageringX100: caller.chance.pick([0, 50, 300]) }
        : { type: "bonus_granted", ...grant, wageringMinor: BigInt(caller.chance.upTo(30)) },
    ),
    (inner) => (inner.chance.in(60) ? captured(inner, "demo", ref, money(9)) : undefined),
    say(ref, () => ({ type: "bet_placed", amount: money(15), closesRound, funding }), {
      txnId,
      roundId: caller.fresh("r"),
    }),
    say("", () => ({ type: "round_settled", betTxnId: txnId, win, closesRound }), { txnId: winId }),
    (inner) => (inner.chance.in(50) ? wallet.playDice(inner) : undefined),
    ...[1, 2].map(() => (inner: Caller) => {
      if (inner.chance.in(30)) return undefined;
      const type = inner.chance.pick([
        "bonus_converted",
        "bonus_forfeited",
        "bonus_expired",
      ] as const);
      return inner.sent({ playerRef: ref, payload: { type, bonusId, reason: "" } as Payload });
    }),
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

/** A session that lasts, and money lost, just up to what the player allows itself. */
function restraint(caller: Caller): Story {
  const ref = refOf(1 + caller.chance.upTo(5));
  const { chance } = caller;
  const kind = chance.pick([LimitKind.SESSION, LimitKind.LOSS, LimitKind.WAGER, LimitKind.DEPOSIT]);
  const isSession = kind === LimitKind.SESSION;
  const currency = chance.pick(["FUN", "EUR"]);
  const amount = isSession ? undefined : { minor: BigInt(chance.upTo(40)), currency };
  const period = isSession ? 0 : chance.pick([1, 2, 3] as const);
  const set = { type: "limit_set" as const, kind, period, amount, remove: false } as const;
  const x = caller.fresh("x");
  const arriving = (inner: Caller, { minor }: Money): Sent => {
    if (inner.chance.in(50)) return captured(inner, "demo", ref, { minor, currency });
    return matched(inner, ref, x, { minor: minor < 9n ? minor : 9n, currency });
  };
  const play: Story[number] = (inner) => {
    const minor = inner.most(...wallet.stakeEdges(inner, ref, currency));
    const stake = { minor, currency };
    const game = { type: "dice" as const, targetX100: 5000, over: true };
    if (kind === LimitKind.DEPOSIT) return arriving(inner, stake);
    if (inner.chance.in(50)) {
      return inner.sent({ playerRef: ref, payload: { type: "house_round", stake, game } });
    }
    const bet = { type: "bet_placed", amount: stake, closesRound: false } as const;
    const names = { txnId: inner.fresh("t"), roundId: inner.fresh("r") };
    return inner.sent({ playerRef: ref, ...names, payload: bet });
  };
  const pass: Story[number] = ({ world }) => {
    world.laterUs += chance.pick([1, 1_000_000, 2_000_000, 60_000_000]);
    return undefined;
  };
  const undo = chance.pick([wallet.rollBack, wallet.settle, wallet.voidRound]);
  return [
    (inner) =>
      kind === LimitKind.DEPOSIT ? suspended(inner, x, { minor: 200n, currency }) : undefined,
    say(ref, () => ({ ...set, sessionSeconds: isSession ? 1 : 0 })),
    play,
    pass,
    play,
    undo,
    play,
    pass,
    play,
  ];
}

/** A rule of the operator's, for a while; or a bound of the player's account. */
function haste(caller: Caller): Story {
  const { chance } = caller;
  const ref = refOf(1 + chance.upTo(4));
  const [ruleId, x] = [caller.fresh("v"), caller.fresh("x")];
  const subject = chance.pick(Object.values(VelocitySubject));
  const currency = "EUR";
  const money = (minor: bigint) => ({ minor, currency });
  const countMax = chance.upTo(3);
  const amountMax = countMax === 0 || chance.in(50) ? money(BigInt(2 + chance.upTo(8))) : undefined;
  const rule = { type: "velocity_rule_set" as const, ruleId, subject, windowSeconds: 60, countMax };
  const isBound = chance.in(40);
  const act: Story[number] = (inner) => {
    const minor = BigInt(1 + inner.chance.upTo(9));
    const txnId = inner.fresh("w");
    if (subject === VelocitySubject.BET) {
      const bet = { type: "bet_placed", amount: money(minor), closesRound: false } as const;
      return inner.sent({ playerRef: ref, txnId, roundId: txnId, payload: bet });
    }
    if (subject === VelocitySubject.DEPOSIT) {
      if (inner.chance.in(50)) return matched(inner, ref, x, money(minor));
      return captured(inner, "demo", ref, money(minor));
    }
    const rest = { rail: "test-card", destinationHash: "", expiresAt: 0 };
    const payload = { type: "withdrawal_requested", amount: money(minor), ...rest } as const;
    return inner.sent({ playerRef: ref, txnId, payload });
  };
  const bounds: Story[number] = say(ref, ({ world }) => {
    const { available } = world.row(ref, currency);
    const [floorMinor, ceilingMinor] = [available > 4n ? available - 4n : 0n, available + 9n];
    return { type: "account_bounds_set", currency, floorMinor, ceilingMinor, reason: "" };
  });
  return [
    (inner) => captured(inner, "demo", ref, money(40n)),
    (inner) => suspended(inner, x, money(90n)),
    isBound ? bounds : say("", () => ({ ...rule, amountMax, remove: false })),
    act,
    act,
    act,
    act,
    isBound
      ? say(ref, () => ({
          type: "account_bounds_set",
          currency,
          floorMinor: 0n,
          ceilingMinor: 0n,
          reason: "",
        }))
      : say("", () => ({ ...rule, amountMax, remove: true })),
  ];
}

export const STORIES = [riches, fulness, afterwards, afterwards, restraint, restraint, haste];
