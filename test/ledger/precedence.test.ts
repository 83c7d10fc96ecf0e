/**
 * Goal: when several codes apply, the documented one wins.
 * Method: for each type of command, every condition alone, and every pair of them that can be true
 * at once, is set up on a fresh book; the first in the documented order must be the answer.
 */
import { Funding } from "../../src/ledger/index.ts";
import { ROUND_OPEN_BETS_MAX } from "../../src/ledger/limits.ts";
import { grantFree } from "./bonuses.ts";
import { person, refOf } from "./book.ts";
import { duplicateTxn, takenWin } from "./corrections.ts";
import { type Condition, type Name, type Rows, type Scene, walk } from "./precedence-walk.ts";
import { STAKE_CONDITIONS, STATUSES } from "./rules-of-players.ts";

const MAX = 2n ** 63n - 1n;
const fun = (minor: bigint) => ({ minor, currency: "FUN" });

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
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
/** Another movement has the id of the bet. */
const betIdTaken: Condition = ({ book }) => void book.rollBack("never", { txnId: "t" });
const full: Condition = ({ book, ref }) => {
  book.commit();
  const key = "demo\0api-play\0r";
  const round = book.state.round(key) ?? { key, ref, closing: false };
  const openBets = Array.from({ length: ROUND_OPEN_BETS_MAX }, (_, n) => `demo\0api-play\0n${n}`);
  book.state.putRound({ ...round, openBets });
};
const STATES = ["BET_ALREADY_SETTLED", "BET_ROLLED_BACK", "BET_UNKNOWN"] as const;
const openBet = ({ book, ref }: Scene, active: ReadonlySet<Name>): void => {
  const states: readonly Name[] = [...STATES, "BET_ALREADY_ROLLED_BACK", "BET_TOMBSTONED"];
  if (!states.some((name) => active.has(name))) book.bet(ref, "t", 10n);
};

const ROWS: Rows = {
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
      TXN_DUPLICATE: betIdTaken,
      ROUND_MISMATCH: ({ book, other }) => void book.bet(other, "x", 1n, { closesRound: true }),
      ROUND_CLOSED: ({ book, ref }) => {
        if (book.draft.round("demo\0api-play\0r") !== undefined) return;
        book.bet(ref, "y", 1n, { closesRound: true });
      },
      ROUND_TOO_MANY_BETS: full,
      ...STAKE_CONDITIONS,
      FUNDS_INSUFFICIENT: (scene) => {
        const payload = { type: "bet_placed", amount: fun(MAX), closesRound: false } as const;
        scene.init = { ...scene.init, payload };
      },
      // Only a free stake adds to what the player has.
      BALANCE_OVERFLOW: (scene) => {
        const { book, ref } = scene;
        const { payload } = scene.init;
        if (payload.type !== "bet_placed") return;
        scene.init = { ...scene.init, payload: { ...payload, funding: Funding.FREE } };
        grantFree(book, ref, "free", 10n);
        const { available, held } = book.draft.account(ref, "FUN")!;
        book.deposit(ref, MAX - available - held);
      },
    },
    exclusive: [
      ["BET_DUPLICATE", "BET_ALREADY_SETTLED", "BET_ROLLED_BACK", "TXN_DUPLICATE"],
      STATUSES,
      // A free stake takes nothing that these bound.
      ["LIMIT_LOSS_REACHED", "BALANCE_OVERFLOW"],
      ["LIMIT_WAGER_REACHED", "BALANCE_OVERFLOW"],
      ["ACCOUNT_FLOOR_REACHED", "BALANCE_OVERFLOW"],
    ],
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
      TXN_DUPLICATE: duplicateTxn,
      WIN_ROLLED_BACK: takenWin,
      BET_ALREADY_SETTLED: settled,
      BET_ROLLED_BACK: tombstoned,
      BET_UNKNOWN: noBet,
      BET_MISMATCH: mismatch,
      WIN_ABOVE_CEILING: ({ book }) => {
        book.ceiling = 4n;
      },
      JACKPOT_INSUFFICIENT: (scene) => {
        const { payload } = scene.init;
        if (payload.type !== "round_settled") return;
        const part = { jackpotMinor: 1n, jackpotPool: "empty" };
        scene.init = { ...scene.init, payload: { ...payload, ...part } };
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
      TXN_DUPLICATE: duplicateTxn,
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
      TXN_DUPLICATE: duplicateTxn,
      ...STAKE_CONDITIONS,
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
    exclusive: [STATUSES],
  },
};

function houseRound(minor: bigint) {
  const game = { type: "dice", targetX100: 5000, over: true } as const;
  return { type: "house_round", stake: fun(minor), game } as const;
}

walk(ROWS);
