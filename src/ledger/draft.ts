/**
 * An overlay over a state: what a group of commands would change, before the group is durable.
 *
 * @module
 */
import { operatorOfObject } from "./keys.ts";
import type { LedgerObject, VelocityRule } from "./objects.ts";
import { accountOf } from "./state.ts";
import type {
  Account,
  Head,
  MutablePlayer,
  MutableState,
  OpenBet,
  OpenRound,
  Player,
} from "./state-view.ts";
import type { IdentityKey } from "./types.ts";

/** A player that a draft changed. */
export interface PlayerChange {
  /** As in the state below; undefined when the draft registered the player. */
  readonly before: Player | undefined;
  readonly after: Player;
}

/**
 * Reads fall through to the state below, changes stay here until {@link Draft.commit}. Later
 * commands of a group are decided on the draft, so they see the effects of earlier ones, while
 * readers of the state below see only what is durable.
 */
export class Draft implements MutableState {
  readonly #base: MutableState;
  #head: Head;
  readonly #players = new Map<string, MutablePlayer>();
  readonly #identities = new Map<IdentityKey, string>();
  /** null = dropped here. */
  readonly #bets = new Map<string, OpenBet | null>();
  readonly #rounds = new Map<string, OpenRound | null>();
  readonly #house = new Map<string, bigint>();
  readonly #objects = new Map<string, LedgerObject | null>();
  /** Velocity rules are among the objects that changed here: bets ask for no other objects. */
  #changesRules = false;

  constructor(base: MutableState) {
    this.#base = base;
    this.#head = base.head();
  }

  head(): Head {
    return this.#head;
  }

  player(ref: string): Player | undefined {
    return this.#players.get(ref) ?? this.#base.player(ref);
  }

  account(ref: string, currency: string): Account | undefined {
    const player = this.player(ref);
    return player === undefined ? undefined : accountOf(player.accounts, currency);
  }

  identity(key: IdentityKey): string | undefined {
    return this.#identities.get(key) ?? this.#base.identity(key);
  }

  bet(key: string): OpenBet | undefined {
    const bet = this.#bets.get(key);
    return bet === undefined ? this.#base.bet(key) : (bet ?? undefined);
  }

  round(key: string): OpenRound | undefined {
    const round = this.#rounds.get(key);
    return round === undefined ? this.#base.round(key) : (round ?? undefined);
  }

  object(key: string): LedgerObject | undefined {
    const object = this.#objects.get(key);
    return object === undefined ? this.#base.object(key) : (object ?? undefined);
  }

  velocityRules(operatorId: string): readonly VelocityRule[] {
    const below = this.#base.velocityRules(operatorId);
    return this.#changesRules ? this.#draftedRules(operatorId, below) : below;
  }

  #draftedRules(operatorId: string, below: readonly VelocityRule[]): readonly VelocityRule[] {
    const rules = new Map(below.map((rule) => [rule.key, rule]));
    for (const [key, object] of this.#objects) {
      if (!key.startsWith("velocity|") || operatorOfObject(key) !== operatorId) continue;
      if (object === null) rules.delete(key.slice(key.indexOf("\0") + 1));
      else if (object.object === "velocity") rules.set(object.key, object);
    }
    return [...rules.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  house(key: string): bigint {
    return this.#base.house(key) + (this.#house.get(key) ?? 0n);
  }

  setHead(seq: number, epoch: number, recordedAt: number): void {
    this.#head = { seq, epoch, recordedAt };
  }

  edit(ref: string): MutablePlayer | undefined {
    const drafted = this.#players.get(ref);
    if (drafted !== undefined) return drafted;
    const below = this.#base.player(ref);
    if (below === undefined) return undefined;
    const copy = copyOf(below);
    this.#players.set(ref, copy);
    return copy;
  }

  putPlayer(player: MutablePlayer): void {
    this.#players.set(player.ref, player);
  }

  bindIdentity(key: IdentityKey, ref: string): void {
    this.#identities.set(key, ref);
  }

  putBet(bet: OpenBet): void {
    this.#bets.set(bet.key, bet);
  }

  dropBet(key: string): void {
    this.#bets.set(key, null);
  }

  putRound(round: OpenRound): void {
    this.#rounds.set(round.key, round);
  }

  dropRound(key: string): void {
    this.#rounds.set(key, null);
  }

  putObject(key: string, object: LedgerObject): void {
    this.#objects.set(key, object);
    if (object.object === "velocity") this.#changesRules = true;
  }

  dropObject(key: string): void {
    this.#objects.set(key, null);
    if (key.startsWith("velocity|")) this.#changesRules = true;
  }

  addToHouse(key: string, minor: bigint): void {
    this.#house.set(key, (this.#house.get(key) ?? 0n) + minor);
  }

  /** Players changed since the last commit or reset, with what they were below. */
  *changedPlayers(): IterableIterator<PlayerChange> {
    for (const [ref, after] of this.#players) yield { before: this.#base.player(ref), after };
  }

  /** Identities bound since the last commit or reset. */
  boundIdentities(): IterableIterator<[IdentityKey, string]> {
    return this.#identities.entries();
  }

  /** Moves everything into the state below and leaves the draft empty. */
  commit(): void {
    const base = this.#base;
    for (const player of this.#players.values()) base.putPlayer(player);
    for (const [key, ref] of this.#identities) base.bindIdentity(key, ref);
    for (const [key, bet] of this.#bets) {
      if (bet === null) base.dropBet(key);
      else base.putBet(bet);
    }
    for (const [key, round] of this.#rounds) {
      if (round === null) base.dropRound(key);
      else base.putRound(round);
    }
    for (const [key, object] of this.#objects) {
      if (object === null) base.dropObject(key);
      else base.putObject(key, object);
    }
    for (const [key, minor] of this.#house) base.addToHouse(key, minor);
    base.setHead(this.#head.seq, this.#head.epoch, this.#head.recordedAt);
    this.reset();
  }

  /** Forgets everything since the last commit. */
  reset(): void {
    this.#head = this.#base.head();
    this.#players.clear();
    this.#identities.clear();
    this.#bets.clear();
    this.#rounds.clear();
    this.#house.clear();
    this.#objects.clear();
    this.#changesRules = false;
  }
}

function copyOf(player: Player): MutablePlayer {
  const { ref, operatorId, status, clientSeed, seedPair, nonce, extras } = player;
  const accounts = player.accounts.map((account) => ({ ...account }));
  return { ref, operatorId, status, clientSeed, seedPair, nonce, accounts, extras };
}
