/**
 * Goal: the rules answer every sequence of commands as the model does; records alone rebuild the
 * state; money is neither made nor lost.
 * Method: random commands over small pools of names and edge-biased amounts, in random groups,
 * with repetitions; every reply compared, then the whole state, four ways. The generator must
 * reach every code of every type.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  AccountKind,
  Code,
  type Command,
  houseKey,
  type IdentityKey,
  LedgerState,
  type Payload,
  PRECEDENCE,
  StateDigest,
  walletRowsOf,
} from "../../src/ledger/index.ts";
import { type Answer, Book, command, digestOf, everything, hex, person, refOf } from "./book.ts";
import { type Expected, Model } from "./model.ts";
import { seeded } from "./seed.ts";

const RUNS = 200;
/** This machine may be busy; a run takes well under a second on its own. */
const TIMEOUT_MS = 60_000;
const STEPS_MAX = 70;
const MAX = 2n ** 63n - 1n;

interface Sent {
  readonly kind: "send";
  readonly command: Command;
  readonly identity: IdentityKey | undefined;
}
type Step =
  | Sent
  | { readonly kind: "repeat"; readonly index: number; readonly changed: boolean }
  | Resolve
  | { readonly kind: "fill"; readonly ref: string; readonly room: bigint }
  | { readonly kind: "commit" };

/** Resolves whatever bet is open then, so that this doesn't wait for luck. */
interface Resolve {
  readonly kind: "resolve";
  readonly index: number;
  /** Undefined for a rollback. */
  readonly win: bigint | undefined;
  readonly closesRound: boolean;
}

const minor = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt(1n, 1_000n) },
  { weight: 2, arbitrary: fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n) },
  { weight: 1, arbitrary: fc.constantFrom(MAX, MAX - 1n, MAX - 1000n, 0n, MAX + 1n, -1n) },
);
const currency = fc.oneof(
  { weight: 5, arbitrary: fc.constant("FUN") },
  { weight: 1, arbitrary: fc.constantFrom("USD", "TON") },
);
const money = fc.record({ minor, currency });
/** A player who was there, blocked, before the first record. */
const BLOCKED = refOf(500);
const BLOCKED_HAS = 50n;

const player = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(1, 2, 3).map(refOf) },
  { weight: 1, arbitrary: fc.constantFrom(refOf(4), BLOCKED, refOf(999)) },
);
const maybe = <T>(some: fc.Arbitrary<T>, none: T) =>
  fc.oneof({ weight: 2, arbitrary: some }, { weight: 1, arbitrary: fc.constant(none) });
/** Some bets come with the id of another movement. */
const txn = fc.constantFrom("t1", "t2", "t3", "t4", "t5", "t1", "t2", "t3", "t4", "t5", "m1");
const round = fc.constantFrom("r1", "r2", "r3");
const closesRound = fc.oneof(
  { weight: 4, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const rest = {
  operatorId: fc.oneof(
    { weight: 12, arbitrary: fc.constant("demo") },
    { weight: 1, arbitrary: fc.constant("other") },
  ),
  source: fc.oneof(
    { weight: 6, arbitrary: fc.constant("api") },
    { weight: 1, arbitrary: fc.constant("bot") },
  ),
  // Empty stands for a fresh key.
  idempotencyKey: fc.oneof(
    { weight: 30, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("k1", "k2") },
  ),
};

type Parts = Record<string, fc.Arbitrary<unknown>>;

function sends(parts: Parts, identity?: fc.Arbitrary<IdentityKey | undefined>): fc.Arbitrary<Step> {
  const sent = fc.record({ ...rest, ...parts }).map((init) => command(init as unknown as Command));
  const who = identity ?? fc.constant(undefined);
  return fc
    .tuple(sent, who)
    .map(([one, by]) => ({ kind: "send", command: one, identity: by }) as const);
}

const of = <P extends Payload>(payload: fc.Arbitrary<P>) => ({ payload });
const registered = of(fc.constant({ type: "player_registered" } as const));
const deposit = of(
  money.map((amount) => {
    const rail = amount.currency === "FUN" ? "play" : "test-card";
    return { type: "deposit_captured", amount, rail, externalId: "" } as const;
  }),
);
const placed = of(
  fc.record({ type: fc.constant("bet_placed" as const), amount: money, closesRound }),
);
const settled = of(
  fc.record({
    type: fc.constant("round_settled" as const),
    betTxnId: txn,
    win: fc.record({ minor: fc.oneof(minor, fc.constant(0n)), currency: maybe(currency, "") }),
    closesRound,
  }),
);
const back = of(fc.record({ type: fc.constant("bet_rolled_back" as const), betTxnId: txn }));
const house = of(
  fc
    .record({ stake: money, targetX100: fc.integer({ min: 198, max: 9802 }), over: fc.boolean() })
    .map(({ stake, targetX100, over }) => {
      return { type: "house_round", stake, game: { type: "dice", targetX100, over } } as const;
    }),
);
const people = fc.constantFrom(undefined, person("a"), person("b"), person("c", "other"));

const ids = {
  playerRef: maybe(player, ""),
  roundId: maybe(round, ""),
  txnId: maybe(fc.constantFrom("t1", "t5", "m1", "m2", "m3"), ""),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: sends(registered, people) },
  { weight: 3, arbitrary: sends({ ...deposit, playerRef: player }) },
  { weight: 1, arbitrary: sends(deposit, fc.constantFrom(person("a"), person("b"))) },
  { weight: 8, arbitrary: sends({ ...placed, playerRef: player, roundId: round, txnId: txn }) },
  {
    weight: 5,
    arbitrary: sends({ ...settled, ...ids }),
  },
  {
    weight: 3,
    arbitrary: sends({ ...back, ...ids }),
  },
  { weight: 3, arbitrary: sends({ ...house, playerRef: player }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("repeat" as const),
      index: fc.nat(),
      changed: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("resolve" as const),
      index: fc.nat(),
      win: fc.constantFrom(undefined, 0n, 1n, 7n, 600n, 2_000_000n, 2n ** 62n, MAX),
      closesRound,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      ref: fc.constantFrom(1, 2).map(refOf),
      room: fc.constantFrom(0n, 1n, 100n),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "commit" } as const) },
);
const steps = fc.array(step, { minLength: 5, maxLength: STEPS_MAX, size: "max" });
const ceiling = fc.constantFrom(MAX, MAX, 1_000_000n, 500n);

