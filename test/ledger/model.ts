/**
 * The rules once more, as plainly as they can be said: no claims, no hashes, no drafts, nothing
 * forgotten. Entries are never changed in place, so that a model can be forked cheaply.
 */
import { createHmac } from "node:crypto";
import { Code, type Command, type IdentityKey } from "../../src/ledger/index.ts";
import { refOf, SERVER_SEED } from "./book.ts";

interface Row {
  readonly available: bigint;
  readonly held: bigint;
  readonly version: number;
}

interface Bet {
  readonly state: "open" | "settled" | "rolled back";
  readonly ref: string;
  readonly round: string;
  readonly minor: bigint;
  readonly currency: string;
}

interface Player {
  readonly operator: string;
  readonly blocked: boolean;
  readonly nonce: number;
}

/** What the model says about a command. */
export interface Expected {
  readonly code: Code;
  readonly replayed?: boolean;
  readonly playerRef?: string;
  /** "currency available held version", for each row. */
  readonly balances?: readonly string[];
  readonly roundClosed?: boolean;
  readonly roll?: number;
  readonly win?: bigint;
}

const MAX = 2n ** 63n - 1n;

export class Model {
  readonly players: Map<string, Player>;
  readonly rows: Map<string, Row>;
  readonly bets: Map<string, Bet>;
  readonly rounds: Map<string, { readonly ref: string; readonly closing: boolean }>;
  readonly identities: Map<string, string>;
  /** Ids of movements that aren't bets. */
  readonly txns: Set<string>;
  readonly keys: Map<string, { readonly meaning: string; readonly answer: Expected }>;
  minted = 0;
  ceiling = MAX;

  constructor(from?: Model) {
    this.players = new Map(from?.players);
    this.rows = new Map(from?.rows);
    this.bets = new Map(from?.bets);
    this.rounds = new Map(from?.rounds);
    this.identities = new Map(from?.identities);
    this.txns = new Set(from?.txns);
    this.keys = new Map(from?.keys);
    if (from !== undefined) ({ minted: this.minted, ceiling: this.ceiling } = from);
  }

  send(command: Command, identity: IdentityKey | undefined): Expected {
    const invalid = this.#invalid(command);
    if (invalid !== undefined) return { code: invalid };
    const key = id(command.operatorId, command.source, command.idempotencyKey);
    const meaning = textOf({ ...command, playerRef: "" });
    const used = this.keys.get(key);
    if (used !== undefined) {
      const isSame = used.meaning === meaning && this.#isSamePlayer(used.answer, command, identity);
      return isSame ? { ...used.answer, replayed: true } : { code: Code.KEY_CONFLICT };
    }
    const answer = this.#decide(command, identity);
    this.keys.set(key, { meaning, answer });
    return answer;
  }

