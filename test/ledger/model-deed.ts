/** What one record does, in the model's words: lines, rows, objects. */
import { type AccountKind, type Bonus, BonusStage, type Change } from "../../src/ledger/index.ts";

export type Kind = keyof typeof AccountKind;

export interface Line {
  readonly kind: Kind;
  readonly qualifier: string;
  readonly currency: string;
  readonly minor: bigint;
}

const OF_PLAYERS: readonly Kind[] = [
  "PLAYER_CASH",
  "PLAYER_BONUS",
  "PLAYER_WITHDRAWAL_PENDING",
  "ROUND_ESCROW",
];

export class Deed {
  readonly ref: string;
  /** Summed by account. */
  readonly lines = new Map<string, Line>();
  /** Currencies of the player's rows that change. */
  readonly touched = new Set<string>();
  /** Currencies whose rows are told though they don't change; "" for all. */
  readonly told = new Set<string>();
  /** Cash taken, by currency. */
  readonly taken = new Map<string, bigint>();
  readonly #objects = new Map<string, Change>();
  closesRound = false;
  /** Seq of the record that is corrected. */
  correctionOf: number | undefined;
  corrects: { readonly play: string; readonly to: "void" | "taken" | Win } | undefined;
  readonly returned: string[] = [];
  /** What the record paid the win of. */
  paid: string | undefined;
  readonly played: { roll?: number; win?: bigint } = {};

  constructor(ref: string) {
    this.ref = ref;
  }

  post(kind: Kind, minor: bigint, currency: string, qualifier = ""): void {
    if (minor === 0n) return;
    const key = JSON.stringify([kind, qualifier, currency]);
    const sum = (this.lines.get(key)?.minor ?? 0n) + minor;
    this.lines.set(key, { kind, qualifier, currency, minor: sum });
    if (OF_PLAYERS.includes(kind)) this.touched.add(currency);
    if (kind !== "PLAYER_CASH" || minor > 0n) return;
    this.taken.set(currency, (this.taken.get(currency) ?? 0n) - minor);
  }

  net(kind: Kind, currency: string): bigint {
    let sum = 0n;
    for (const line of this.lines.values()) {
      if (line.kind === kind && line.currency === currency) sum += line.minor;
    }
    return sum;
  }

  /** What an object becomes, with the version that it had. */
  put(change: Change): void {
    this.#objects.set("key" in change ? `${change.object} ${change.key}` : change.object, change);
  }

  /** A bonus as this record has left it so far. */
  bonus(before: Bonus): Bonus {
    return (this.#objects.get(`bonus ${before.key}`) as Bonus | undefined) ?? before;
  }

  forget(bonus: Bonus): void {
    this.#objects.delete(`bonus ${bonus.key}`);
  }

  /** One version on; a bonus of which nothing is left is lost. */
  changes(): Change[] {
    return [...this.#objects.values()].map((change) => {
      if (!("version" in change)) return change;
      const after = { ...change, version: change.version + 1 };
      if (after.object !== "bonus" || after.stage !== BonusStage.ACTIVE) return after;
      const isSpent = after.remaining + after.staked + after.freeLeft === 0n;
      return isSpent ? { ...after, stage: BonusStage.LOST } : after;
    });
  }
}

type Win = { readonly minor: bigint; readonly jackpot: bigint; readonly pool: string };
