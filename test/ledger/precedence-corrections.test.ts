/**
 * Goal: when several codes apply to a correction, the end of a round or a jackpot, the documented
 * one wins.
 * Method: as in precedence.test.ts.
 */
import { CORRECTIONS_MAX } from "../../src/ledger/limits.ts";
import { refOf } from "./book.ts";
import {
  duplicateTxn,
  endRound,
  jackpot,
  resettle,
  takenWin,
  takeWin,
  voidBet,
} from "./corrections.ts";
import {
  type Condition,
  type Name,
  type Row,
  type Rows,
  type Scene,
  walk,
} from "./precedence-walk.ts";

const MAX = 2n ** 63n - 1n;
const fun = (minor: bigint) => ({ minor, currency: "FUN" });

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
};
const otherPlayer: Condition = (scene) => {
  if (scene.init.playerRef !== refOf(99)) scene.init = { ...scene.init, playerRef: scene.other };
};
const nothing: Condition = () => undefined;

/** Names of the bet "t": it is settled with a win "w", unless a condition says otherwise. */
const STATES = [
  "BET_ALREADY_VOIDED",
  "BET_ROLLED_BACK",
  "BET_VOIDED",
  "BET_UNKNOWN",
  "BET_OPEN",
  "WIN_ALREADY_ROLLED_BACK",
  "WIN_UNKNOWN",
  "WIN_TOMBSTONED",
] as const satisfies readonly Name[];
const RESETTLED = { minor: 5n };

const settledBet = ({ book, ref }: Scene, active: ReadonlySet<Name>): void => {
  if (STATES.some((name) => active.has(name))) return;
  // What is owed can overflow as well.
  book.bet(ref, "t", 10n);
  book.settle("t", 7n, { txnId: "w" });
};
const settledAnd =
  (more: (scene: Scene) => void): Condition =>
  (scene) => {
    scene.book.bet(scene.ref, "t", 10n);
    scene.book.settle("t", 7n, { txnId: "w" });
    more(scene);
  };
const open: Condition = ({ book, ref }) => void book.bet(ref, "t", 10n);
const rolledBack: Condition = (scene, active) => {
  open(scene, active);
  scene.book.rollBack("t");
};
const gone = settledAnd(({ book }) => void voidBet(book, "t"));

/** The player owes all that can be owed, and has nothing. */
const owesAll = ({ book, ref }: Scene): void => {
  const { available } = book.draft.account(ref, "FUN")!;
  book.bet(ref, "all", available, { roundId: "all" });
  book.settle("all", 0n);
  book.commit();
  book.state.edit(ref)!.extras = {
    bonuses: [],
    debts: [{ object: "debt", ref, currency: "FUN", owed: MAX }],
  };
};

const correction = {
  prepare: settledBet,
  exclusive: [STATES],
} satisfies Partial<Row>;

const round = (type: "round_closed" | "round_voided"): Row => ({
  good: ({ ref }) => ({
    playerRef: ref,
    roundId: "r",
    payload: { type, roundSource: "", ...(type === "round_voided" && { reason: "" }) } as never,
  }),
  prepare: ({ book, ref }, active) => {
    if (!active.has("ROUND_ALREADY_CLOSED") && !active.has("ROUND_UNKNOWN")) book.bet(ref, "t", 1n);
  },
  conditions: {
    PLAYER_UNKNOWN: unknownPlayer,
    TXN_DUPLICATE: duplicateTxn,
    ROUND_ALREADY_CLOSED: ({ book }) => void endRound(book, "round_closed", "r"),
    ...(type === "round_voided" && { ROUND_UNKNOWN: nothing }),
    ROUND_MISMATCH: otherPlayer,
  },
  exclusive: [["ROUND_ALREADY_CLOSED", "ROUND_UNKNOWN"]],
});

const ROWS: Rows = {
  win_rolled_back: {
    ...correction,
    good: ({ ref }) => ({ playerRef: ref, payload: { type: "win_rolled_back", winTxnId: "w" } }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      TXN_DUPLICATE: duplicateTxn,
      WIN_ALREADY_ROLLED_BACK: settledAnd(({ book }) => void takeWin(book, "w")),
      WIN_UNKNOWN: ({ book, ref }) => void book.bet(ref, "w", 1n),
      WIN_TOMBSTONED: nothing,
      BET_VOIDED: gone,
      BET_MISMATCH: otherPlayer,
      BALANCE_OVERFLOW: owesAll,
    },
  },
  bet_voided: {
    ...correction,
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "bet_voided", betTxnId: "t", reason: "", betSource: "" },
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      TXN_DUPLICATE: duplicateTxn,
      BET_ALREADY_VOIDED: gone,
      BET_ROLLED_BACK: rolledBack,
      BET_UNKNOWN: nothing,
      BET_MISMATCH: otherPlayer,
      // 7 are taken, 10 come back.
      BALANCE_OVERFLOW: ({ book, ref }) => {
        book.deposit(ref, MAX - book.draft.account(ref, "FUN")!.available);
      },
    },
  },
  bet_resettled: {
    ...correction,
    good: ({ ref }) => ({
      playerRef: ref,
      payload: {
        type: "bet_resettled",
        betTxnId: "t",
        win: fun(RESETTLED.minor),
        reason: "",
        betSource: "",
      },
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      TXN_DUPLICATE: duplicateTxn,
      WIN_ROLLED_BACK: takenWin,
      BET_OPEN: open,
      BET_ROLLED_BACK: rolledBack,
      BET_VOIDED: gone,
      BET_UNKNOWN: nothing,
      BET_MISMATCH: otherPlayer,
      CORRECTION_TOO_MANY: ({ book }, active) => {
        if (STATES.some((name) => active.has(name))) return;
        for (let n = 0; n < CORRECTIONS_MAX; n += 1) resettle(book, "t", 7n);
      },
      WIN_ABOVE_CEILING: ({ book }) => {
        book.ceiling = 4n;
      },
      BALANCE_OVERFLOW: (scene) => {
        const { payload } = scene.init;
        if (payload.type !== "bet_resettled") return;
        scene.init = { ...scene.init, payload: { ...payload, win: fun(MAX) } };
      },
    },
  },
  round_closed: round("round_closed"),
  round_voided: round("round_voided"),
  jackpot_contributed: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "jackpot_contributed", pool: "p", amount: fun(1n) },
    }),
    conditions: { PLAYER_UNKNOWN: unknownPlayer, TXN_DUPLICATE: duplicateTxn },
    exclusive: [],
  },
  jackpot_seeded: {
    good: () => ({ payload: { type: "jackpot_seeded", pool: "p", amount: fun(1n) } }),
    conditions: { TXN_DUPLICATE: duplicateTxn },
    exclusive: [],
  },
  jackpot_won: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "jackpot_won", pool: "p", amount: fun(10n) },
    }),
    prepare: ({ book }, active) => {
      if (!active.has("JACKPOT_INSUFFICIENT")) jackpot(book, "seeded", 10n, { pool: "p" });
    },
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      TXN_DUPLICATE: duplicateTxn,
      WIN_ROLLED_BACK: takenWin,
      WIN_ABOVE_CEILING: ({ book }) => {
        book.ceiling = 9n;
      },
      JACKPOT_INSUFFICIENT: nothing,
      BALANCE_OVERFLOW: ({ book, ref }) => {
        book.deposit(ref, MAX - 5n - book.draft.account(ref, "FUN")!.available);
      },
    },
    exclusive: [],
  },
};

walk(ROWS);
