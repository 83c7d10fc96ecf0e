/**
 * Goal: when several codes apply to an event of the cashier, the documented one wins.
 * Method: as in precedence.test.ts, in euros.
 */
import {
  DepositStage,
  LimitKind,
  LimitPeriod,
  type Payload,
  PlayerStatus,
  VelocitySubject,
  WithdrawalStage,
} from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import { eur, MAX, say, tell } from "./cashier.ts";
import {
  type Condition,
  type Name,
  type Row,
  type Rows,
  type Scene,
  walk,
} from "./precedence-walk.ts";
import { WITHDRAWAL_CONDITIONS } from "./rules-of-players.ts";

const unknownPlayer: Condition = (scene) => {
  scene.init = { ...scene.init, playerRef: refOf(99) };
};
const anotherPlayer: Condition = (scene) => {
  if (scene.init.playerRef !== refOf(99)) scene.init = { ...scene.init, playerRef: scene.other };
};
const nothing: Condition = () => undefined;

/** What a player may not, as an event about the scene's player, or about all of them. */
const not = (payload: Payload, ofPlayer = true): Condition => {
  return ({ book, ref }) => void tell(book, payload, ofPlayer ? { playerRef: ref } : {});
};
const status = (to: PlayerStatus): Condition => {
  return not({ type: "player_status_changed", status: to, reason: "" });
};
const velocity = (subject: VelocitySubject): Condition => {
  const rule = { ruleId: "v", subject, windowSeconds: 60, countMax: 0, remove: false };
  return not({ type: "velocity_rule_set", ...rule, amountMax: eur(1n) }, false);
};
const bounds = (floorMinor: bigint, ceilingMinor: bigint): Condition => {
  const rest = { currency: "EUR", floorMinor, ceilingMinor, reason: "" };
  return not({ type: "account_bounds_set", ...rest });
};

const DEPOSITING = {
  PLAYER_CLOSED: status(PlayerStatus.CLOSED),
  PLAYER_EXCLUDED: not({ type: "self_excluded", until: 0, reason: "" }),
  PLAYER_TIMED_OUT: (scene: Scene) => {
    const until = scene.book.context().recordedAt + 3_600_000_000;
    tell(scene.book, { type: "time_out_set", until }, { playerRef: scene.ref });
  },
  LIMIT_DEPOSIT_REACHED: not({
    type: "limit_set",
    kind: LimitKind.DEPOSIT,
    period: LimitPeriod.DAY,
    amount: eur(0n),
    sessionSeconds: 0,
    remove: false,
  }),
  LIMIT_VELOCITY_REACHED: velocity(VelocitySubject.DEPOSIT),
  ACCOUNT_CEILING_REACHED: bounds(0n, 1n),
} as const;

const WITHDRAWING = {
  PLAYER_FROZEN: not({ type: "player_frozen", reason: "", withdrawalsToo: true }),
  LIMIT_VELOCITY_REACHED: velocity(VelocitySubject.WITHDRAWAL),
  ACCOUNT_FLOOR_REACHED: bounds(MAX, 0n),
} as const;

/** A deposit of the scene's player. */
const captured = (minor: bigint, partial = false): Condition => {
  return ({ book, ref }) => {
    tell(book, say.captured("x", minor, partial), { playerRef: ref });
  };
};
const without = (name: Name, otherwise: Condition): Row["prepare"] => {
  return (scene, active) => (active.has(name) ? undefined : otherwise(scene, active));
};
/** The player's money leaves, so that little is available. */
const spent: Condition = ({ book, ref }) => {
  const available = book.draft.account(ref, "EUR")?.available ?? 0n;
  if (available > 0n) tell(book, say.requested(available), { playerRef: ref, txnId: "spent" });
};

