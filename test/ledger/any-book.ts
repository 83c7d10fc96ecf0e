/**
 * Random books over the whole catalogue: every type of event, by names that are mostly right, so
 * that each succeeds often and is refused now and then. One seed makes one book.
 */
import {
  type Command,
  NOTES,
  type NoteType,
  type Payload,
  type PayloadType,
} from "../../src/ledger/index.ts";
import { Book, type CommandInit, person } from "./book.ts";
import { cashierSteps } from "./any-cashier.ts";

const DAY_US = 86_400_000_000;

export type Step = (
  any: AnyBook,
) => (Partial<Omit<Command, "payload">> & { payload: Payload }) | undefined;

/** A book in the making, and the names that its next event may use. */
export class AnyBook {
  readonly book = new Book();
  readonly players: string[] = [];
  /** How often each type was sent, and how often it did something. */
  readonly sent = new Map<PayloadType, number>();
  readonly done = new Map<PayloadType, number>();
  #state: number;
  #names = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
    this.book.ceiling = 1_000_000n;
    this.book.serverSeedOf = (pair) => pair.toString(16).padStart(64, "0");
  }

  /** An integer from 0 to `below` - 1. */
  random(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }

  chance(percent: number): boolean {
    return this.random(100) < percent;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.random(list.length)];
  }

  one<T>(...list: readonly [T, ...T[]]): T {
    return list[this.random(list.length)]!;
  }

  /** A name nobody used, or now and then one that somebody did. */
  name(kind: string): string {
    const used = this.#names;
    if (used > 0 && this.chance(4)) return `${kind}${this.random(used)}`;
    return `${kind}${this.#names++}`;
  }

  player(): string {
    return this.pick(this.players) ?? "";
  }

  /** A player who excluded itself, if there is one. */
  excluded(): string {
    this.book.commit();
    const { state } = this.book;
    const all = this.players.filter((ref) => state.player(ref)?.extras?.rules?.excluded === true);
    return this.pick(all) ?? this.player();
  }

  currency(): string {
    return this.one("FUN", "FUN", "EUR", "EUR", "USD");
  }

  minor(most = 100): bigint {
    if (this.chance(1)) return this.one(2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n);
    return BigInt(1 + this.random(most));
  }

  money(most = 100, currency = this.currency()) {
    return { minor: this.minor(most), currency };
  }

  get now(): number {
    return this.book.context().recordedAt;
  }

  /** A time soon, late or never. */
  soon(): number {
    if (this.chance(40)) return 0;
    return this.now + this.one(2, 1_000_000, DAY_US) * (1 + this.random(20));
  }

  /** The record's player, left out where the event may do without. */
  maybe(ref: string): string {
    if (this.chance(3)) return this.player();
    return this.chance(50) ? ref : "";
  }

  /** One random event. */
  step(): void {
    if (this.chance(30)) this.book.laterUs += this.one(1_000, 1_000_000, 60_000_000, 3_600_000_000);
    if (this.chance(2)) this.book.laterUs += DAY_US * (1 + this.random(9));
    const [, make] = this.pick(WEIGHTED)!;
    const init = make(this);
    if (init !== undefined) this.send(init);
  }

  send(init: CommandInit): void {
    const operatorId = "demo";
    const source = init.source ?? this.one("api-play", "api-play", "api-play", "api-two");
    const identity = init.payload.type === "player_registered" ? this.#identity() : undefined;
    const { outcome } = this.book.do({ operatorId, ...init, source }, identity);
    if (outcome === undefined) return;
    const { type } = init.payload;
    this.sent.set(type, (this.sent.get(type) ?? 0) + 1);
    if (outcome.code !== 1) return;
    this.done.set(type, (this.done.get(type) ?? 0) + 1);
    if (type === "player_registered") this.players.push(outcome.playerRef);
    if (this.chance(20)) this.book.commit();
  }

  #identity() {
    return this.chance(70) ? person(`p${this.random(40)}`) : undefined;
  }

  /** An open bet, or now and then one that isn't. */
  openBet() {
    this.book.commit();
    return this.pick([...this.book.state.openBets()]);
  }

  /** A record whose event has one of these types. */
  record(...types: readonly PayloadType[]) {
    const { records } = this.book;
    for (let tries = 0; tries < 30; tries += 1) {
      const record = this.pick(records);
      if (record !== undefined && types.includes(record.command.payload.type)) return record;
    }
    return undefined;
  }

  round(): string {
    // Closed ones are left behind.
    return `r${Math.floor(this.book.records.length / 15) + this.random(4)}`;
  }

  txn(): string {
    return this.chance(60) ? this.name("t") : "";
  }
}

