/**
 * The rules once more, as plainly as they can be said: no claims, no hashes, no drafts, nothing
 * forgotten, nothing counted on the way. Written from the doc comments of the rules, one file for
 * each concern, and sharing no code with them.
 */
import {
  Code,
  type Command,
  type IdentityKey,
  NOTES,
  type Payload,
  type PayloadType,
} from "../../src/ledger/index.ts";
import { endRound, placeBet, playDice, rollBack, settle } from "./model-bets.ts";
import { advance, capture, chargeBack, endDebt, match, refund, suspend } from "./model-cashier.ts";
import { resettle, takeWin, voidBet } from "./model-corrections.ts";
import { Deed } from "./model-deed.ts";
import { problemOf, subjectOf } from "./model-faults.ts";
import { velocityNames, velocityRules } from "./model-limits.ts";
import { adjust, endBonus, exchange, grant, houseOnly, moveJackpot } from "./model-money.ts";
import * as rules from "./model-rules.ts";
import { moveHold, request, review } from "./model-withdrawals.ts";
import { id, No, type Row, txnKey, World } from "./model-world.ts";

/** What the model says about a command. */
export interface Expected {
  readonly code: Code;
  /** Of a fault, or the first that differs from what its key meant. */
  readonly field?: string | undefined;
  readonly replayed?: boolean;
  readonly playerRef?: string;
  /** One text for each row, see {@link rowText}. */
  readonly balances?: readonly string[];
  readonly roundClosed?: boolean;
  /** Sums of the postings by account, and what objects become: texts in one order. */
  readonly lines?: readonly string[];
  readonly changes?: readonly string[];
  readonly correctionOf?: number | undefined;
  readonly roll?: number;
  readonly win?: bigint;
}

/** A row as a reply tells it. */
export function rowText({ currency, available, bonus, held, version }: Row): string {
  return `${currency} ${available} ${bonus} ${held} ${version}`;
}

/** Any value in one spelling, whatever order its members have. */
export function spelled(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  });
}

type Rule = (
  world: World,
  command: Command,
  // Each rule takes the payload of the type under which it stands.
  payload: never,
  ref: never,
) => Deed;

const RULES: Partial<Record<PayloadType, Rule>> = {
  bet_placed: placeBet,
  round_settled: settle,
  bet_rolled_back: rollBack,
  house_round: playDice,
  win_rolled_back: takeWin,
  bet_voided: voidBet,
  bet_resettled: resettle,
  round_closed: endRound,
  round_voided: endRound,
  jackpot_contributed: moveJackpot,
  jackpot_seeded: moveJackpot,
  jackpot_won: moveJackpot,
  bonus_granted: grant,
  free_bets_granted: grant,
  bonus_converted: endBonus,
  bonus_expired: endBonus,
  bonus_forfeited: endBonus,
  adjustment_posted: adjust,
  currency_exchanged: exchange,
  fee_accrued: houseOnly,
  psp_fee_charged: houseOnly,
  psp_remitted: houseOnly,
  deposit_captured: capture,
  deposit_advanced: advance,
  deposit_refunded: refund,
  deposit_charged_back: chargeBack,
  deposit_suspended: suspend,
  suspense_matched: match,
  debt_written_off: endDebt,
  debt_recovered: endDebt,
  withdrawal_requested: request,
  withdrawal_advanced: review,
  withdrawal_extended: review,
  withdrawal_submitted: moveHold,
  withdrawal_settled: moveHold,
  withdrawal_failed: moveHold,
  withdrawal_released: moveHold,
  withdrawal_expired: moveHold,
  withdrawal_reversed: moveHold,
  player_status_changed: rules.changeStatus,
  player_frozen: rules.freeze,
  player_unfrozen: rules.freeze,
  seeds_rotated: rules.rotate,
  limit_set: rules.setLimit,
  time_out_set: rules.timeOut,
  self_excluded: rules.exclude,
  self_exclusion_revoked: rules.revoke,
  account_bounds_set: rules.setBounds,
  velocity_rule_set: rules.setVelocity,
};

/** Movements whose txn_id comes once: accepted, with effect or without. */
const HAVE_TXN: readonly PayloadType[] = [
  "round_settled",
  "bet_rolled_back",
  "house_round",
  "win_rolled_back",
  "bet_voided",
  "bet_resettled",
  "round_closed",
  "round_voided",
  "jackpot_contributed",
  "jackpot_seeded",
  "jackpot_won",
];
const ACCEPTED: readonly Code[] = [
  Code.OK,
  Code.BET_TOMBSTONED,
  Code.BET_ALREADY_ROLLED_BACK,
  Code.WIN_TOMBSTONED,
  Code.WIN_ALREADY_ROLLED_BACK,
  Code.BET_ALREADY_VOIDED,
  Code.ROUND_ALREADY_CLOSED,
];

export class Model extends World {
  readonly keys: Map<string, { readonly command: Command; readonly answer: Expected }>;

  constructor(from?: Model) {
    super(from);
    this.keys = new Map(from?.keys);
  }

