/**
 * A whole book in memory around the rules, the way a writer uses them: validation, keys for ever,
 * decisions on a draft, records, groups. Real state, real claims; only durability is missing.
 */
import {
  apply,
  Code,
  type Command,
  type Context,
  decide,
  Draft,
  type Fault,
  firstDifference,
  identityKey,
  type IdentityKey,
  keyHash,
  LedgerState,
  type Outcome,
  type Payload,
  resolvePlayer,
  StateDigest,
  stateText,
  validate,
} from "../../src/ledger/index.ts";
import { DEFAULT_CURRENCIES } from "../../src/money/index.ts";

/** Everything about a command that a test cares to say. */
export type CommandInit = Partial<Omit<Command, "payload">> & { payload: Payload };

/** A command with a caller and no ids. */
export function command(init: CommandInit): Command {
  return {
    operatorId: "demo",
    source: "api-play",
    idempotencyKey: "k",
    playerRef: "",
    roundId: "",
    txnId: "",
    gameId: "",
    ...init,
  };
}

/** A record with what travels beside it. */
export interface BookRecord {
  readonly command: Command;
  readonly outcome: Outcome;
  readonly identity: IdentityKey | undefined;
}

/** The answer to a command. */
export interface Answer {
  readonly code: Code;
  readonly field?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly replayed: boolean;
}

export const RAILS: ReadonlySet<string> = new Set(["play", "test-card", "test-crypto"]);
/** The time before the first record of a book. */
export const EPOCH_US = 1_700_000_000_000_000;
export const SERVER_SEED = "0".repeat(63) + "1";

/** A Telegram identity of an operator. */
export function person(name: string, operatorId = "demo"): IdentityKey {
  return identityKey(operatorId, "k1", Buffer.from(name).toString("hex"));
}

