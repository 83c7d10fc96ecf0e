/**
 * Goal: when several codes apply, the documented one wins.
 * Method: for each type of command, every condition alone, and every pair of them that can be true
 * at once, is set up on a fresh book; the first in the documented order must be the answer.
 */
import { describe, expect, test } from "bun:test";
import { Code, PlayerStatus, PRECEDENCE } from "../../src/ledger/index.ts";
import { Book, type CommandInit, person, refOf } from "./book.ts";

type Name = keyof typeof Code;

/** A book with two players, and the command to be sent, still good. */
interface Scene {
  readonly book: Book;
  readonly ref: string;
  readonly other: string;
  init: CommandInit;
  identity?: ReturnType<typeof person>;
}

/** Makes a condition true; `before` ones prepare the book, the others spoil the command. */
type Condition = (scene: Scene, active: ReadonlySet<Name>) => void;

interface Row {
  readonly good: (scene: Pick<Scene, "ref">) => CommandInit;
  readonly conditions: Partial<Record<Name, Condition>>;
  /** Sets of which at most one can be true. */
  readonly exclusive: readonly (readonly Name[])[];
  /** What the good command needs, unless a condition provides for it. */
  readonly prepare?: (scene: Scene, active: ReadonlySet<Name>) => void;
}

const MAX = 2n ** 63n - 1n;
const fun = (minor: bigint) => ({ minor, currency: "FUN" });

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
};
const blocked: Condition = ({ book, ref }) => {
  book.commit();
  book.state.edit(ref)!.status = PlayerStatus.BLOCKED;
};
const settled: Condition = ({ book, other }) => {
  book.bet(other, "t", 1n, { roundId: "elsewhere" });
  book.settle("t");
};
const tombstoned: Condition = ({ book }) => void book.rollBack("t");
const noBet: Condition = () => undefined;
const mismatch: Condition = (scene) => {
  scene.init = { ...scene.init, roundId: "another" };
};
const STATES = ["BET_ALREADY_SETTLED", "BET_ROLLED_BACK", "BET_UNKNOWN"] as const;
const openBet = ({ book, ref }: Scene, active: ReadonlySet<Name>): void => {
  const states: readonly Name[] = [...STATES, "BET_ALREADY_ROLLED_BACK", "BET_TOMBSTONED"];
  if (!states.some((name) => active.has(name))) book.bet(ref, "t", 10n);
};