/** What a reply says, in the model's words. */
function told({ code, replayed, outcome }: Answer): Expected {
  if (outcome === undefined) return { code };
  const { playerRef, roundClosed, houseRound } = outcome;
  const balances = outcome.balances.map((row) => {
    expect(row.bonus).toBe(0n);
    return `${row.currency} ${row.available} ${row.held} ${row.version}`;
  });
  const answer: Expected = { code, playerRef, balances, roundClosed };
  const played =
    houseRound === undefined
      ? answer
      : { ...answer, roll: houseRound.rollX100, win: houseRound.win };
  return replayed ? { ...played, replayed } : played;
}

/** Folds the postings of all records, by code that knows nothing of events. */
function audit(book: Book): void {
  const sums = new Map([[`cash ${BLOCKED} FUN`, BLOCKED_HAS]]);
  const add = (key: string, amount: bigint) => sums.set(key, (sums.get(key) ?? 0n) + amount);
  let seq = 0;
  let time = 0;
  for (const { outcome } of book.records) {
    expect(outcome.seq).toBe(++seq);
    expect(outcome.recordedAt).toBeGreaterThan(time);
    time = outcome.recordedAt;
    const balance = new Map<string, bigint>();
    for (const { account, qualifier, minor: amount, currency: code } of outcome.postings) {
      balance.set(code, (balance.get(code) ?? 0n) + amount);
      const { PLAYER_CASH, ROUND_ESCROW } = AccountKind;
      if (account === PLAYER_CASH) add(`cash ${outcome.playerRef} ${code}`, amount);
      else if (account === ROUND_ESCROW) add(`held ${outcome.playerRef} ${code}`, amount);
      else add(houseKey(account, qualifier, code, outcome.operatorId), amount);
    }
    for (const sum of balance.values()) expect(sum).toBe(0n);
  }
  for (const row of book.state.walletRows()) {
    expect(row.available).toBe(sums.get(`cash ${row.playerRef} ${row.currency}`) ?? 0n);
    expect(row.held).toBe(sums.get(`held ${row.playerRef} ${row.currency}`) ?? 0n);
  }
  const house = [...sums].filter(([key]) => /^\d/.test(key));
  expect(new Map(book.state.houseAccounts())).toEqual(new Map(house));
}

/** A book and its model that know the blocked player, and how to start such a state again. */
function scene(limit: bigint): { book: Book; model: Model; start: () => LedgerState } {
  const start = (): LedgerState => {
    const state = new LedgerState();
    const rows = { operatorId: "demo", clientSeed: BLOCKED, seedPair: 1, nonce: 0 };
    const account = {
      currency: "FUN",
      available: BLOCKED_HAS,
      bonus: 0n,
      held: 0n,
      version: 1,
      seq: 0,
    };
    state.putPlayer({ ...rows, ref: BLOCKED, status: 2, accounts: [account] });
    return state;
  };
  const [book, model] = [new Book(start()), new Model()];
  model.players.set(BLOCKED, { operator: "demo", blocked: true, nonce: 0 });
  model.rows.set(JSON.stringify([BLOCKED, "FUN"]), {
    available: BLOCKED_HAS,
    held: 0n,
    version: 1,
  });
  book.ceiling = model.ceiling = limit;
  return { book, model, start };
}