const bet: Step = (any) => {
  const bets = any.chance(15) ? any.openBet() : undefined;
  const roundId = bets === undefined ? any.round() : bets.roundKey.split("\0")[2]!;
  const playerRef = bets?.ref ?? any.player();
  const funding = any.one(0, 0, 0, 0, 0, 0, 1, 1, 2, 3) as 0 | 1 | 2 | 3;
  const closesRound = any.chance(6);
  const payload = { type: "bet_placed", amount: any.money(60), closesRound, funding } as const;
  return { playerRef, roundId, txnId: any.name("b"), payload };
};

function namesOf(key: string): { source: string; txnId: string } {
  const [, source = "", txnId = ""] = key.split("\0");
  return { source, txnId };
}

const settle: Step = (any) => {
  const open = any.openBet();
  if (open === undefined && any.chance(80)) return undefined;
  const { source, txnId: betTxnId } = namesOf(open?.key ?? `\0api-play\0${any.name("b")}`);
  const minor = any.chance(50) ? 0n : any.minor(200);
  const win = { minor, currency: any.chance(50) ? (open?.currency ?? "FUN") : "" };
  const isJackpot = minor > 0n && any.chance(20);
  const jackpot = isJackpot
    ? { jackpotMinor: minor / 2n + 1n, jackpotPool: any.one("p", "q|r") }
    : {};
  const payload = { type: "round_settled", betTxnId, win, closesRound: any.chance(20), ...jackpot };
  const roundId = any.chance(30) ? (open?.roundKey.split("\0")[2] ?? "") : "";
  const playerRef = any.maybe(open?.ref ?? "");
  return { source, playerRef, roundId, txnId: any.txn(), payload: payload as Payload };
};

const rollBack: Step = (any) => {
  const open = any.chance(80) ? any.openBet() : undefined;
  const { source, txnId: betTxnId } = namesOf(open?.key ?? `\0api-play\0${any.name("b")}`);
  const payload = { type: "bet_rolled_back", betTxnId } as const;
  return { source, playerRef: any.maybe(open?.ref ?? ""), txnId: any.txn(), payload };
};

const takeWin: Step = (any) => {
  const paid = any.record("round_settled", "round_settled", "bet_resettled", "jackpot_won");
  if (paid?.command.txnId === "" && any.chance(90)) return undefined;
  const winTxnId = paid?.command.txnId || any.name("t");
  const source = paid?.command.source ?? "api-play";
  return { source, txnId: any.txn(), payload: { type: "win_rolled_back", winTxnId } };
};

/** A bet of the past, whatever became of it. */
function pastBet(any: AnyBook) {
  const settled = any.chance(70) ? any.record("round_settled") : undefined;
  if (settled?.command.payload.type === "round_settled") {
    return {
      betTxnId: settled.command.payload.betTxnId,
      betSource: "",
      source: settled.command.source,
    };
  }
  const record = any.record("bet_placed", "house_round", "round_closed");
  const txnId = record?.command.txnId || any.name("b");
  const betSource = record?.command.source ?? "api-play";
  const isOwn = any.chance(50);
  const source = isOwn ? betSource : "api-two";
  return { betTxnId: txnId, betSource: isOwn ? "" : betSource, source };
}

const voidBet: Step = (any) => {
  const { source, ...bet } = pastBet(any);
  return { source, txnId: any.txn(), payload: { type: "bet_voided", reason: "r", ...bet } };
};

const resettle: Step = (any) => {
  const { source, ...bet } = pastBet(any);
  const win = { minor: any.minor(200) - 1n, currency: "" };
  return { source, txnId: any.txn(), payload: { type: "bet_resettled", reason: "r", win, ...bet } };
};