  /** Naming nobody is naming the same player, where a player may be left out. */
  #isSamePlayer(answer: Expected, { playerRef, payload }: Command, identity?: string): boolean {
    if (answer.playerRef === "") return true;
    if (playerRef !== "") return playerRef === answer.playerRef;
    if (identity !== undefined) return this.identities.get(identity) === answer.playerRef;
    return ["player_registered", "round_settled", "bet_rolled_back"].includes(payload.type);
  }

  #invalid({ payload }: Command): Code | undefined {
    const amount =
      payload.type === "round_settled"
        ? payload.win.minor + 1n
        : payload.type === "house_round"
          ? payload.stake.minor
          : "amount" in payload && payload.amount !== undefined
            ? payload.amount.minor
            : 1n;
    const most = payload.type === "round_settled" ? MAX + 1n : MAX;
    return amount < 1n || amount > most ? Code.AMOUNT_INVALID : undefined;
  }

  #decide(command: Command, identity: IdentityKey | undefined): Expected {
    const { payload, operatorId } = command;
    if (payload.type === "epoch_started") throw new Error("not in this model");
    if (payload.type === "player_registered") return this.#register(operatorId, identity);
    const isNamed = command.playerRef !== "" || identity !== undefined;
    const ref = this.#named(command, identity);
    if (ref === undefined && isNamed) return this.#no(Code.PLAYER_UNKNOWN, command.playerRef, "-");
    if (payload.type === "round_settled" || payload.type === "bet_rolled_back") {
      return this.#resolve(command, ref);
    }
    if (ref === undefined) throw new Error("tests always name these players");
    if (payload.type === "deposit_captured") {
      const { minor, currency } = payload.amount;
      if (this.#total(ref, currency) + minor > MAX) {
        return this.#no(Code.BALANCE_OVERFLOW, ref, currency);
      }
      return this.#move(ref, currency, minor, 0n);
    }
    return payload.type === "bet_placed" ? this.#bet(command, ref) : this.#dice(command, ref);
  }

  #named({ playerRef, operatorId }: Command, identity: string | undefined): string | undefined {
    const bound = identity === undefined ? undefined : this.identities.get(identity);
    const ref = playerRef === "" ? bound : playerRef;
    if (bound !== undefined && bound !== ref) return undefined;
    if (ref === undefined || this.players.get(ref)?.operator !== operatorId) return undefined;
    return ref;
  }

  #register(operator: string, identity: IdentityKey | undefined): Expected {
    const bound = identity === undefined ? undefined : this.identities.get(identity);
    if (bound !== undefined) return this.#no(Code.PLAYER_ALREADY_REGISTERED, bound, "");
    const ref = refOf(++this.minted);
    this.players.set(ref, { operator, blocked: false, nonce: 0 });
    if (identity !== undefined) this.identities.set(identity, ref);
    return this.#move(ref, "FUN", 0n, 0n);
  }

  #bet({ payload, operatorId, source, txnId, roundId }: Command, ref: string): Expected {
    if (payload.type !== "bet_placed") throw new Error();
    const { minor, currency } = payload.amount;
    const key = id(operatorId, source, txnId);
    const bet = this.bets.get(key);
    if (bet?.state === "open") return this.#no(Code.BET_DUPLICATE, ref, currency);
    if (bet?.state === "settled") return this.#no(Code.BET_ALREADY_SETTLED, ref, currency);
    if (bet?.state === "rolled back") return this.#no(Code.BET_ROLLED_BACK, ref, currency);
    const inRound = id(operatorId, source, roundId);
    if (this.txns.has(key)) return this.#no(Code.TXN_DUPLICATE, ref, currency);
    const round = this.rounds.get(inRound);
    if (this.#hasOpenBets(inRound) && round?.ref !== ref) {
      return this.#no(Code.ROUND_MISMATCH, ref, currency);
    }
    if (round?.closing === true) return this.#no(Code.ROUND_CLOSED, ref, currency);
    if (this.players.get(ref)?.blocked === true) {
      return this.#no(Code.PLAYER_BLOCKED, ref, currency);
    }
    if (this.#row(ref, currency).available < minor) {
      return this.#no(Code.FUNDS_INSUFFICIENT, ref, currency);
    }
    this.bets.set(key, { state: "open", ref, round: inRound, minor, currency });
    this.rounds.set(inRound, { ref, closing: payload.closesRound });
    return this.#move(ref, currency, -minor, minor);
  }

  #resolve(command: Command, named: string | undefined): Expected {
    const { payload, operatorId, source, txnId } = command;
    if (payload.type !== "round_settled" && payload.type !== "bet_rolled_back") throw new Error();
    const own = id(operatorId, source, txnId);
    const isTaken = txnId === payload.betTxnId || this.bets.has(own) || this.txns.has(own);
    if (txnId !== "" && isTaken) {
      const currency = payload.type === "round_settled" ? payload.win.currency : "";
      return this.#no(Code.TXN_DUPLICATE, named ?? "", currency);
    }
    const answer = this.#resolveBet(command, named);
    const accepted: Code[] = [Code.OK, Code.BET_TOMBSTONED, Code.BET_ALREADY_ROLLED_BACK];
    if (txnId !== "" && accepted.includes(answer.code)) this.txns.add(own);
    return answer;
  }

  #resolveBet(command: Command, named: string | undefined): Expected {
    const { payload, operatorId, source, roundId } = command;
    if (payload.type !== "round_settled" && payload.type !== "bet_rolled_back") throw new Error();
    const isRollback = payload.type === "bet_rolled_back";
    const currency = isRollback ? "" : payload.win.currency;
    const key = id(operatorId, source, payload.betTxnId);
    const bet = this.bets.get(key);
    const no = (code: Code) => this.#no(code, named ?? "", currency);
    if (bet === undefined) {
      if (!isRollback) return no(Code.BET_UNKNOWN);
      this.bets.set(key, { state: "rolled back", ref: "", round: "", minor: 0n, currency: "" });
      return no(Code.BET_TOMBSTONED);
    }
    if (bet.state === "settled") return no(Code.BET_ALREADY_SETTLED);
    if (bet.state === "rolled back") {
      return no(isRollback ? Code.BET_ALREADY_ROLLED_BACK : Code.BET_ROLLED_BACK);
    }
    const fits =
      (named ?? bet.ref) === bet.ref &&
      (roundId === "" || id(operatorId, source, roundId) === bet.round) &&
      (currency === "" || currency === bet.currency);
    if (!fits) return this.#no(Code.BET_MISMATCH, named ?? bet.ref, currency);
    const win = isRollback ? bet.minor : payload.win.minor;
    if (!isRollback && win > this.ceiling) {
      return this.#no(Code.WIN_ABOVE_CEILING, bet.ref, bet.currency);
    }
    if (this.#total(bet.ref, bet.currency) - bet.minor + win > MAX) {
      return this.#no(Code.BALANCE_OVERFLOW, bet.ref, bet.currency);
    }
    this.bets.set(key, { ...bet, state: isRollback ? "rolled back" : "settled" });
    const round = this.rounds.get(bet.round)!;
    const closing = round.closing || (!isRollback && payload.closesRound);
    this.rounds.set(bet.round, { ...round, closing });
    const moved = this.#move(bet.ref, bet.currency, win, -bet.minor);
    return { ...moved, roundClosed: this.#isClosed(bet.round) };
  }

  #dice({ payload }: Command, ref: string): Expected {
    if (payload.type !== "house_round") throw new Error();
    const { minor, currency } = payload.stake;
    const { targetX100, over } = payload.game;
    const player = this.players.get(ref)!;
    if (player.blocked) return this.#no(Code.PLAYER_BLOCKED, ref, currency);
    const winners = BigInt(over ? 10_000 - targetX100 : targetX100);
    const most = (minor * ((99n * 10_001n) / winners)) / 100n;
    if (most > this.ceiling) return this.#no(Code.WIN_ABOVE_CEILING, ref, currency);
    if (this.#row(ref, currency).available < minor) {
      return this.#no(Code.FUNDS_INSUFFICIENT, ref, currency);
    }
    if (this.#total(ref, currency) - minor + most > MAX) {
      return this.#no(Code.BALANCE_OVERFLOW, ref, currency);
    }
    const roll = rollOf(ref, player.nonce);
    const win = (over ? roll > targetX100 : roll < targetX100) ? most : 0n;
    this.players.set(ref, { ...player, nonce: player.nonce + 1 });
    return { ...this.#move(ref, currency, win - minor, 0n), roll, win };
  }

  #isClosed(round: string): boolean {
    return this.rounds.get(round)?.closing === true && !this.#hasOpenBets(round);
  }

  #hasOpenBets(round: string): boolean {
    return [...this.bets.values()].some((bet) => bet.round === round && bet.state === "open");
  }

  #row(ref: string, currency: string): Row {
    return this.rows.get(id(ref, currency)) ?? { available: 0n, held: 0n, version: 0 };
  }

  #total(ref: string, currency: string): bigint {
    const { available, held } = this.#row(ref, currency);
    return available + held;
  }

  #move(ref: string, currency: string, available: bigint, held: bigint): Expected {
    const row = this.#row(ref, currency);
    this.rows.set(id(ref, currency), {
      available: row.available + available,
      held: row.held + held,
      version: row.version + 1,
    });
    return this.#no(Code.OK, ref, currency);
  }

  #no(code: Code, playerRef: string, currency: string): Expected {
    const balances = [...this.rows]
      .map(([key, row]) => [...(JSON.parse(key) as [string, string]), row] as const)
      .filter(([ref, of]) => ref === playerRef && (currency === "" || of === currency))
      .map(([, of, row]) => `${of} ${row.available} ${row.held} ${row.version}`);
    return { code, playerRef, balances, roundClosed: false };
  }
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
}

function id(...parts: string[]): string {
  return JSON.stringify(parts);
}

function rollOf(clientSeed: string, nonce: number): number {
  for (let at = 0; ; at++) {
    const message = `${clientSeed}:${nonce}:${Math.floor(at / 8)}`;
    const block = createHmac("sha256", SERVER_SEED).update(message).digest();
    const product = BigInt(block.readUInt32BE((at % 8) * 4)) * 10_001n;
    if ((product & 0xffff_ffffn) >= 2n ** 32n % 10_001n) return Number(product >> 32n);
  }
}
