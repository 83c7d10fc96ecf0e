/**
 * Rows of a snapshot's JSON as they are read back.
 *
 * @module
 */
import * as v from "valibot";
import type { LedgerState } from "../../ledger/index.ts";
import { damaged } from "../errors.ts";
import { KEY_FILES } from "../snapshot/key-files.ts";
import { betText, houseText, objectText, playerText, roundText } from "../snapshot/rows.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const epochLine = v.strictObject({
  t: v.literal("epoch"),
  epoch: count,
  reign: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  first_seq: count,
  last_seq: count,
  previous_epoch: count,
  previous_size: count,
  previous_root: v.pipe(v.string(), v.regex(/^([0-9a-f]{64})?$/)),
  opened_at: count,
  reason: v.string(),
});
const keyLine = v.strictObject({
  t: v.literal("key"),
  name: v.picklist(KEY_FILES.map(({ name }) => name)),
  text: v.string(),
});
const bookLine = v.variant("t", [epochLine, keyLine]);

/** An epoch of the book. */
export type EpochLine = Readonly<v.InferOutput<typeof epochLine>>;
/** A row of the section "book". */
export type BookLine = v.InferOutput<typeof bookLine>;

/** Parses a row of the section "book". */
export function parseBookLine(object: string, text: string): BookLine {
  const parsed = v.safeParse(bookLine, json(object, text));
  if (parsed.success) return parsed.output;
  // What is wrong isn't quoted: the row may be a key.
  throw damaged(object, "a row of epochs and keys isn't one");
}

/** Compares rows of state, as shipped, with the state that the records add up to. */
export class StateComparison {
  readonly #state: LedgerState;
  readonly #counts = { player: 0, bet: 0, round: 0, object: 0, house: 0 };
  readonly #house: ReadonlyMap<string, bigint>;

  constructor(state: LedgerState) {
    this.#state = state;
    this.#house = new Map(state.houseAccounts());
  }

  /** Takes one shipped row. Throws when the records say otherwise. */
  add(object: string, text: string): void {
    const { t, ref, key } = json(object, text) as { t?: unknown; ref?: unknown; key?: unknown };
    const own = this.#own(String(t), String(ref), String(key));
    if (own === text) return;
    const name = t === "player" ? `player ${String(ref)}` : `${String(t)} ${printable(key)}`;
    const why =
      own === undefined ? "isn't known to the records" : "isn't what the records add up to";
    throw damaged(object, `the state of ${name} ${why}`);
  }

  /** Throws when rows are missing. */
  finish(object: string): void {
    const { players, bets, rounds, objects } = this.#state.counts();
    const house = this.#house.size;
    const expected = { player: players, bet: bets, round: rounds, object: objects, house };
    for (const [kind, number] of Object.entries(this.#counts)) {
      const wanted = expected[kind as keyof typeof expected];
      if (number === wanted) continue;
      throw damaged(object, `holds ${number} rows of kind ${kind}, the records make ${wanted}`);
    }
  }

  #own(kind: string, ref: string, key: string): string | undefined {
    switch (kind) {
      case "player": {
        this.#counts.player += 1;
        const player = this.#state.player(ref);
        return player === undefined ? undefined : playerText(player);
      }
      case "bet": {
        this.#counts.bet += 1;
        const bet = this.#state.bet(key);
        return bet === undefined ? undefined : betText(bet);
      }
      case "round": {
        this.#counts.round += 1;
        const round = this.#state.round(key);
        return round === undefined ? undefined : roundText(round);
      }
      case "object": {
        this.#counts.object += 1;
        const object = this.#state.object(key);
        return object === undefined ? undefined : objectText(key, object);
      }
      case "house": {
        this.#counts.house += 1;
        const minor = this.#house.get(key);
        return minor === undefined ? undefined : houseText(key, minor);
      }
      default:
        return undefined;
    }
  }
}

/** Keys join their parts by NUL. */
function printable(key: unknown): string {
  return String(key).replaceAll("\0", "/");
}

function json(object: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(object, "a row isn't JSON", cause);
  }
}