function endRound(type: "round_closed" | "round_voided"): Step {
  return (any) => {
    const open = any.chance(80) ? any.openBet() : undefined;
    const [, roundSource = "api-play", roundId = any.round()] = open?.roundKey.split("\0") ?? [];
    const isOwn = any.chance(60);
    const payload = { type, roundSource: isOwn ? "" : roundSource, reason: "r" };
    const source = isOwn ? roundSource : "api-two";
    const playerRef = any.maybe(open?.ref ?? "");
    return { source, roundId, playerRef, txnId: any.txn(), payload: trimmed(payload) };
  };
}

/** round_closed has no reason. */
function trimmed({ type, reason, roundSource }: Record<string, string>): Payload {
  const payload = type === "round_closed" ? { type, roundSource } : { type, roundSource, reason };
  return payload as unknown as Payload;
}

const dice: Step = (any) => {
  const game = { type: "dice", targetX100: 1 + any.random(9_998), over: any.chance(50) } as const;
  const stake = any.money(40);
  return {
    playerRef: any.player(),
    txnId: any.txn(),
    roundId: any.chance(20) ? any.round() : "",
    payload: { type: "house_round", stake, game },
  };
};

function jackpot(type: "jackpot_contributed" | "jackpot_seeded" | "jackpot_won"): Step {
  return (any) => {
    const payload = {
      type,
      pool: any.one("p", "q|r"),
      amount: any.money(type === "jackpot_won" ? 40 : 90),
    };
    const isNamed = type === "jackpot_won" || (type === "jackpot_contributed" && any.chance(40));
    return { playerRef: isNamed ? any.player() : "", txnId: any.txn(), payload };
  };
}

const grant: Step = (any) => ({
  playerRef: any.player(),
  payload: {
    type: "bonus_granted",
    bonusId: any.name("g"),
    campaign: "c",
    amount: any.money(),
    wageringMinor: any.chance(50) ? 0n : any.minor(60),
    expiresAt: any.soon(),
    conversionMinorMax: any.chance(60) ? 0n : any.minor(50),
  },
});

const grantFree: Step = (any) => ({
  playerRef: any.player(),
  payload: {
    type: "free_bets_granted",
    bonusId: any.name("g"),
    campaign: "c",
    amount: any.money(),
    winWageringX100: any.one(0, 50, 133, 2_000),
    expiresAt: any.soon(),
    conversionMinorMax: any.chance(60) ? 0n : any.minor(50),
  },
});

function endBonus(type: "bonus_converted" | "bonus_expired" | "bonus_forfeited"): Step {
  return (any) => {
    any.book.commit();
    const owners = any.players.filter((ref) => any.book.state.player(ref)?.extras?.bonuses.length);
    const playerRef = any.pick(owners) ?? any.player();
    const bonuses = any.book.state.player(playerRef)?.extras?.bonuses ?? [];
    const due = bonuses.filter(({ expiresAt }) => expiresAt !== 0 && expiresAt <= any.now);
    const bonus = any.pick(type === "bonus_expired" && due.length > 0 ? due : bonuses);
    const bonusId = any.chance(90) ? (bonus?.key ?? "g0") : any.name("g");
    const payload = type === "bonus_forfeited" ? { type, bonusId, reason: "r" } : { type, bonusId };
    return { playerRef, payload: payload as Payload };
  };
}

const limit: Step = (any) => {
  const kind = any.one(1, 2, 3, 4) as 1 | 2 | 3 | 4;
  const remove = any.chance(20);
  const session = {
    period: 0,
    amount: undefined,
    sessionSeconds: remove ? 0 : 60 + any.random(900),
  };
  const minor = remove ? 0n : BigInt(any.random(400));
  const money = {
    period: any.one(1, 2, 3) as 1 | 2 | 3,
    amount: { minor, currency: any.currency() },
    sessionSeconds: 0,
  };
  const rest = kind === 4 ? session : money;
  const payload = { type: "limit_set", kind, remove, ...rest } as Payload;
  return { playerRef: any.player(), payload };
};

const velocity: Step = (any) => {
  const remove = any.chance(45);
  const amountMax = any.chance(50) ? any.money(3_000) : undefined;
  const countMax = amountMax === undefined || any.chance(50) ? 20 + any.random(60) : 0;
  const payload = {
    type: "velocity_rule_set",
    ruleId: any.one("v1", "v2", "v3"),
    subject: any.one(1, 2, 3) as 1 | 2 | 3,
    windowSeconds: any.one(60, 3_600, 86_400),
    countMax,
    amountMax,
    remove,
  } as const;
  return { payload };
};