  send(command: Command, identity: IdentityKey | undefined): Expected {
    const problem = problemOf(command, identity);
    if (problem !== undefined) return { code: problem[0], field: problem[1] };
    const key = id(command.operatorId, command.source, command.idempotencyKey);
    const used = this.keys.get(key);
    if (used !== undefined) {
      const field = this.#difference(used.command, used.answer.playerRef!, command, identity);
      if (field !== undefined) return { code: Code.KEY_CONFLICT, field };
      return { ...used.answer, replayed: true };
    }
    const answer = this.#decide(command, identity);
    this.keys.set(key, { command, answer });
    this.records.push(command.operatorId);
    return answer;
  }

  #decide(command: Command, identity: IdentityKey | undefined): Expected {
    let deed: Deed | No;
    const velocity = velocityRules(this, command.operatorId).flatMap(velocityNames);
    try {
      deed = this.#deed(command, identity);
    } catch (error) {
      if (!(error instanceof No)) throw error;
      deed = error;
    }
    const { type } = command.payload;
    const code = deed instanceof No ? deed.code : Code.OK;
    if (command.txnId !== "" && HAVE_TXN.includes(type) && ACCEPTED.includes(code)) {
      const play = deed instanceof No ? undefined : deed.paid;
      this.txns.set(txnKey(command), { play });
    }
    if (deed instanceof No) return this.#answer(code, deed.ref, [deed.currency]);
    this.take(command, deed);
    this.#log(command, deed, velocity);
    const told = [...deed.touched, ...deed.told];
    const answer = this.#answer(code, deed.ref, told);
    const lines = [...deed.lines.values()].map((line) => {
      return `${line.kind}(${line.qualifier}) ${line.currency} ${line.minor}`;
    });
    const changes = deed.changes().map(spelled).toSorted();
    const { correctionOf, played, closesRound: roundClosed } = deed;
    return { ...answer, ...played, lines: lines.toSorted(), changes, correctionOf, roundClosed };
  }

  #deed(command: Command, identity: IdentityKey | undefined): Deed {
    const { payload } = command;
    if (payload.type === "player_registered") return rules.register(this, command, identity);
    const isNobodys = subjectOf(payload.type) === "none";
    const ref = isNobodys ? undefined : this.named(command, identity);
    if (payload.type in NOTES) return new Deed(ref ?? "");
    const rule = RULES[payload.type];
    if (rule === undefined) throw new Error(`not in this model: ${payload.type}`);
    return rule(this, command, payload as never, ref as never);
  }

  /** Whether "" is among the currencies tells all rows. */
  #answer(code: Code, ref: string, currencies: readonly string[]): Expected {
    const balances = this.rowsOf(ref)
      .filter(({ currency }) => currencies.includes("") || currencies.includes(currency))
      .map(rowText);
    const nothing = { lines: [], changes: [], correctionOf: undefined };
    return { code, playerRef: ref, balances, roundClosed: false, ...nothing };
  }

  #log(command: Command, deed: Deed, velocity: readonly string[]): void {
    const gained = new Map<string, bigint>();
    for (const { kind, currency, minor } of deed.lines.values()) {
      if (kind !== "PLAYER_CASH" && kind !== "ASSET_PLAYER_DEBT") continue;
      gained.set(currency, (gained.get(currency) ?? 0n) + minor);
    }
    const { ref, taken, returned, corrects } = deed;
    const { seq, now: at } = this;
    this.log.push({ seq, at, ref, command, taken, gained, returned, corrects, velocity });
  }

  /** The first field in which a key's meaning differs, by the contract's names. */
  #difference(
    first: Command,
    ref: string,
    again: Command,
    identity: IdentityKey | undefined,
  ): string | undefined {
    if (first.payload.type !== again.payload.type) return "payload";
    const bound = identity === undefined ? "" : (this.identities.get(identity) ?? "nobody");
    const who = again.playerRef === "" ? bound : again.playerRef;
    const mayBeNobody = who === "" && subjectOf(again.payload.type) !== "named";
    if (ref !== "" && who !== ref && !mayBeNobody) return "player_ref";
    if (first.roundId !== again.roundId) return "round_id";
    if (first.txnId !== again.txnId) return "txn_id";
    if (first.gameId !== again.gameId) return "game_id";
    const path = pathOf(fieldsOf(first.payload), fieldsOf(again.payload));
    return path === undefined ? undefined : `${first.payload.type}.${path}`;
  }
}

function fieldsOf(payload: Payload): object {
  return "fields" in payload ? payload.fields : payload;
}

function pathOf(first: object, again: object): string | undefined {
  const other = again as Record<string, unknown>;
  for (const [field, value] of Object.entries(first)) {
    if (spelled(value) === spelled(other[field])) continue;
    const name =
      field === "game" ? "dice" : field.replace(/[A-Z]/g, (at) => `_${at.toLowerCase()}`);
    const isDeep = isPlain(value) && isPlain(other[field]);
    return isDeep ? `${name}.${pathOf(value as object, other[field] as object)}` : name;
  }
  return undefined;
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
