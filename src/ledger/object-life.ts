/**
 * Objects that are over leave memory. Their records stay, and the claim of each version leads back
 * to them: a payment may be charged back months later.
 *
 * @module
 */
import { ClaimKind, claim } from "./claims.ts";
import { LedgerError } from "./errors.ts";
import { objectKey } from "./keys.ts";
import {
  type Bonus,
  BonusStage,
  type Change,
  type Deposit,
  DepositStage,
  type Hold,
} from "./objects.ts";
import type { StateView } from "./state-view.ts";
import type { Claim, Context, Outcome } from "./types.ts";

const OPEN_STAGES: ReadonlySet<DepositStage> = new Set([
  DepositStage.CREATED,
  DepositStage.PENDING,
  DepositStage.AUTHORIZED,
  DepositStage.PARTIALLY_PAID,
]);

/** Whether nothing is expected to happen to the object any more. */
export function isOver(object: Hold | Deposit): boolean {
  if (object.object === "hold") return object.remaining === 0n && object.inTransit === 0n;
  return object.suspended === 0n && !OPEN_STAGES.has(object.stage);
}

/**
 * The claim of one version of an object. Bonuses claim the first alone, that their id is used, and
 * their end: see {@link endOfBonus}.
 */
export function objectClaim(
  operatorId: string,
  object: "hold" | "deposit" | "bonus",
  key: string,
  version: number,
): Claim {
  return claim(ClaimKind.OBJECT, operatorId, "", `${object}\0${key}\0${version}`);
}

/** The claims of a record's changes. */
export function changeClaims(operatorId: string, outcome: Outcome): Claim[] {
  const claims: Claim[] = [];
  for (const change of outcome.changes ?? []) {
    if (change.object === "hold" || change.object === "deposit") {
      claims.push(objectClaim(operatorId, change.object, change.key, change.version));
    } else if (change.object === "bonus") {
      if (change.version === 1) claims.push(objectClaim(operatorId, "bonus", change.key, 1));
      if (change.stage !== BonusStage.ACTIVE) claims.push(bonusEndClaim(operatorId, change.key));
    }
  }
  return claims;
}

/** A bonus ends once, in one record. */
function bonusEndClaim(operatorId: string, key: string): Claim {
  return claim(ClaimKind.OBJECT, operatorId, "", `bonus\0${key}\0end`);
}

/** What a bonus was left as when it ended; undefined while it stands. */
export function endOfBonus(context: Context, operatorId: string, key: string): Bonus | undefined {
  const seq = context.facts.claimed(bonusEndClaim(operatorId, key).hash);
  if (seq === undefined) return undefined;
  const changes = context.facts.record(seq)?.outcome.changes ?? [];
  for (const change of changes) if (change.object === "bonus" && change.key === key) return change;
  throw new LedgerError("INVARIANT_BROKEN", `record ${seq} has lost its bonus`);
}

/** A hold, in memory or over; undefined when there never was one. */
export function findHold(
  view: StateView,
  context: Context,
  operatorId: string,
  key: string,
): Hold | undefined {
  return find(view, context, "hold", operatorId, key) as Hold | undefined;
}

/** A deposit, in memory or over; undefined when there never was one. */
export function findDeposit(
  view: StateView,
  context: Context,
  operatorId: string,
  key: string,
): Deposit | undefined {
  return find(view, context, "deposit", operatorId, key) as Deposit | undefined;
}

/**
 * The record of the newest version, undefined when there is none. Versions have no gaps, so that a
 * payment of a million parts is found in forty questions.
 */
function newestVersion(seqOf: (version: number) => number | undefined): number | undefined {
  let known = 0;
  let newest: number | undefined;
  let step = 1;
  for (let seq = seqOf(1); seq !== undefined; seq = seqOf(known + step)) {
    known += step;
    newest = seq;
    step = known;
  }
  // Between the newest that is known and the first that isn't there.
  for (let missing = known + step; missing - known > 1;) {
    const middle = Math.floor((known + missing) / 2);
    const seq = seqOf(middle);
    if (seq === undefined) missing = middle;
    else [known, newest] = [middle, seq];
  }
  return newest;
}

function find(
  view: StateView,
  context: Context,
  object: "hold" | "deposit",
  operatorId: string,
  key: string,
): Change | undefined {
  const inMemory = view.object(objectKey(object, operatorId, key));
  if (inMemory !== undefined) return inMemory;
  const seq = newestVersion((version) => {
    return context.facts.claimed(objectClaim(operatorId, object, key, version).hash);
  });
  if (seq === undefined) return undefined;
  const record = context.facts.record(seq);
  const found = record?.outcome.changes?.find(
    (change) => change.object === object && change.key === key,
  );
  if (found !== undefined) return found;
  throw new LedgerError("INVARIANT_BROKEN", `record ${seq} has lost its ${object}`);
}