const STEPS: Readonly<Record<string, readonly [weight: number, make: Step]>> = {
  register: [2, () => ({ payload: { type: "player_registered" } })],
  status: [
    1,
    (any) => {
      const status = any.one(1, 1, 1, 1, 2, any.chance(10) ? 3 : 1) as 1 | 2 | 3;
      return {
        playerRef: any.player(),
        payload: { type: "player_status_changed", status, reason: "" },
      };
    },
  ],
  freeze: [
    1,
    (any) =>
      any.chance(70)
        ? {
            playerRef: any.player(),
            payload: { type: "player_frozen", reason: "r", withdrawalsToo: any.chance(50) },
          }
        : undefined,
  ],
  unfreeze: [
    4,
    (any) => ({ playerRef: any.player(), payload: { type: "player_unfrozen", reason: "" } }),
  ],
  seeds: [
    2,
    (any) => ({
      playerRef: any.player(),
      payload: { type: "seeds_rotated", clientSeed: any.chance(50) ? "" : any.name("s") },
    }),
  ],
  bet: [55, bet],
  settle: [20, settle],
  rollBack: [6, rollBack],
  takeWin: [6, takeWin],
  voidBet: [6, voidBet],
  resettle: [7, resettle],
  closeRound: [4, endRound("round_closed")],
  voidRound: [3, endRound("round_voided")],
  dice: [10, dice],
  contribute: [2, jackpot("jackpot_contributed")],
  seed: [2, jackpot("jackpot_seeded")],
  winJackpot: [3, jackpot("jackpot_won")],
  grant: [6, grant],
  grantFree: [5, grantFree],
  convert: [5, endBonus("bonus_converted")],
  expire: [4, endBonus("bonus_expired")],
  forfeit: [2, endBonus("bonus_forfeited")],
  limit: [3, limit],
  timeOut: [
    1,
    (any) => ({
      playerRef: any.player(),
      payload: { type: "time_out_set", until: any.soon() || any.now },
    }),
  ],
  exclude: [
    1,
    (any) => ({
      playerRef: any.player(),
      payload: { type: "self_excluded", until: any.soon(), reason: "" },
    }),
  ],
  revoke: [
    6,
    (any) => ({
      playerRef: any.excluded(),
      payload: { type: "self_exclusion_revoked", reason: "" },
    }),
  ],
  bounds: [
    2,
    (any) => {
      const floorMinor = any.chance(50) ? 0n : BigInt(any.random(20));
      const ceilingMinor = any.chance(60) ? 0n : floorMinor + 200n;
      const bounds = { currency: any.currency(), floorMinor, ceilingMinor, reason: "" };
      return { playerRef: any.player(), payload: { type: "account_bounds_set", ...bounds } };
    },
  ],
  velocity: [1, velocity],
  note: [
    4,
    (any) => {
      const type = any.pick(Object.keys(NOTES) as NoteType[])!;
      const isNamed = (NOTES[type] as readonly string[]).includes("player_ref") || any.chance(30);
      const playerRef = isNamed ? any.player() : "";
      return { playerRef, txnId: "n", roundId: "n", gameId: "n", payload: { type, fields: {} } };
    },
  ],
  ...cashierSteps,
};

const WEIGHTED = Object.entries(STEPS).flatMap(([name, [weight, make]]) =>
  Array.from({ length: weight }, () => [name, make] as const),
);

const GENESIS = {
  type: "epoch_started",
  reign: "0".repeat(32),
  previousEpoch: 0,
  previousSize: 0,
  previousRoot: new Uint8Array(0),
  reason: "genesis",
} as const;

/** A book of so many random events; it ends committed. */
export function anyBook(seed: number, steps: number): AnyBook {
  const any = new AnyBook(seed);
  any.send({ operatorId: "", source: "primary", payload: GENESIS });
  for (let count = 0; count < 5; count += 1) any.send({ payload: { type: "player_registered" } });
  for (const playerRef of any.players) {
    for (const currency of ["FUN", "EUR", "USD"]) any.book.deposit(playerRef, 900n, currency);
  }
  for (let count = 0; count < steps; count += 1) any.step();
  any.book.commit();
  return any;
}
