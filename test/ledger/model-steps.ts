/** Steps of a random run: a command of some type, or one more time. */
import {
  type Command,
  NOTES,
  type Payload,
  type PayloadType,
  PlayerStatus,
} from "../../src/ledger/index.ts";
import { command, person, refOf } from "./book.ts";
import { type Caller, PLAYERS, type Sent } from "./model-caller.ts";
import * as cashier from "./model-commands-cashier.ts";
import * as rules from "./model-commands-rules.ts";
import * as wallet from "./model-commands.ts";
import type { Make } from "./model-commands.ts";
import { captured } from "./model-stories.ts";

/** How often of each, by types that it makes. */
const MAKERS: readonly (readonly [weight: number, make: Make])[] = [
  [14, wallet.placeBet],
  [9, wallet.settle],
  [5, wallet.rollBack],
  [5, wallet.voidBet],
  [5, wallet.resettle],
  [5, wallet.takeWin],
  [2, wallet.closeRound],
  [3, wallet.voidRound],
  [5, wallet.playDice],
  [3, wallet.jackpot],
  [6, wallet.grant],
  [4, wallet.endBonus],
  [5, cashier.deposit],
  [3, cashier.advance],
  [3, cashier.refund],
  [3, cashier.chargeBack],
  [3, cashier.suspend],
  [3, cashier.match],
  [3, cashier.endDebt],
  [3, cashier.adjust],
  [2, cashier.exchange],
  [1, cashier.houseOnly],
  [4, cashier.request],
  ...cashier.HOLD_MOVES.map((make) => [1.5, make] as const),
  [1, rules.register],
  [1, rules.changeStatus],
  [1.5, rules.freeze],
  [0.5, rules.rotate],
  [2.5, rules.exclude],
  [1, rules.setBounds],
  [3, rules.setLimit],
  [1.5, rules.setVelocity],
  [4, rules.note],
];
const WEIGHTS = MAKERS.reduce((sum, [weight]) => sum + weight, 0);

/** A command by one of the makers. */
export function randomCommand(caller: Caller): Sent {
  let at = (caller.chance.upTo(2 ** 20) / 2 ** 20) * WEIGHTS;
  for (const [weight, make] of MAKERS) {
    at -= weight;
    if (at < 0) return make(caller);
  }
  return wallet.placeBet(caller);
}

const BETS = [wallet.placeBet, wallet.settle, wallet.rollBack, wallet.voidBet, wallet.resettle];
const ROUNDS = [wallet.closeRound, wallet.voidRound, wallet.takeWin];

/** Makers of types by their first words, and of what such types are about. */
const FAMILIES: readonly (readonly [string, readonly Make[]])[] = [
  ["withdrawal", [cashier.request, cashier.request, ...cashier.HOLD_MOVES]],
  [
    "deposit suspense debt",
    [
      cashier.deposit,
      cashier.advance,
      cashier.refund,
      cashier.chargeBack,
      cashier.suspend,
      cashier.match,
      cashier.endDebt,
    ],
  ],
  ["bonus free", [wallet.grant, wallet.grant, wallet.endBonus, wallet.placeBet, wallet.settle]],
  ["bet round win", [...BETS, ...ROUNDS]],
  ["house jackpot", [wallet.playDice, wallet.jackpot]],
  ["limit velocity account", [rules.setLimit, rules.setVelocity, rules.setBounds]],
  ["time self", [rules.exclude]],
  ["player seeds", [rules.register, rules.changeStatus, rules.freeze, rules.rotate]],
  ["adjustment currency fee psp", [cashier.adjust, cashier.exchange, cashier.houseOnly]],
];

/** A command of one type, or one about the same things. */
export function commandLike(caller: Caller, type: PayloadType): Sent {
  const [word] = type.split("_");
  const isNote = type in NOTES;
  const known = FAMILIES.find(([words]) => !isNote && words.split(" ").includes(word!));
  const family = known?.[1] ?? [rules.note];
  const isSame = caller.chance.in(60);
  let sent = caller.chance.pick(family)(caller);
  for (let n = 0; isSame && n < 30 && sent.command.payload.type !== type; n += 1) {
    sent = caller.chance.pick(family)(caller);
  }
  return sent;
}

/** What every run begins with: players of two operators, some money, and some who may less. */
export function opening(caller: Caller): Sent[] {
  const { chance } = caller;
  const sent: Sent[] = [];
  for (const [operatorId, numbers] of Object.entries(PLAYERS)) {
    for (const n of numbers) {
      const identity =
        n === 1 ? person("a", operatorId) : n === 7 ? person("b", operatorId) : undefined;
      sent.push(caller.sent({ operatorId, payload: { type: "player_registered" } }, identity));
    }
    for (const n of numbers) {
      for (const currency of ["FUN", "EUR"]) {
        const minor = BigInt(chance.pick([0, 30, 200, 1000, 1000]));
        if (minor > 0n) sent.push(captured(caller, operatorId, refOf(n), { minor, currency }));
      }
    }
  }
  const states: Payload[] = [
    { type: "player_status_changed", status: PlayerStatus.BLOCKED, reason: "" },
    { type: "player_frozen", reason: "", withdrawalsToo: chance.in(50) },
    { type: "time_out_set", until: caller.world.now + 1000 + chance.upTo(1000) },
    { type: "self_excluded", until: 0, reason: "" },
    { type: "player_status_changed", status: PlayerStatus.ACTIVE, reason: "" },
  ];
  for (const n of [4, 5, 6]) {
    sent.push(caller.sent({ playerRef: refOf(n), payload: chance.pick(states) }));
  }
  return sent;
}

/** The same command under the same key, changed or not. */
export function again(caller: Caller, sent: readonly Sent[]): Sent {
  const { chance } = caller;
  const one = chance.pick(sent);
  if (chance.in(50)) return one;
  const { command: first } = one;
  const { payload } = first;
  const changes: Partial<Command>[] = [
    { gameId: "other" },
    { roundId: "other" },
    { txnId: "other" },
    { playerRef: chance.pick([refOf(2), ""]) },
    { payload: changedField(chance, payload) },
    { payload: { type: "player_unfrozen", reason: "" } },
  ];
  return { ...one, command: command({ ...first, ...chance.pick(changes) }) };
}

function changedField(chance: Caller["chance"], payload: Payload): Payload {
  const fields = Object.entries(payload).filter(([name]) => name !== "type");
  if (fields.length === 0) return payload;
  const [name, value] = chance.pick(fields);
  const other = (from: unknown): unknown => {
    if (typeof from === "bigint") return from === 1n ? 2n : 1n;
    if (typeof from === "boolean") return !from;
    if (typeof from === "string") return `${from}+`;
    return from;
  };
  if (typeof value === "object" && value !== null && "minor" in value) {
    return { ...payload, [name]: { ...value, minor: other(value.minor) } } as Payload;
  }
  return { ...payload, [name]: other(value) } as Payload;
}
