/** Random commands about players: who they are, what they may not; and facts. */
import {
  LimitKind,
  LimitPeriod,
  type Money,
  NOTES,
  type NoteType,
  type Payload,
  PlayerStatus,
  VelocitySubject,
} from "../../src/ledger/index.ts";
import { person, refOf } from "./book.ts";
import { CURRENCIES, type Caller } from "./model-caller.ts";
import type { Make } from "./model-commands.ts";

/** Seconds of velocity rules. */
const WINDOWS = [1, 60, 3600, 30 * 86_400];

/** Mostly those who may do less and less, so that the others go on. */
function subject(caller: Caller): readonly [operatorId: string, ref: string] {
  const { chance } = caller;
  const operatorId = caller.operator();
  const ref = chance.in(60) && operatorId === "demo" ? refOf(4 + chance.upTo(3)) : "";
  return [operatorId, ref === "" ? caller.player(operatorId) : ref];
}

export const register: Make = (caller) => {
  const { chance } = caller;
  const operatorId = caller.operator();
  const identity = chance.in(50) ? person(chance.pick(["a", "b", "c"]), operatorId) : undefined;
  const playerRef = chance.in(2) ? refOf(1) : "";
  const payload = { type: "player_registered" } as const;
  return caller.sent({ operatorId, playerRef, payload }, identity);
};

export const changeStatus: Make = (caller) => {
  const [operatorId, ref] = subject(caller);
  const { ACTIVE, BLOCKED, CLOSED } = PlayerStatus;
  const isLost = ref === refOf(6) || caller.chance.in(4);
  const status = isLost ? CLOSED : caller.chance.pick([ACTIVE, ACTIVE, BLOCKED]);
  const payload = { type: "player_status_changed", status, reason: "" } as const;
  return caller.about(operatorId, ref, payload);
};

export const freeze: Make = (caller) => {
  const [operatorId, ref] = subject(caller);
  const { chance } = caller;
  const payload: Payload = chance.in(60)
    ? { type: "player_unfrozen", reason: "" }
    : { type: "player_frozen", reason: "", withdrawalsToo: chance.in(50) };
  return caller.about(operatorId, ref, payload);
};

export const rotate: Make = (caller) => {
  const operatorId = caller.operator();
  const clientSeed = caller.chance.in(50) ? "" : caller.fresh("seed");
  return caller.about(operatorId, caller.other(operatorId), { type: "seeds_rotated", clientSeed });
};

export const exclude: Make = (caller) => {
  const [operatorId, ref] = subject(caller);
  const { chance, world } = caller;
  const rules = world.rules.get(ref);
  const ends = [rules?.timeOutUntil ?? 0, rules?.excludedUntil ?? 0].filter((end) => end > 0);
  const near = ends.length > 0 && chance.in(40) ? chance.pick(ends) + chance.pick([-1, 0, 1]) : 0;
  const until = near > 0 ? near : chance.in(2) ? 0 : world.now + chance.upTo(40);
  const payload = chance.pick<Payload>([
    { type: "time_out_set", until },
    { type: "self_excluded", until: chance.in(10) ? 0 : until, reason: "" },
    { type: "self_exclusion_revoked", reason: "" },
  ]);
  return caller.about(operatorId, ref, payload);
};

export const setBounds: Make = (caller) => {
  const [operatorId, ref] = subject(caller);
  const { chance, world } = caller;
  const currency = chance.pick(CURRENCIES);
  const { available } = world.row(ref, currency);
  const floorMinor = chance.in(50) ? 0n : caller.much(available, available / 2n);
  const isBoth = chance.in(40);
  const ceilingMinor = isBoth ? floorMinor + caller.much(available) : 0n;
  const payload = { type: "account_bounds_set", currency, floorMinor, ceilingMinor } as const;
  return caller.about(operatorId, ref, { ...payload, reason: "" });
};

export const setLimit: Make = (caller) => {
  const [operatorId, ref] = subject(caller);
  const { chance, world } = caller;
  const limits = world.rules.get(ref)?.limits ?? [];
  const isOld = limits.length > 0 && chance.in(70);
  const old = isOld ? chance.pick(limits) : undefined;
  const kind = old?.kind ?? chance.pick(Object.values(LimitKind));
  const remove = chance.in(old === undefined ? 10 : 30);
  const rest = { type: "limit_set" as const, kind, remove };
  if (kind === LimitKind.SESSION) {
    const sessionSeconds = remove ? 0 : chance.pick([1, 2, 60, 900, 3600]);
    return caller.about(operatorId, ref, { ...rest, period: 0, amount: undefined, sessionSeconds });
  }
  const period = old?.period ?? chance.pick(Object.values(LimitPeriod));
  const currency = old?.currency ?? chance.pick(CURRENCIES);
  const value = chance.in(10) ? 0n : caller.much(old?.value, old?.pendingValue, 50n);
  const amount: Money = { minor: remove && chance.in(98) ? 0n : value, currency };
  return caller.about(operatorId, ref, { ...rest, period, amount, sessionSeconds: 0 });
};

export const setVelocity: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const known = [...world.velocity.values()].filter(({ windowSeconds }) => windowSeconds > 0);
  const isOld = known.length > 0 && chance.in(70);
  const ruleId = isOld ? chance.pick(known).key : caller.fresh("v");
  const currency = chance.pick(CURRENCIES);
  const amountMax = chance.in(50) ? undefined : { minor: caller.much(100n), currency };
  const payload = {
    type: "velocity_rule_set" as const,
    ruleId,
    subject: chance.pick(Object.values(VelocitySubject)),
    windowSeconds: chance.in(4) ? chance.pick([0, 30 * 86_400 + 1]) : chance.pick(WINDOWS),
    countMax: chance.in(50) ? 0 : 1 + chance.upTo(12),
    amountMax,
    remove: chance.in(60),
  };
  return caller.sent({ operatorId, payload });
};

export const note: Make = (caller) => {
  const { chance } = caller;
  const operatorId = caller.operator();
  const type = chance.pick(Object.keys(NOTES) as NoteType[]);
  const needs: readonly string[] = NOTES[type];
  const payload = { type, fields: { kind: caller.fresh("n"), at: chance.upTo(9) } } as const;
  const isNobodys = !needs.includes("player_ref") && chance.in(50);
  if (isNobodys) return caller.sent({ operatorId, payload });
  return caller.about(operatorId, caller.other(operatorId), payload);
};
