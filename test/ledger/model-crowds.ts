/** As many of everything as there may be, and one more: each in a book of its own. */
import { type Command, LimitKind, type Payload } from "../../src/ledger/index.ts";
import { DEFAULT_CURRENCIES } from "../../src/money/index.ts";
import { refOf } from "./book.ts";
import type { Caller, Sent } from "./model-caller.ts";
import { captured } from "./model-stories.ts";

const ref = refOf(1);
const eur = (minor: bigint) => ({ minor, currency: "EUR" });

type Made = readonly [payload: Payload, rest?: Partial<Command>];

/** A player with money, then so many of one kind, made from their numbers. */
function crowd(most: number, make: (n: number) => Made, before: readonly Made[] = []) {
  return (caller: Caller): Sent[] => {
    const about = ([payload, rest = {}]: Made): Sent => {
      const playerRef = payload.type === "velocity_rule_set" ? "" : ref;
      return caller.sent({ playerRef, ...rest, payload });
    };
    return [
      caller.sent({ payload: { type: "player_registered" } }),
      captured(caller, "demo", ref, eur(1_000n)),
      ...before.map(about),
      ...Array.from({ length: most + 2 }, (_, n) => about(make(n))),
    ];
  };
}

const bet = (n: number): Made => [
  { type: "bet_placed", amount: eur(1n), closesRound: false },
  { txnId: `t${n}`, roundId: "r" },
];
const again = { betTxnId: "t0", reason: "", betSource: "" };
const gift = { campaign: "", amount: eur(1n), expiresAt: 0, conversionMinorMax: 0n };

export const crowds: readonly ((caller: Caller) => Sent[])[] = [
  (caller) => {
    const round = { type: "round_closed", roundSource: "" } as const;
    return [...crowd(96, bet)(caller), caller.sent({ roundId: "r", payload: round })];
  },
  (caller) => {
    const win = eur(1n);
    const corrected = crowd(
      64,
      (n) => [{ type: "bet_resettled", ...again, win }, { txnId: `w${n}` }],
      [bet(0), [{ type: "round_settled", betTxnId: "t0", win: eur(2n), closesRound: false }]],
    );
    return [...corrected(caller), caller.sent({ payload: { type: "bet_voided", ...again } })];
  },
  crowd(32, (n) => [{ type: "bonus_granted", bonusId: `b${n}`, ...gift, wageringMinor: 0n }], [
    [{ type: "free_bets_granted", bonusId: "f", ...gift, winWageringX100: 0 }],
  ]),
  crowd(32, (n) => [{ type: "free_bets_granted", bonusId: `b${n}`, ...gift, winWageringX100: 0 }]),
  crowd(64, (n) => {
    const [kinds, periods] = [
      [LimitKind.DEPOSIT, LimitKind.LOSS, LimitKind.WAGER],
      [1, 2, 3],
    ] as const;
    const currency = [...DEFAULT_CURRENCIES.keys()][Math.floor(n / 9)]!;
    const [kind, period] = [kinds[n % 3]!, periods[Math.floor(n / 3) % 3]!];
    const amount = { minor: 1n, currency };
    return [{ type: "limit_set", kind, period, amount, sessionSeconds: 0, remove: false }];
  }),
  crowd(64, (n) => {
    const bounds = { floorMinor: 1n, ceilingMinor: 0n, reason: "" };
    return [{ type: "account_bounds_set", currency: `C${n}`, ...bounds }];
  }),
  crowd(32, (n) => {
    const rule = { ruleId: `v${n}`, subject: 1 as const, windowSeconds: 60, countMax: 1 };
    return [{ type: "velocity_rule_set", ...rule, amountMax: undefined, remove: false }];
  }),
];