/** No room for another unit. */
const filled: Condition = ({ book, ref }) => {
  const account = book.draft.account(ref, "EUR");
  const room = MAX - (account?.available ?? 0n) - (account?.held ?? 0n);
  if (room > 0n) book.deposit(ref, room, "EUR");
};
/** Owes as much as can be owed, and has nothing. */
const indebted: Condition = (scene, active) => {
  spent(scene, active);
  const { book, ref } = scene;
  book.commit();
  const debt = { object: "debt", ref, currency: "EUR", owed: MAX } as const;
  book.state.edit(ref)!.extras = { bonuses: [], debts: [debt] };
};
const changes = (change: object): Condition => {
  return (scene) => {
    scene.init = { ...scene.init, payload: { ...scene.init.payload, ...change } as Payload };
  };
};
const UNKNOWN_DEPOSIT = [
  ["DEPOSIT_UNKNOWN", "DEPOSIT_MISMATCH"],
  ["DEPOSIT_UNKNOWN", "DEPOSIT_STAGE_INVALID"],
] as const;
const owner = ({ ref, other }: Scene, active: ReadonlySet<Name>) => ({
  playerRef: active.has("DEPOSIT_MISMATCH") ? other : ref,
});

const deposits: Rows = {
  deposit_captured: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.captured("x", 10n) }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEPOSIT_MISMATCH: ({ book, other }) => {
        tell(book, say.advanced("x", DepositStage.CREATED, 1n), { playerRef: other });
      },
      DEPOSIT_DUPLICATE: (scene, active) => {
        tell(scene.book, say.captured("x", 1n), owner(scene, active));
      },
      DEPOSIT_STAGE_INVALID: (scene, active) => {
        tell(scene.book, say.advanced("x", DepositStage.EXPIRED, 1n), owner(scene, active));
      },
      ...DEPOSITING,
      BALANCE_OVERFLOW: filled,
    },
    exclusive: [["DEPOSIT_DUPLICATE", "DEPOSIT_STAGE_INVALID"]],
  },
  deposit_advanced: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.advanced("x", DepositStage.PENDING, 5n) }),
    prepare: without("DEPOSIT_UNKNOWN", ({ book, ref }) => {
      tell(book, say.advanced("x", DepositStage.CREATED, 5n), { playerRef: ref });
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEPOSIT_UNKNOWN: changes({ stage: DepositStage.SETTLED }),
      DEPOSIT_MISMATCH: anotherPlayer,
      DEPOSIT_STAGE_INVALID: changes({ stage: DepositStage.CREATED }),
    },
    exclusive: UNKNOWN_DEPOSIT,
  },
  deposit_refunded: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.payment("deposit_refunded", "x", 5n) }),
    prepare: without("DEPOSIT_UNKNOWN", captured(10n)),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEPOSIT_UNKNOWN: nothing,
      DEPOSIT_MISMATCH: anotherPlayer,
      DEPOSIT_AMOUNT_EXCEEDED: changes({ amount: eur(11n) }),
      FUNDS_INSUFFICIENT: spent,
    },
    exclusive: UNKNOWN_DEPOSIT,
  },
  deposit_charged_back: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.payment("deposit_charged_back", "x", 5n) }),
    prepare: without("DEPOSIT_UNKNOWN", captured(10n)),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEPOSIT_UNKNOWN: nothing,
      DEPOSIT_MISMATCH: anotherPlayer,
      DEPOSIT_AMOUNT_EXCEEDED: changes({ amount: eur(11n) }),
      BALANCE_OVERFLOW: indebted,
    },
    exclusive: UNKNOWN_DEPOSIT,
  },
  deposit_suspended: {
    good: () => ({ payload: say.payment("deposit_suspended", "x", 5n) }),
    conditions: {
      DEPOSIT_MISMATCH: changes({ amount: { minor: 1n, currency: "USD" } }),
      DEPOSIT_DUPLICATE: captured(1n),
    },
    prepare: without("DEPOSIT_DUPLICATE", captured(1n, true)),
    exclusive: [],
  },
  suspense_matched: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.matched("x", 5n) }),
    prepare: without("DEPOSIT_UNKNOWN", (scene, active) => {
      const { book } = scene;
      tell(book, say.advanced("x", DepositStage.CREATED, 1n), owner(scene, active));
      tell(book, say.payment("deposit_suspended", "x", 10n));
    }),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEPOSIT_UNKNOWN: nothing,
      DEPOSIT_MISMATCH: nothing,
      DEPOSIT_AMOUNT_EXCEEDED: changes({ amount: eur(11n) }),
      ...DEPOSITING,
      BALANCE_OVERFLOW: filled,
    },
    exclusive: UNKNOWN_DEPOSIT,
  },
  debt_written_off: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.debt("debt_written_off", 5n) }),
    prepare: without("DEBT_EXCEEDED", indebted),
    conditions: { PLAYER_UNKNOWN: unknownPlayer, DEBT_EXCEEDED: nothing },
    exclusive: [],
  },
  debt_recovered: {
    good: ({ ref }) => ({ playerRef: ref, payload: say.debt("debt_recovered", 5n) }),
    prepare: (scene, active) => {
      if (!active.has("DEBT_EXCEEDED")) indebted(scene, active);
      if (!active.has("FUNDS_INSUFFICIENT"))
        tell(scene.book, adjustment(9n), { playerRef: scene.ref });
    },
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      DEBT_EXCEEDED: nothing,
      FUNDS_INSUFFICIENT: nothing,
    },
    exclusive: [],
  },
};

