/**
 * Goal: of the events that say what players may not, the first documented code is the answer.
 * Method: each condition alone and in pairs.
 */
import { LimitKind, LimitPeriod, type Payload, PlayerStatus } from "../../src/ledger/index.ts";
import { CURRENCIES, currencyTable } from "../../src/money/index.ts";
import { refOf } from "./book.ts";
import { type Condition, type Row, walk } from "./precedence-walk.ts";
import { bounds, DAY, frozen, limit, now, set, status, velocity } from "./rules-of-players.ts";

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
};
const instead =
  (payload: Payload): Condition =>
  (scene) => {
    scene.init = { ...scene.init, payload };
  };
const excluded: Condition = ({ book, ref }) => {
  set(book, ref, { type: "self_excluded", until: 0, reason: "" });
};
const many = (what: number, make: (at: number) => Payload, isOwn = true): Condition => {
  return ({ book, ref }) => {
    for (let at = 0; at < what; at += 1) {
      if (isOwn) set(book, ref, make(at));
      else book.record({ payload: make(at) });
    }
  };
};

/** Who removes doesn't add. */
const REMOVES = [["LIMIT_UNKNOWN", "LIMIT_TOO_MANY"]] as const;

function row(payload: Payload, conditions: Row["conditions"], rest: Partial<Row> = {}): Row {
  return {
    good: ({ ref }) => ({ playerRef: ref, payload }),
    conditions: { PLAYER_UNKNOWN: unknownPlayer, ...conditions },
    exclusive: [],
    ...rest,
  };
}

walk({
  player_status_changed: row(status(PlayerStatus.BLOCKED), {
    PLAYER_CLOSED: ({ book, ref }) => void set(book, ref, status(PlayerStatus.CLOSED)),
  }),
  player_frozen: row(frozen(false), {}),
  player_unfrozen: row({ type: "player_unfrozen", reason: "" }, {}),
  seeds_rotated: row({ type: "seeds_rotated", clientSeed: "" }, {}),
  limit_set: row(
    limit(LimitKind.WAGER, 1n),
    {
      LIMIT_UNKNOWN: instead(limit(LimitKind.WAGER, 0n, { remove: true })),
      LIMIT_TOO_MANY: (scene, active) => {
        const codes = Array.from({ length: 64 }, (_, at) => ({ code: `C${at}`, exponent: 6 }));
        scene.book.currencies = currencyTable([...CURRENCIES, ...codes]);
        const make = (at: number): Payload => {
          const amount = { minor: 1n, currency: `C${at}` };
          return limit(LimitKind.LOSS, 0n, { amount, period: LimitPeriod.WEEK });
        };
        many(64, make)(scene, active);
      },
    },
    { exclusive: REMOVES },
  ),
  time_out_set: row(
    { type: "time_out_set", until: 1 },
    {
      EXCLUSION_ACTIVE: ({ book, ref }) => {
        set(book, ref, { type: "time_out_set", until: now(book) + DAY });
      },
    },
  ),
  self_excluded: row(
    { type: "self_excluded", until: 1, reason: "" },
    { EXCLUSION_ACTIVE: excluded },
  ),
  self_exclusion_revoked: row(
    { type: "self_exclusion_revoked", reason: "" },
    { EXCLUSION_UNKNOWN: () => undefined },
    {
      prepare: (scene, active) => {
        if (!active.has("EXCLUSION_UNKNOWN")) excluded(scene, active);
      },
    },
  ),
  account_bounds_set: row(bounds(1n, 0n), {
    LIMIT_TOO_MANY: many(64, (at) => ({ ...bounds(1n, 0n), currency: `C${at}` }) as Payload),
  }),
  velocity_rule_set: {
    good: () => ({ payload: velocity({ countMax: 1 }) }),
    conditions: {
      LIMIT_UNKNOWN: instead(velocity({ remove: true })),
      LIMIT_TOO_MANY: many(32, (at) => velocity({ ruleId: `r${at}`, countMax: 1 }), false),
    },
    exclusive: REMOVES,
  },
});