/** The n-th reference a book mints. */
export function refOf(n: number): string {
  return `0198c0de-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

export class Book {
  readonly state: LedgerState;
  readonly draft: Draft;
  readonly records: BookRecord[];
  readonly claims: Map<string, number>;
  /** Ceiling of wins, as a credential gives it. */
  ceiling = 2n ** 63n - 1n;
  serverSeed = SERVER_SEED;
  /** By pair of seeds. */
  serverSeedOf: (pair: number) => string = () => this.serverSeed;
  /** Those of the configuration. */
  currencies = DEFAULT_CURRENCIES;
  epoch = 1;
  /** How far the clock has gone on, beside a microsecond for each record. It never goes back. */
  laterUs = 0;
  #minted = 0;
  #keys = 0;

  constructor(state = new LedgerState(), below?: Book) {
    this.state = state;
    this.draft = new Draft(below?.draft ?? state);
    this.records = [...(below?.records ?? [])];
    this.claims = new Map(below?.claims);
    if (below === undefined) return;
    this.ceiling = below.ceiling;
    this.laterUs = below.laterUs;
    this.#minted = below.#minted;
    this.#keys = below.#keys;
  }

  /** A book that goes its own way from here, on a draft over this one's. */
  fork(): Book {
    return new Book(this.state, this);
  }

  /** Takes a command as a writer does. Its effect stays in the draft until {@link commit}. */
  send(sent: Command, identity?: IdentityKey): Answer {
    const context = { identity, rails: RAILS, currencies: this.currencies };
    const fault: Fault | undefined = validate(sent, context);
    if (fault !== undefined) return { ...fault, replayed: false };
    const used = this.claims.get(hex(keyHash(sent)));
    if (used !== undefined) return this.#repeat(used, sent, identity);
    const decision = decide(this.draft, sent, this.context(identity));
    const { outcome } = decision;
    const bound = decision.bindsIdentity ? identity : undefined;
    apply(this.draft, sent, outcome, bound);
    for (const { hash } of decision.claims) {
      if (this.claims.has(hex(hash))) throw new Error(`claimed twice: ${hex(hash)}`);
      this.claims.set(hex(hash), outcome.seq);
    }
    this.records.push({ command: sent, outcome, identity: bound });
    return { code: outcome.code, outcome, replayed: false };
  }

  /** Sends under a fresh key. */
  do(init: CommandInit, identity?: IdentityKey): Answer {
    return this.send(command({ idempotencyKey: `auto-${this.#keys++}`, ...init }), identity);
  }

  /** Sends and insists on a record. */
  record(init: CommandInit, identity?: IdentityKey): Outcome {
    const { outcome, code, field } = this.do(init, identity);
    if (outcome === undefined) throw new Error(`no record: code ${code}, field ${field}`);
    return outcome;
  }

  context(identity?: IdentityKey): Context {
    const seq = this.records.length + 1;
    return {
      epoch: this.epoch,
      recordedAt: EPOCH_US + this.laterUs + seq,
      seq,
      identity,
      winCeiling: () => this.ceiling,
      rails: RAILS,
      mintPlayerRef: () => refOf(++this.#minted),
      serverSeed: (_operatorId, _ref, _epoch, pair) => this.serverSeedOf(pair),
      facts: {
        claimed: (hash) => this.claims.get(hex(hash)),
        record: (at) => this.records[at - 1],
      },
    };
  }

  commit(): void {
    this.draft.commit();
  }

  /** Registers a player, gives it play money and answers its reference. */
  player(minor = 1_000_000_000n, operatorId = "demo"): string {
    const payload = { type: "player_registered" } as const;
    const { playerRef } = this.record({ operatorId, payload });
    if (minor > 0n) this.deposit(playerRef, minor, "FUN", operatorId);
    return playerRef;
  }

  deposit(playerRef: string, minor: bigint, currency = "FUN", operatorId = "demo"): Outcome {
    const rail = currency === "FUN" ? "play" : "test-card";
    const amount = { minor, currency };
    return this.record({
      operatorId,
      playerRef,
      payload: { type: "deposit_captured", amount, rail, externalId: "" },
    });
  }

  bet(playerRef: string, txnId: string, minor = 1_000_000n, init: Partial<BetInit> = {}): Outcome {
    const { roundId = "r", currency = "FUN", closesRound = false, ...rest } = init;
    const payload = { type: "bet_placed", amount: { minor, currency }, closesRound } as const;
    return this.record({ playerRef, txnId, roundId, ...rest, payload });
  }

  settle(betTxnId: string, minor = 0n, init: Partial<BetInit> = {}): Outcome {
    const { currency = "FUN", closesRound = false, ...rest } = init;
    const win = { minor, currency };
    return this.record({
      ...rest,
      payload: { type: "round_settled", betTxnId, win, closesRound },
    });
  }

  rollBack(betTxnId: string, init: Partial<Omit<Command, "payload">> = {}): Outcome {
    return this.record({ ...init, payload: { type: "bet_rolled_back", betTxnId } });
  }

  dice(playerRef: string, minor: bigint, targetX100 = 5000, over = true): Outcome {
    const stake = { minor, currency: "FUN" };
    const game = { type: "dice", targetX100, over } as const;
    return this.record({ playerRef, payload: { type: "house_round", stake, game } });
  }

  /** The committed state rebuilt from the records alone. */
  replay(onto = new LedgerState()): LedgerState {
    for (const { command: sent, outcome, identity } of this.records) {
      apply(onto, sent, outcome, identity);
    }
    return onto;
  }

  #repeat(seq: number, sent: Command, identity: IdentityKey | undefined): Answer {
    const { command: first, outcome } = this.records[seq - 1]!;
    const original = { ...first, playerRef: outcome.playerRef };
    const again = { ...sent, playerRef: resolvePlayer(this.draft, sent, identity) };
    const field = firstDifference(original, again);
    if (field === undefined) return { code: outcome.code, outcome, replayed: true };
    return { code: Code.KEY_CONFLICT, field, replayed: false };
  }
}

type BetInit = Omit<Command, "payload"> & { currency: string; closesRound: boolean };

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Digest of a state's wallet and identity rows. */
export function digestOf(state: LedgerState): string {
  const digest = new StateDigest();
  for (const row of state.walletRows()) digest.add(row);
  for (const row of state.identityRows()) digest.add(row);
  return hex(digest.digest());
}

/** Everything in a state, in one order. */
export function everything(state: LedgerState): unknown {
  const byKey = <T>(rows: Iterable<T>) => [...rows].map((row) => stateText(row)).sort();
  return {
    head: state.head(),
    players: byKey(state.players()),
    identities: byKey(state.identities()),
    bets: byKey(state.openBets()),
    rounds: byKey(state.openRounds()),
    objects: byKey(state.objects()),
    house: byKey([...state.houseAccounts()].filter(([, sum]) => sum !== 0n)),
  };
}