function adjustment(minor: bigint, debit = false): Payload {
  const approvers = ["ann", "bob"];
  const rest = { debit, reason: "", approvers, correctionOf: 0 };
  return { type: "adjustment_posted", amount: eur(minor), ...rest };
}

const LASTS = 1_000;
/** The player has a withdrawal of 100 that lasts for some records. */
const held = without("HOLD_UNKNOWN", ({ book, ref }) => {
  book.deposit(ref, 1000n, "EUR");
  const expiresAt = book.context().recordedAt + LASTS;
  tell(book, say.requested(100n, expiresAt), { playerRef: ref, txnId: "w" });
});
const overdue: Condition = ({ book }) => {
  book.laterUs += LASTS;
};
const tells = (...payloads: readonly Payload[]): Condition => {
  return ({ book }) => {
    for (const payload of payloads) tell(book, payload);
  };
};
const after = (...payloads: readonly Payload[]): Row["prepare"] => {
  return (scene, active) => {
    held?.(scene, active);
    if (!active.has("HOLD_UNKNOWN")) tells(...payloads)(scene, active);
  };
};
const FOUND = {
  PLAYER_UNKNOWN: unknownPlayer,
  HOLD_UNKNOWN: nothing,
  HOLD_MISMATCH: anotherPlayer,
} as const;
const UNKNOWN_HOLD = [
  ["HOLD_UNKNOWN", "HOLD_MISMATCH"],
  ["HOLD_UNKNOWN", "HOLD_STAGE_INVALID"],
] as const;
const tooMuch = changes({ amount: eur(101n) });
const good = (payload: Payload): Row["good"] => {
  return ({ ref }) => ({ playerRef: ref, payload });
};
/** A move of some of the hold; STAGE comes about by moving all of it. */
const moving = (payload: Payload, all: Payload, more: Row["conditions"], prepare = held): Row => ({
  good: good(payload),
  prepare,
  conditions: { ...FOUND, HOLD_STAGE_INVALID: tells(all), ...more },
  exclusive: UNKNOWN_HOLD,
});

