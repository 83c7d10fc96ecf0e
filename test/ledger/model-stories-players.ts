/** Stories of what players may not: limits, the operator's rules, and money after a farewell. */
import { LimitKind, type Payload, PlayerStatus, VelocitySubject } from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import type { Caller, Sent } from "./model-caller.ts";
import * as wallet from "./model-commands.ts";
import { OBJECT_STORIES } from "./model-stories-objects.ts";
import {
  captured,
  matched,
  type Money,
  MONEY_STORIES,
  say,
  type Story,
  suspended,
} from "./model-stories.ts";

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
    if (inner.chance.in(15)) {
      const buy = { minor: 1n, currency: "TON" };
      const sold = { type: "currency_exchanged", sell: money(minor), buy, quoteId: "" } as const;
      return inner.sent({ playerRef: ref, payload: sold });
    }
    const txnId = inner.fresh("w");
    if (subject === VelocitySubject.BET && inner.chance.in(40)) {
      const game = { type: "dice" as const, targetX100: 5000, over: true };
      return inner.sent({
        playerRef: ref,
        payload: { type: "house_round", stake: money(minor), game },
      });
    }
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

/** A player leaves, in one way or another, with bets, payments and a bonus still there. */
function farewell(caller: Caller): Story {
  const { chance } = caller;
  const ref = refOf(chance.pick([2, 4, 5, 6]));
  const [first, second, third, win] = ["t", "t", "t", "m"].map((kind) => caller.fresh(kind));
  const [x, other, w, bonusId] = ["x", "x", "w", "b"].map((kind) => caller.fresh(kind));
  const eur = (minor: bigint) => ({ minor, currency: "EUR" });
  const bet = (txnId: string) => {
    const payload = { type: "bet_placed", amount: eur(3n), closesRound: false } as const;
    return say(ref, () => payload, { txnId, roundId: txnId });
  };
  const { CLOSED, BLOCKED } = PlayerStatus;
  const leave: Payload[] = [
    { type: "player_status_changed", status: CLOSED, reason: "" },
    { type: "player_status_changed", status: CLOSED, reason: "" },
    { type: "player_status_changed", status: BLOCKED, reason: "" },
    { type: "player_frozen", reason: "", withdrawalsToo: chance.in(50) },
    { type: "time_out_set", until: caller.world.now + 1_000 },
    { type: "self_excluded", until: 0, reason: "" },
  ];
  const amount = eur(2n);
  const rest = { rail: "test-card", destinationHash: "", expiresAt: 0 };
  const gift = { campaign: "", amount, expiresAt: 0, conversionMinorMax: 0n, wageringMinor: 0n };
  const payment = { rail: "test-card", externalId: x!, amount, reason: "" };
  const approvers = ["ann", "bob"];
  const adjusted = { amount, debit: chance.in(50), reason: "", approvers, correctionOf: 0 };
  const betSource = "";
  const bought = { minor: 1n, currency: "TON" };
  const later: Payload[] = [
    { type: "round_settled", betTxnId: first!, win: eur(4n), closesRound: false },
    { type: "bet_rolled_back", betTxnId: second! },
    { type: "bet_voided", betTxnId: chance.pick([first!, third!]), reason: "", betSource },
    { type: "bet_resettled", betTxnId: third!, win: eur(1n), reason: "", betSource },
    { type: "win_rolled_back", winTxnId: win! },
    { type: "deposit_refunded", ...payment },
    { type: "deposit_charged_back", ...payment },
    { type: "suspense_matched", rail: "test-card", externalId: other!, amount },
    { type: "withdrawal_submitted", withdrawalId: w!, amount: eur(1n), spendId: "" },
    { type: "withdrawal_released", withdrawalId: w!, amount: undefined, reason: "" },
    { type: "withdrawal_requested", amount, ...rest },
    { type: "jackpot_won", pool: "mega", amount },
    { type: "bonus_granted", bonusId: caller.fresh("b"), ...gift },
    { type: "bonus_converted", bonusId: bonusId! },
    { type: "adjustment_posted", ...adjusted },
    { type: "currency_exchanged", sell: amount, buy: bought, quoteId: "" },
    { type: "player_unfrozen", reason: "" },
    { type: "house_round", stake: amount, game: { type: "dice", targetX100: 5000, over: true } },
  ];
  const after = Array.from({ length: 8 }, () => chance.pick(later));
  return [
    (inner) => captured(inner, "demo", ref, eur(40n), x),
    (inner) => suspended(inner, other!, eur(9n)),
    ...[first, second, third].map((txnId) => bet(txnId!)),
    say("", () => ({ type: "round_settled", betTxnId: third!, win: eur(5n), closesRound: true }), {
      txnId: win!,
    }),
    say(ref, () => ({ type: "withdrawal_requested", amount: eur(5n), ...rest }), { txnId: w! }),
    say(ref, () => ({ type: "bonus_granted", bonusId: bonusId!, ...gift })),
    say(ref, () => chance.pick(leave)),
    ...after.map((payload): Story[number] => (inner) => {
      return inner.sent({ playerRef: ref, txnId: inner.fresh("m"), payload });
    }),
  ];
}

const PLAYER_STORIES = [restraint, restraint, haste, farewell, farewell];

export const STORIES = [...MONEY_STORIES, ...OBJECT_STORIES, ...PLAYER_STORIES];
