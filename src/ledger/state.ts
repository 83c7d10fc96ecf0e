/**
 * The whole state of the book in memory. It is a projection: records alone rebuild it.
 *
 * @module
 */
import { operatorOfObject, splitIdentityKey } from "./keys.ts";
import type { LedgerObject, VelocityRule } from "./objects.ts";
import type { IdentityRow, WalletRow } from "./state-rows.ts";
import type {
  Account,
  Head,
  MutableAccount,
  MutablePlayer,
  MutableState,
  OpenBet,
  OpenRound,
  Player,
} from "./state-view.ts";
import type { IdentityKey } from "./types.ts";

const NO_RULES: readonly VelocityRule[] = Object.freeze([]);

function without(rules: readonly VelocityRule[], key: string): VelocityRule[] {
  return rules.filter((rule) => rule.key !== key);
}

/** The account of a player in a currency. */
export function accountOf<A extends Account>(
  accounts: readonly A[],
  currency: string,
): A | undefined {
  for (const account of accounts) if (account.currency === currency) return account;
  return undefined;
}

/**
 * State of the book after its newest record. A store fills it by the same methods that `apply`
 * uses, and reads it by its iterators.
 */
export class LedgerState implements MutableState {
  #head: Head = { seq: 0, epoch: 0, recordedAt: 0 };
  readonly #players = new Map<string, MutablePlayer>();
  readonly #identities = new Map<IdentityKey, string>();
  readonly #bets = new Map<string, OpenBet>();
  readonly #rounds = new Map<string, OpenRound>();
  readonly #house = new Map<string, bigint>();
  readonly #objects = new Map<string, LedgerObject>();
  /** By operator; the same rules as among the objects. */
  readonly #velocity = new Map<string, readonly VelocityRule[]>();

  head(): Head {
    return this.#head;
  }

  player(ref: string): Player | undefined {
    return this.#players.get(ref);
  }

  account(ref: string, currency: string): Account | undefined {
    const player = this.#players.get(ref);
    return player === undefined ? undefined : accountOf(player.accounts, currency);
  }

  identity(key: IdentityKey): string | undefined {
    return this.#identities.get(key);
  }

  bet(key: string): OpenBet | undefined {
    return this.#bets.get(key);
  }

  round(key: string): OpenRound | undefined {
    return this.#rounds.get(key);
  }

  object(key: string): LedgerObject | undefined {
    return this.#objects.get(key);
  }

  velocityRules(operatorId: string): readonly VelocityRule[] {
    return this.#velocity.get(operatorId) ?? NO_RULES;
  }

  house(key: string): bigint {
    return this.#house.get(key) ?? 0n;
  }

  setHead(seq: number, epoch: number, recordedAt: number): void {
    this.#head = { seq, epoch, recordedAt };
  }

  edit(ref: string): MutablePlayer | undefined {
    return this.#players.get(ref);
  }

  /** The player given is kept when it is new, and copied from when it is known. */
  putPlayer(player: MutablePlayer): void {
    const known = this.#players.get(player.ref);
    // Copying keeps long-lived objects in place: less work for the collector than replacing them.
    if (known === undefined) this.#players.set(player.ref, player);
    else if (known !== player) copyPlayer(player, known);
  }

  bindIdentity(key: IdentityKey, ref: string): void {
    this.#identities.set(key, ref);
  }

  putBet(bet: OpenBet): void {
    this.#bets.set(bet.key, bet);
  }

  dropBet(key: string): void {
    this.#bets.delete(key);
  }

  putRound(round: OpenRound): void {
    this.#rounds.set(round.key, round);
  }

  dropRound(key: string): void {
    this.#rounds.delete(key);
  }

  putObject(key: string, object: LedgerObject): void {
    this.#objects.set(key, object);
    if (object.object === "velocity") this.#putRule(operatorOfObject(key), object);
  }

  dropObject(key: string): void {
    const object = this.#objects.get(key);
    this.#objects.delete(key);
    if (object?.object !== "velocity") return;
    const operatorId = operatorOfObject(key);
    this.#velocity.set(operatorId, without(this.velocityRules(operatorId), object.key));
  }

  #putRule(operatorId: string, rule: VelocityRule): void {
    const others = without(this.velocityRules(operatorId), rule.key);
    // One order everywhere, whatever order the rules came in.
    const rules = [...others, rule].toSorted((a, b) => (a.key < b.key ? -1 : 1));
    this.#velocity.set(operatorId, rules);
  }

  addToHouse(key: string, minor: bigint): void {
    this.#house.set(key, (this.#house.get(key) ?? 0n) + minor);
  }

  players(): IterableIterator<Player> {
    return this.#players.values();
  }

  identities(): IterableIterator<[IdentityKey, string]> {
    return this.#identities.entries();
  }

  openBets(): IterableIterator<OpenBet> {
    return this.#bets.values();
  }

  openRounds(): IterableIterator<OpenRound> {
    return this.#rounds.values();
  }

  /** Keys as of `objectKey`. */
  objects(): IterableIterator<[string, LedgerObject]> {
    return this.#objects.entries();
  }

  /** Keys as of `houseKey`; sums may be larger than int64. */
  houseAccounts(): IterableIterator<[string, bigint]> {
    return this.#house.entries();
  }

  /** How many of each there are. */
  counts(): Record<"players" | "identities" | "bets" | "rounds" | "objects", number> {
    return {
      players: this.#players.size,
      identities: this.#identities.size,
      bets: this.#bets.size,
      rounds: this.#rounds.size,
      objects: this.#objects.size,
    };
  }

  /** Every wallet row, as replicas hold them. */
  *walletRows(): IterableIterator<WalletRow> {
    for (const player of this.#players.values()) yield* walletRowsOf(player);
  }

  /** Every identity row. */
  *identityRows(): IterableIterator<IdentityRow> {
    for (const [key, playerRef] of this.#identities) yield identityRowOf(key, playerRef);
  }
}

/** The wallet rows of a player. */
export function walletRowsOf(player: Player): WalletRow[] {
  const { operatorId, ref: playerRef, status } = player;
  return player.accounts.map((account) => ({ operatorId, playerRef, status, ...account }));
}

/** The row of a bound identity. */
export function identityRowOf(key: IdentityKey, playerRef: string): IdentityRow {
  const { operatorId, keyId, hashHex } = splitIdentityKey(key);
  return { operatorId, keyId, hash: Buffer.from(hashHex, "hex"), playerRef };
}

function copyPlayer(from: MutablePlayer, to: MutablePlayer): void {
  to.status = from.status;
  to.clientSeed = from.clientSeed;
  to.seedPair = from.seedPair;
  to.nonce = from.nonce;
  to.extras = from.extras;
  for (let index = 0; index < from.accounts.length; index++) {
    const source = from.accounts[index]!;
    const target = to.accounts[index];
    if (target === undefined) to.accounts.push(source);
    else copyAccount(source, target);
  }
}

function copyAccount(from: MutableAccount, to: MutableAccount): void {
  to.available = from.available;
  to.bonus = from.bonus;
  to.held = from.held;
  to.version = from.version;
  to.seq = from.seq;
}
