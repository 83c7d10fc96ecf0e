/**
 * The book's state as rows: what `apply` changes, written straight through to `state.db`.
 *
 * Put a draft over it, apply records to the draft, and commit the draft inside a transaction.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import {
  operatorOfObject,
  splitIdentityKey,
  stateText,
  type Account,
  type Head,
  type IdentityKey,
  type LedgerObject,
  type MutablePlayer,
  type MutableState,
  type OpenBet,
  type OpenRound,
  type VelocityRule,
} from "../ledger/index.ts";
import {
  betChecksum,
  houseChecksum,
  objectChecksum,
  playerChecksum,
  roundChecksum,
} from "./state-checksum.ts";
import { STATE_PLAYERS_KEPT } from "./limits.ts";
import {
  accountOf,
  betOf,
  houseOf,
  objectOf,
  playerOf,
  roundOf,
  StateFault,
} from "./state-rows.ts";
import {
  prepareReads,
  prepareWrites,
  type StateReads,
  type StateWrites,
} from "./state-statements.ts";

/** How many rows of each kind there are. */
export interface StateCounts {
  players: number;
  wallets: number;
  identities: number;
  bets: number;
  rounds: number;
  houseAccounts: number;
  objects: number;
}

type Value = string | number | bigint | Uint8Array;

const NO_RULES: readonly VelocityRule[] = Object.freeze([]);

/** State kept in rows. The head is kept by the caller, in the same transaction. */
export class StateStore implements MutableState {
  readonly #read: StateReads;
  readonly #write: StateWrites;
  readonly counts: StateCounts;
  /** Players as they are in the file; nobody else writes it. Most are asked for again. */
  readonly #players = new Map<string, MutablePlayer>();
  /**
   * Keys of the open bets and rounds. Most come and go between two checkpoints: without these, the
   * file was asked four times about each that it never sees, a third of the cost (measured).
   */
  readonly #bets: Set<string>;
  readonly #rounds: Set<string>;
  /** Undefined until they are asked for, and again once they change. */
  #rules: ReadonlyMap<string, readonly VelocityRule[]> | undefined;
  #head: Head;

  constructor(driver: Database, head: Head, counts: StateCounts) {
    this.#read = prepareReads(driver);
    this.#write = prepareWrites(driver);
    this.#bets = keysOf(driver, "bets");
    this.#rounds = keysOf(driver, "rounds");
    this.#head = head;
    const { players, wallets, identities, bets, rounds, houseAccounts, objects } = counts;
    this.counts = { players, wallets, identities, bets, rounds, houseAccounts, objects };
  }

  head(): Head {
    return this.#head;
  }

  setHead(seq: number, epoch: number, recordedAt: number): void {
    this.#head = { seq, epoch, recordedAt };
  }

