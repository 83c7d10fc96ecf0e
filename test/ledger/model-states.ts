/** In which state commands find what they touch: the pairs that random runs must come to. */
import {
  BonusStage,
  type Command,
  DepositStage,
  type Payload,
  type PayloadType,
  PlayerStatus,
  WithdrawalStage,
} from "../../src/ledger/index.ts";
import { railOf } from "./model-cashier.ts";
import { placeOf } from "./model-commands-cashier.ts";
import { standingOf } from "./model-corrections.ts";
import { isExcluded, rulesOf } from "./model-limits.ts";
import { isDue } from "./model-stakes.ts";
import { betKey, id, ownKey, roundKey, txnKey, type World } from "./model-world.ts";

const BETS = ["unseen", "open", "settled", "taken", "gone", "rolled back", "tombstoned", "void"];
const ROUNDS = ["none", "open", "closing", "closed"];
const HOLDS = ["unseen", ...Object.keys(WithdrawalStage), "late", "out", "over"];
const DEPOSITS = ["unseen", "suspended", ...Object.keys(DepositStage)];
const BONUSES = ["unseen", "DUE", "IN_PLAY", ...Object.keys(BonusStage)];
const STANDINGS = ["active", "blocked", "closed", "frozen", "timed out", "excluded"];

type Where = "bet" | "round" | "hold" | "deposit" | "bonus" | "player";

/** States of what each type touches, and the types. */
const TABLE: Readonly<Record<Where, readonly [readonly string[], readonly PayloadType[]]>> = {
  bet: [
    BETS,
    [
      "bet_placed",
      "round_settled",
      "bet_rolled_back",
      "bet_voided",
      "bet_resettled",
      "win_rolled_back",
    ],
  ],
  round: [ROUNDS, ["bet_placed", "round_closed", "round_voided"]],
  hold: [
    HOLDS,
    [
      "withdrawal_requested",
      "withdrawal_advanced",
      "withdrawal_extended",
      "withdrawal_submitted",
      "withdrawal_settled",
      "withdrawal_failed",
      "withdrawal_released",
      "withdrawal_expired",
      "withdrawal_reversed",
    ],
  ],
  deposit: [
    DEPOSITS,
    [
      "deposit_captured",
      "deposit_advanced",
      "deposit_refunded",
      "deposit_charged_back",
      "deposit_suspended",
      "suspense_matched",
    ],
  ],
  bonus: [
    BONUSES,
    ["bonus_granted", "free_bets_granted", "bonus_converted", "bonus_expired", "bonus_forfeited"],
  ],
  player: [
    STANDINGS,
    [
      "bet_placed",
      "house_round",
      "round_settled",
      "bet_rolled_back",
      "bet_voided",
      "bet_resettled",
      "win_rolled_back",
      "deposit_captured",
      "suspense_matched",
      "deposit_refunded",
      "deposit_charged_back",
      "withdrawal_requested",
      "withdrawal_submitted",
      "withdrawal_released",
      "jackpot_won",
      "bonus_granted",
      "bonus_converted",
      "adjustment_posted",
      "currency_exchanged",
      "player_status_changed",
      "limit_set",
    ],
  ],
};

/** A win is never open: its bet is, and then there is no win. */
const IMPOSSIBLE = new Set([
  "win_rolled_back bet open",
  "win_rolled_back bet rolled back",
  "win_rolled_back bet void",
]);

/** All pairs of a command and a state. */
export const PAIRS: readonly string[] = Object.entries(TABLE)
  .flatMap(([where, [states, types]]) => {
    return types.flatMap((type) => states.map((state) => `${type} ${where} ${state}`));
  })
  .filter((pair) => !IMPOSSIBLE.has(pair));

const OF = new Map<PayloadType, readonly Where[]>(
  Object.values(TABLE)
    .flatMap(([, types]) => types)
    .map((type) => {
      const all = Object.entries(TABLE).filter(([, [, types]]) => types.includes(type));
      return [type, all.map(([where]) => where as Where)];
    }),
);

/** Pairs that a command makes, from the model just before it; its player is told by the answer. */
export function pairsOf(world: World, command: Command, ref: string): string[] {
  const { payload } = command;
  return (OF.get(payload.type) ?? []).flatMap((where) => {
    const state = STATE[where](world, command, payload, ref);
    return state === undefined ? [] : [`${payload.type} ${where} ${state}`];
  });
}

type State = (world: World, command: Command, payload: Payload, ref: string) => string | undefined;

const STATE: Readonly<Record<Where, State>> = {
  bet: betState,
  round: (world, command, payload) => {
    const source =
      "roundSource" in payload && payload.roundSource !== "" ? payload.roundSource : undefined;
    const key = roundKey(command, command.roundId, source);
    if (world.closed.has(key)) return "closed";
    const round = world.rounds.get(key);
    if (round === undefined) return "none";
    return round.closing ? "closing" : "open";
  },
  hold: (world, command, payload) => {
    const name = "withdrawalId" in payload ? payload.withdrawalId : command.txnId;
    return placeOf(world, id(command.operatorId, name));
  },
  deposit: (world, command, payload) => {
    if (!("externalId" in payload) || payload.externalId === "") return undefined;
    const { rail, externalId, amount } = payload;
    const deposit = world.deposits.get(
      id(command.operatorId, `${railOf(rail, amount)}\0${externalId}`),
    );
    if (deposit === undefined) return "unseen";
    return deposit.suspended > 0n ? "suspended" : nameOf(DepositStage, deposit.stage);
  },
  bonus: (world, command, payload) => {
    if (!("bonusId" in payload)) return undefined;
    const bonus = world.bonuses.get(id(command.operatorId, payload.bonusId));
    if (bonus === undefined) return "unseen";
    if (bonus.stage !== BonusStage.ACTIVE) return nameOf(BonusStage, bonus.stage);
    if (isDue(world, bonus)) return "DUE";
    return bonus.staked > 0n ? "IN_PLAY" : "ACTIVE";
  },
  player: (world, _command, _payload, ref) => {
    const person = world.players.get(ref);
    if (person === undefined) return undefined;
    if (person.status === PlayerStatus.CLOSED) return "closed";
    if (person.status === PlayerStatus.BLOCKED) return "blocked";
    const rules = rulesOf(world, ref);
    if (isExcluded(rules, world.now)) return "excluded";
    if (world.now < rules.timeOutUntil) return "timed out";
    return rules.frozen ? "frozen" : "active";
  },
};

function betState(world: World, command: Command, payload: Payload): string | undefined {
  const source = "betSource" in payload && payload.betSource !== "" ? payload.betSource : undefined;
  if (payload.type === "win_rolled_back") {
    const win = txnKey({ ...command, txnId: payload.winTxnId });
    const play = world.txns.get(win)?.play;
    if (play === undefined) return world.takenWins.has(win) ? "tombstoned" : "unseen";
    const { as } = standingOf(world, play);
    return as === "void" ? "gone" : as;
  }
  const txnId = "betTxnId" in payload ? payload.betTxnId : command.txnId;
  const key = [betKey(command, txnId, source), ownKey(command, txnId, source)].find((one) => {
    return world.plays.has(one);
  });
  if (key === undefined) return "unseen";
  const { state } = world.plays.get(key)!;
  if (state !== "settled") return state;
  const { as } = standingOf(world, key);
  return as === "void" ? "gone" : as;
}

function nameOf(names: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(names).find((name) => names[name] === number)!;
}
