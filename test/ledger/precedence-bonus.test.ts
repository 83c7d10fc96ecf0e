/**
 * Goal: when several codes apply to an event of a bonus, the documented one wins.
 * Method: as in precedence.test.ts.
 */
import { type BonusEnded, type BonusForfeited } from "../../src/ledger/index.ts";
import { end, grant, stake } from "./bonuses.ts";
import { EPOCH_US, refOf } from "./book.ts";
import { type Condition, type Name, type Row, type Scene, walk } from "./precedence-walk.ts";

const MAX = 2n ** 63n - 1n;
const SOON = EPOCH_US + 1_000_000;
const NOTHING: Condition = () => undefined;

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
};

/** The command, with other values in its payload. */
function withPayload(scene: Scene, change: object): void {
  scene.init = { ...scene.init, payload: { ...scene.init.payload, ...change } as never };
}

const begins = {
  PLAYER_UNKNOWN: unknownPlayer,
  BONUS_DUPLICATE: ({ book, other }) => void grant(book, other, "a", 1n),
  BONUS_STAGE_INVALID: (scene) => withPayload(scene, { expiresAt: 1 }),
  BONUS_TOO_MANY: ({ book, ref }) => {
    for (let n = 0; n < 32; n += 1) grant(book, ref, `b${n}`, 1n);
  },
} satisfies Partial<Record<Name, Condition>>;

const given = {
  bonusId: "a",
  campaign: "spring",
  amount: { minor: 10n, currency: "FUN" },
  expiresAt: 0,
  conversionMinorMax: 0n,
};

type End = (BonusEnded | BonusForfeited)["type"];

/** Bonus `a` of the player, in the state that the conditions ask for. */
function aBonus({ book, ref }: Scene, active: ReadonlySet<Name>, type: End): void {
  const wagering = active.has("BONUS_WAGERING_OPEN") ? 1000n : 0n;
  grant(book, ref, "a", 10_000n, { wagering, expiresAt: SOON });
  if (active.has("BONUS_IN_PLAY")) stake(book, ref, "t", 5000n, 2);
  const isOver = active.has("BONUS_STAGE_INVALID");
  if (type === "bonus_converted" ? isOver : !active.has("BONUS_NOT_DUE")) book.laterUs = 1_000_000;
  if (isOver && type !== "bonus_converted") end(book, ref, "bonus_forfeited", "a");
}

function ends(type: End, conditions: Row["conditions"], exclusive: Row["exclusive"] = []): Row {
  return {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type, bonusId: "a", ...(type === "bonus_forfeited" && { reason: "" }) } as never,
    }),
    prepare: (scene, active) => aBonus(scene, active, type),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      BONUS_UNKNOWN: (scene) => withPayload(scene, { bonusId: "none" }),
      BONUS_MISMATCH: (scene) => {
        grant(scene.book, scene.other, "theirs", 1n);
        withPayload(scene, { bonusId: "theirs" });
      },
      BONUS_STAGE_INVALID: NOTHING,
      BONUS_IN_PLAY: NOTHING,
      ...conditions,
    },
    exclusive: [["BONUS_UNKNOWN", "BONUS_MISMATCH"], ...exclusive],
  };
}

/** A bonus that has ended holds nothing in bets, and its time doesn't matter. */
const OVER = ["BONUS_STAGE_INVALID", "BONUS_IN_PLAY"] as const;

walk({
  bonus_granted: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "bonus_granted", ...given, wageringMinor: 0n },
    }),
    conditions: {
      ...begins,
      BALANCE_OVERFLOW: (scene) => withPayload(scene, { amount: { minor: MAX, currency: "FUN" } }),
    },
    exclusive: [],
  },
  free_bets_granted: {
    good: ({ ref }) => ({
      playerRef: ref,
      payload: { type: "free_bets_granted", ...given, winWageringX100: 0 },
    }),
    conditions: begins,
    exclusive: [],
  },
  bonus_converted: ends("bonus_converted", { BONUS_WAGERING_OPEN: NOTHING }),
  bonus_expired: ends("bonus_expired", { BONUS_NOT_DUE: NOTHING }, [OVER]),
  bonus_forfeited: ends("bonus_forfeited", {}, [OVER]),
});