  player(ref: string): MutablePlayer | undefined {
    const known = this.#players.get(ref);
    if (known !== undefined) return known;
    const row = this.#read.player.get(ref);
    if (row === null) return undefined;
    const player = playerOf(row, this.#read.wallets.all(ref).map(accountOf));
    this.#remember(player);
    return player;
  }

  /** Not to be changed: changes reach the file through {@link StateStore.putPlayer}. */
  edit(ref: string): MutablePlayer | undefined {
    return this.player(ref);
  }

  account(ref: string, currency: string): Account | undefined {
    return this.player(ref)?.accounts.find((account) => account.currency === currency);
  }

  identity(key: IdentityKey): string | undefined {
    const { operatorId, keyId, hashHex } = splitIdentityKey(key);
    const row = this.#read.identity.get(operatorId, keyId, Buffer.from(hashHex, "hex"));
    return row?.player_ref;
  }

  bet(key: string): OpenBet | undefined {
    if (!this.#bets.has(key)) return undefined;
    const row = this.#read.bet.get(key);
    return row === null ? undefined : betOf(row);
  }

  round(key: string): OpenRound | undefined {
    if (!this.#rounds.has(key)) return undefined;
    const row = this.#read.round.get(key);
    return row === null ? undefined : roundOf(row);
  }

  object(key: string): LedgerObject | undefined {
    const row = this.#read.object.get(key);
    return row === null ? undefined : objectOf(row);
  }

  /** Rules are few, and every bet asks for them: they are kept. */
  velocityRules(operatorId: string): readonly VelocityRule[] {
    this.#rules ??= this.#readRules();
    return this.#rules.get(operatorId) ?? NO_RULES;
  }

  /** By operator, in the order of their keys, like those in memory. */
  #readRules(): Map<string, readonly VelocityRule[]> {
    const rules = new Map<string, readonly VelocityRule[]>();
    for (const row of this.#read.rules.all()) {
      const object = objectOf(row);
      if (object.object !== "velocity") continue;
      const operatorId = operatorOfObject(row.key);
      const all = [...(rules.get(operatorId) ?? []), object];
      rules.set(
        operatorId,
        all.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      );
    }
    return rules;
  }

  house(key: string): bigint {
    const row = this.#read.house.get(key);
    return row === null ? 0n : houseOf(row);
  }

  /** Writes the rows that differ. The player given is kept and must not be changed any more. */
  putPlayer(player: MutablePlayer): void {
    const { ref, operatorId, status, clientSeed, seedPair, nonce } = player;
    const before = this.player(ref);
    if (before === undefined || !samePlayer(before, player)) {
      const extras = stateText(player.extras);
      const checksum = playerChecksum(player, extras);
      const data = [operatorId, status, clientSeed, seedPair, nonce, extras, checksum];
      const { setPlayer, addPlayer } = this.#write;
      this.#put("players", before === undefined, setPlayer, addPlayer, [ref], data);
    }
    const { setWallet, addWallet } = this.#write;
    for (let place = 0; place < player.accounts.length; place += 1) {
      const { currency, available, bonus, held, version, seq } = player.accounts[place]!;
      const known = before?.accounts[place];
      if (known?.version === version) continue;
      const row = [place, available, bonus, held, version, seq];
      this.#put("wallets", known === undefined, setWallet, addWallet, [ref, currency], row);
    }
    this.#remember(player);
  }

  bindIdentity(key: IdentityKey, ref: string): void {
    const { operatorId, keyId, hashHex } = splitIdentityKey(key);
    this.#write.addIdentity.run(operatorId, keyId, Buffer.from(hashHex, "hex"), ref);
    this.counts.identities += 1;
  }

  putBet(bet: OpenBet): void {
    const { key, ref, roundKey, amount, currency, funding } = bet;
    const parts = stateText(bet.parts);
    const data = [ref, roundKey, amount, currency, funding, parts, betChecksum(bet)];
    this.#put("bets", !this.#bets.has(key), this.#write.setBet, this.#write.addBet, [key], data);
    this.#bets.add(key);
  }

  dropBet(key: string): void {
    if (this.#bets.delete(key)) this.counts.bets -= this.#write.dropBet.run(key).changes;
  }

  putRound(round: OpenRound): void {
    const { key, ref, closing } = round;
    const openBets = stateText(round.openBets);
    const data = [ref, closing ? 1 : 0, openBets, roundChecksum(round, openBets)];
    const { setRound, addRound } = this.#write;
    this.#put("rounds", !this.#rounds.has(key), setRound, addRound, [key], data);
    this.#rounds.add(key);
  }

  dropRound(key: string): void {
    if (this.#rounds.delete(key)) this.counts.rounds -= this.#write.dropRound.run(key).changes;
  }

  putObject(key: string, object: LedgerObject): void {
    const body = stateText(object);
    const data = [body, objectChecksum(key, body)];
    const isNew = this.#read.object.get(key) === null;
    this.#put("objects", isNew, this.#write.setObject, this.#write.addObject, [key], data);
    if (object.object === "velocity") this.#rules = undefined;
  }

  dropObject(key: string): void {
    this.counts.objects -= this.#write.dropObject.run(key).changes;
    if (key.startsWith("velocity|")) this.#rules = undefined;
  }

  addToHouse(key: string, minor: bigint): void {
    const row = this.#read.house.get(key);
    const sum = (row === null ? 0n : houseOf(row)) + minor;
    const data = [String(sum), houseChecksum(key, sum)];
    this.#put(
      "houseAccounts",
      row === null,
      this.#write.setHouse,
      this.#write.addHouse,
      [key],
      data,
    );
  }

  putSum(bucket: number, sum: Uint8Array): void {
    this.#write.setSum.run(bucket, sum);
  }

  #remember(player: MutablePlayer): void {
    if (this.#players.size >= STATE_PLAYERS_KEPT) this.#players.clear();
    this.#players.set(player.ref, player);
  }

  #put(
    kind: keyof StateCounts,
    isNew: boolean,
    set: Statement<unknown, Value[]>,
    add: Statement<unknown, Value[]>,
    key: readonly Value[],
    data: readonly Value[],
  ): void {
    if (isNew) {
      add.run(...key, ...data);
      this.counts[kind] += 1;
    } else if (set.run(...data, ...key).changes !== 1) {
      throw new StateFault(`a row of ${kind} has gone`);
    }
  }
}

function keysOf(driver: Database, table: "bets" | "rounds"): Set<string> {
  const rows = driver.query<{ key: string }, []>(`SELECT key FROM ${table}`).iterate();
  const keys = new Set<string>();
  for (const { key } of rows) keys.add(key);
  return keys;
}

function samePlayer(a: MutablePlayer, b: MutablePlayer): boolean {
  return (
    a.status === b.status &&
    a.nonce === b.nonce &&
    a.seedPair === b.seedPair &&
    a.clientSeed === b.clientSeed &&
    a.extras === b.extras
  );
}