const ROWS: Partial<Record<keyof typeof PRECEDENCE, Row>> = {
  player_registered: {
    good: () => ({ payload: { type: "player_registered" } }),
    conditions: {
      PLAYER_ALREADY_REGISTERED: (scene) => {
        scene.identity = person("known");
        scene.book.record({ payload: { type: "player_registered" } }, scene.identity);
      },
    },
    exclusive: [],
  },
  deposit_captured: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "deposit_captured", amount: fun(1n), rail: "play", externalId: "" },
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      BALANCE_OVERFLOW: (scene) => {
        const amount = fun(MAX);
        const payload = { type: "deposit_captured", amount, rail: "play", externalId: "" } as const;
        scene.init = { ...scene.init, payload };
      },
    },
    exclusive: [],
  },
  bet_placed: {
    good: ({ ref }) => ({
      playerRef: ref,
      roundId: "r",
      txnId: "t",
      payload: { type: "bet_placed", amount: fun(10n), closesRound: false },
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      BET_DUPLICATE: ({ book, other }) => void book.bet(other, "t", 1n, { roundId: "elsewhere" }),
      BET_ALREADY_SETTLED: settled,
      BET_ROLLED_BACK: tombstoned,
      ROUND_MISMATCH: ({ book, other }) => void book.bet(other, "x", 1n, { closesRound: true }),
      ROUND_CLOSED: ({ book, ref }) => {
        if (book.draft.round("demo\0api-play\0r") !== undefined) return;
        book.bet(ref, "y", 1n, { closesRound: true });
      },
      PLAYER_BLOCKED: blocked,
      FUNDS_INSUFFICIENT: (scene) => {
        const payload = { type: "bet_placed", amount: fun(MAX), closesRound: false } as const;
        scene.init = { ...scene.init, payload };
      },
    },
    exclusive: [["BET_DUPLICATE", "BET_ALREADY_SETTLED", "BET_ROLLED_BACK"]],
  },
  round_settled: {
    good: ({ ref }) => ({
      playerRef: ref,
      roundId: "r",
      payload: { type: "round_settled", betTxnId: "t", win: fun(5n), closesRound: true },
    }),
    prepare: openBet,
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      BET_ALREADY_SETTLED: settled,
      BET_ROLLED_BACK: tombstoned,
      BET_UNKNOWN: noBet,
      BET_MISMATCH: mismatch,
      WIN_ABOVE_CEILING: ({ book }) => {
        book.ceiling = 4n;
      },
      BALANCE_OVERFLOW: (scene) => {
        const { payload } = scene.init;
        if (payload.type !== "round_settled") return;
        scene.init = { ...scene.init, payload: { ...payload, win: fun(MAX) } };
      },
    },
    exclusive: [STATES],
  },
  bet_rolled_back: {
    good: ({ ref }) => ({
      playerRef: ref,
      roundId: "r",
      payload: { type: "bet_rolled_back", betTxnId: "t" },
    }),
    prepare: openBet,
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      BET_ALREADY_SETTLED: settled,
      BET_ALREADY_ROLLED_BACK: tombstoned,
      BET_TOMBSTONED: noBet,
      BET_MISMATCH: mismatch,
    },
    exclusive: [["BET_ALREADY_SETTLED", "BET_ALREADY_ROLLED_BACK", "BET_TOMBSTONED"]],
  },
  house_round: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: {
        type: "house_round",
        stake: fun(100n),
        game: { type: "dice", targetX100: 5000, over: true },
      },
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      PLAYER_BLOCKED: blocked,
      WIN_ABOVE_CEILING: ({ book }) => {
        book.ceiling = 197n;
      },
      FUNDS_INSUFFICIENT: (scene) => {
        scene.init = { ...scene.init, payload: houseRound(4_000_000_000_000_000_000n) };
      },
      BALANCE_OVERFLOW: (scene, active) => {
        const { book, ref } = scene;
        scene.init = { ...scene.init, payload: houseRound(4_000_000_000_000_000_000n) };
        const available = book.draft.account(ref, "FUN")?.available ?? 0n;
        book.deposit(ref, MAX - available);
        // What is held counts as well.
        if (active.has("FUNDS_INSUFFICIENT")) book.bet(ref, "held", MAX - 1000n);
      },
    },
    exclusive: [],
  },
};

function houseRound(minor: bigint) {
  const game = { type: "dice", targetX100: 5000, over: true } as const;
  return { type: "house_round", stake: fun(minor), game } as const;
}

function answer(row: Row, names: readonly Name[]): Code {
  const book = new Book();
  const [ref, other] = [book.player(1000n), book.player(1000n)];
  const scene: Scene = { book, ref, other, init: { payload: { type: "player_registered" } } };
  scene.init = row.good(scene);
  row.prepare?.(scene, new Set(names));
  // Blocking comes last: it would keep other conditions from being set up.
  const order = [...names].sort(
    (a, b) => Number(a === "PLAYER_BLOCKED") - Number(b === "PLAYER_BLOCKED"),
  );
  for (const name of order) row.conditions[name]?.(scene, new Set(names));
  const { outcome, field } = book.do(scene.init, scene.identity);
  if (outcome === undefined) throw new Error(`${names.join(" + ")}: no record, field ${field}`);
  return outcome.code;
}

describe.each(Object.entries(ROWS))("%s", (type, row) => {
  const documented = PRECEDENCE[type as keyof typeof PRECEDENCE];
  const names = documented.map((code) => nameOf(code));
  const pairs = names.flatMap((first, index) =>
    names.slice(index + 1).map((second) => [first, second] as const),
  );

  test("has a condition for every documented code but OK", () => {
    expect(Object.keys(row.conditions).sort()).toEqual(names.filter((n) => n !== "OK").sort());
  });

  test.each(names.map((name) => [name]))("%s alone", (name) => {
    expect(nameOf(answer(row, name === "OK" ? [] : [name]))).toBe(name);
  });

  const together = pairs.filter(([a, b]) => {
    return b !== "OK" && !row.exclusive.some((set) => set.includes(a) && set.includes(b));
  });
  test.each(together)("%s before %s", (first, second) => {
    expect(nameOf(answer(row, [first, second]))).toBe(first);
  });
});

function nameOf(code: Code): Name {
  return (Object.keys(Code) as Name[]).find((name) => Code[name] === code)!;
}