const withdrawals: Rows = {
  withdrawal_requested: {
    good: ({ ref }) => ({ playerRef: ref, txnId: "w", payload: say.requested(10n) }),
    prepare: ({ book, ref }) => void book.deposit(ref, 1000n, "EUR"),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      HOLD_DUPLICATE: ({ book, other }) => {
        book.deposit(other, 1n, "EUR");
        tell(book, say.requested(1n), { playerRef: other, txnId: "w" });
      },
      HOLD_EXPIRED: changes({ expiresAt: 1 }),
      ...WITHDRAWING,
      FUNDS_INSUFFICIENT: changes({ amount: eur(1001n) }),
    },
    exclusive: [],
  },
  withdrawal_advanced: {
    good: good(say.stage("w", WithdrawalStage.HELD)),
    prepare: held,
    conditions: {
      ...FOUND,
      HOLD_STAGE_INVALID: tells(say.stage("w", WithdrawalStage.APPROVED)),
      HOLD_EXPIRED: overdue,
    },
    exclusive: UNKNOWN_HOLD,
  },
  withdrawal_extended: {
    good: good(say.extended("w", 0)),
    prepare: held,
    conditions: {
      ...FOUND,
      HOLD_STAGE_INVALID: changes({ expiresAt: 1 }),
      HOLD_EXPIRED: overdue,
    },
    exclusive: UNKNOWN_HOLD,
  },
  withdrawal_submitted: moving(say.submitted("w", 5n), say.stage("w", WithdrawalStage.FROZEN), {
    HOLD_EXPIRED: overdue,
    HOLD_AMOUNT_EXCEEDED: tooMuch,
  }),
  withdrawal_settled: moving(
    say.settled("w", 5n),
    say.settled("w"),
    { HOLD_AMOUNT_EXCEEDED: tooMuch },
    after(say.submitted("w")),
  ),
  withdrawal_failed: moving(
    say.ended("withdrawal_failed", "w", 5n),
    say.settled("w"),
    { HOLD_AMOUNT_EXCEEDED: tooMuch, BALANCE_OVERFLOW: filled },
    after(say.submitted("w")),
  ),
  withdrawal_released: moving(say.ended("withdrawal_released", "w", 5n), say.submitted("w"), {
    HOLD_AMOUNT_EXCEEDED: tooMuch,
  }),
  withdrawal_expired: moving(
    say.expired("w"),
    say.submitted("w"),
    { HOLD_NOT_DUE: nothing },
    (scene, active) => {
      held?.(scene, active);
      if (active.has("HOLD_STAGE_INVALID")) tell(scene.book, say.extended("w", 0));
      if (!active.has("HOLD_NOT_DUE")) overdue(scene, active);
    },
  ),
  withdrawal_reversed: moving(
    say.ended("withdrawal_reversed", "w", 5n),
    say.ended("withdrawal_reversed", "w", 100n),
    { HOLD_AMOUNT_EXCEEDED: tooMuch, BALANCE_OVERFLOW: filled },
    after(say.submitted("w"), say.settled("w")),
  ),
};

const money: Rows = {
  adjustment_posted: {
    good: good(adjustment(5n)),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      RECORD_UNKNOWN: changes({ correctionOf: 1_000 }),
      FUNDS_INSUFFICIENT: changes({ debit: true }),
      BALANCE_OVERFLOW: filled,
    },
    exclusive: [["FUNDS_INSUFFICIENT", "BALANCE_OVERFLOW"]],
  },
  currency_exchanged: {
    good: good({
      type: "currency_exchanged",
      sell: { minor: 5n, currency: "USD" },
      buy: eur(5n),
      quoteId: "",
    }),
    prepare: ({ book, ref }) => void book.deposit(ref, 5n, "USD"),
    conditions: {
      PLAYER_UNKNOWN: unknownPlayer,
      PLAYER_FROZEN: WITHDRAWAL_CONDITIONS.PLAYER_FROZEN,
      ACCOUNT_FLOOR_REACHED: ({ book, ref }) => {
        const floor = { currency: "USD", floorMinor: 1n, ceilingMinor: 0n, reason: "" };
        book.record({ playerRef: ref, payload: { type: "account_bounds_set", ...floor } });
      },
      FUNDS_INSUFFICIENT: changes({ sell: { minor: 6n, currency: "USD" } }),
      BALANCE_OVERFLOW: filled,
    },
    exclusive: [],
  },
};

walk({ ...deposits, ...withdrawals, ...money });