const OPENING: readonly Sent[] = [
  {
    kind: "send",
    command: command({ payload: { type: "player_registered" } }),
    identity: person("a"),
  },
  {
    kind: "send",
    command: command({ payload: { type: "player_registered" } }),
    identity: undefined,
  },
];

/** The command that resolves one of the bets open now. */
function resolving(
  model: Model,
  { index, win: minor, closesRound: closes }: Resolve,
): Sent | undefined {
  const open = [...model.bets].filter(([, bet]) => bet.state === "open");
  const chosen = open[index % Math.max(1, open.length)];
  if (chosen === undefined) return undefined;
  const [operatorId, source, betTxnId] = JSON.parse(chosen[0]) as [string, string, string];
  const payload: Payload =
    minor === undefined
      ? { type: "bet_rolled_back", betTxnId }
      : { type: "round_settled", betTxnId, win: { minor, currency: "" }, closesRound: closes };
  const one = command({ operatorId, source, idempotencyKey: "", payload });
  return { kind: "send", command: one, identity: undefined };
}

/** A deposit that leaves a player little room below 2^63 - 1. */
function filling(model: Model, playerRef: string, room: bigint): Sent {
  const row = model.rows.get(JSON.stringify([playerRef, "FUN"]));
  const amount = {
    minor: MAX - room - (row?.available ?? 0n) - (row?.held ?? 0n),
    currency: "FUN",
  };
  const payload = { type: "deposit_captured", amount, rail: "play", externalId: "" } as const;
  return {
    kind: "send",
    command: command({ idempotencyKey: "", source: "api", playerRef, payload }),
    identity: undefined,
  };
}

const seen = new Map<string, number>();

function run(limit: bigint, plan: readonly Step[]): void {
  const { book, model, start } = scene(limit);
  const digest = new StateDigest();
  for (const row of book.state.walletRows()) digest.add(row);
  const sent: Sent[] = [];
  const commit = (): void => {
    for (const { before, after } of book.draft.changedPlayers()) {
      if (before !== undefined) for (const row of walletRowsOf(before)) digest.remove(row);
      for (const row of walletRowsOf(after)) digest.add(row);
    }
    book.commit();
  };
  const send = ({ command: one, identity }: Sent): void => {
    const key = one.idempotencyKey === "" ? `fresh ${sent.length}` : one.idempotencyKey;
    const whole: Sent = { kind: "send", command: { ...one, idempotencyKey: key }, identity };
    sent.push(whole);
    const answer = book.send(whole.command, identity);
    expect(told(answer)).toEqual(model.send(whole.command, identity));
    const place = `${one.payload.type} ${answer.code}`;
    if (!answer.replayed) seen.set(place, (seen.get(place) ?? 0) + 1);
  };
  for (const [index, one] of OPENING.entries()) {
    send({ ...one, command: { ...one.command, idempotencyKey: `opening ${index}` } });
  }
  for (const one of plan) {
    if (one.kind === "commit") commit();
    else if (one.kind === "send") send(one);
    else if (one.kind === "fill") send(filling(model, one.ref, one.room));
    else if (one.kind === "resolve") {
      const open = resolving(model, one);
      if (open !== undefined) send(open);
    } else {
      const again = sent[one.index % sent.length]!;
      send(one.changed ? { ...again, command: { ...again.command, gameId: "changed" } } : again);
    }
  }
  commit();
  const identities = [...book.state.identityRows()];
  for (const row of identities) digest.add(row);
  expect(hex(digest.digest())).toBe(digestOf(book.state));
  const replayed = book.replay(start());
  expect(everything(replayed)).toEqual(everything(book.state));
  const rows = [...book.state.walletRows()].map((row) => {
    const { available, held, version } = row;
    return [JSON.stringify([row.playerRef, row.currency]), { available, held, version }] as const;
  });
  expect(new Map(rows)).toEqual(model.rows);
  const open = [...model.bets.values()].filter((bet) => bet.state === "open");
  expect(book.state.counts().bets).toBe(open.length);
  expect(book.state.counts().rounds).toBe(new Set(open.map((bet) => bet.round)).size);
  audit(book);
}

test(
  "random commands are answered as the model says",
  () => {
    fc.assert(fc.property(ceiling, steps, run), seeded(RUNS));
  },
  TIMEOUT_MS,
);

test(
  "the generator reaches every code of every type",
  () => {
    if (seen.size === 0) fc.assert(fc.property(ceiling, steps, run), seeded(RUNS));
    const missing = Object.entries(PRECEDENCE)
      .flatMap(([type, codes]) => codes.map((code) => `${type} ${code}`))
      .filter((place) => !place.startsWith("epoch_started") && !seen.has(place));
    expect(missing).toEqual([]);
    for (const code of [Code.KEY_CONFLICT, Code.AMOUNT_INVALID]) {
      expect([...seen.keys()].some((place) => place.endsWith(` ${code}`))).toBe(true);
    }
  },
  TIMEOUT_MS,
);
