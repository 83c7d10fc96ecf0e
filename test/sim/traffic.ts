/** What the callers of a simulated run send: random events, each with a key of its own. */
import { encodeEvent } from "../../src/wire/index.ts";
import type { Random } from "./random.ts";

type Payload = NonNullable<Parameters<typeof encodeEvent>[0]["payload"]>;

/** Ids are made from counters: equal seeds make equal bytes. */
export class Traffic {
  readonly #random: Random;
  readonly #players: readonly string[];
  #count = 0;
  readonly #txns: string[] = [];

  constructor(random: Random, players: readonly string[]) {
    this.#random = random;
    this.#players = players;
  }

  next(): Uint8Array {
    const random = this.#random;
    const kind = random.weighted({
      deposit: 2,
      bet: 5,
      settle: 4,
      rollback: 2,
      dice: 2,
      late: 1,
    });
    switch (kind) {
      case "deposit":
        return this.#event({ case: "depositCaptured", value: { amount: this.#amount(5_000) } });
      case "bet": {
        const txnId = random.chance(0.1) && this.#txns.length > 0 ? random.pick(this.#txns) : "";
        return this.#bet(txnId === "" ? this.#txn() : txnId);
      }
      case "settle": {
        const betTxnId = this.#known();
        const value = { betTxnId, win: this.#amount(300), closesRound: random.chance(0.3) };
        return this.#event({ case: "roundSettled", value }, { playerRef: "" });
      }
      case "rollback": {
        const value = { betTxnId: random.chance(0.3) ? this.#txn() : this.#known() };
        return this.#event({ case: "betRolledBack", value }, { playerRef: "" });
      }
      case "dice": {
        const game = { case: "dice" as const, value: { targetX100: 5_000, over: true } };
        return this.#event({ case: "houseRound", value: { stake: this.#amount(50), game } });
      }
      case "late":
        return this.#bet(this.#known());
      default:
        return kind satisfies never;
    }
  }

  registration(): Uint8Array {
    return this.#event({ case: "playerRegistered", value: {} }, { playerRef: "" });
  }

  #bet(txnId: string): Uint8Array {
    const roundId = `r${this.#random.below(20)}`;
    const value = { amount: this.#amount(100), closesRound: this.#random.chance(0.2) };
    return this.#event({ case: "betPlaced", value }, { txnId, roundId });
  }

  #txn(): string {
    const txn = `t${this.#txns.length}`;
    this.#txns.push(txn);
    return txn;
  }

  #known(): string {
    return this.#txns.length === 0 ? "t-unknown" : this.#random.pick(this.#txns);
  }

  #amount(most: number): { minor: bigint; currency: string } {
    return { minor: BigInt(1 + this.#random.below(most)), currency: "FUN" };
  }

  #event(payload: Payload, fields: object = {}): Uint8Array {
    this.#count += 1;
    const tail = this.#count.toString(16).padStart(12, "0");
    return encodeEvent({
      eventId: `0198c0de-0000-7000-8000-${tail}`,
      idempotencyKey: `key-${this.#count}`,
      playerRef: this.#players.length === 0 ? "" : this.#random.pick(this.#players),
      payload,
      ...fields,
    });
  }
}
