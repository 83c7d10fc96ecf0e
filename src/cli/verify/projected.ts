/**
 * Bets, objects and what players have, from the words of the state into those of the contract.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Change, Funding, type OpenBet, type PlayerExtras } from "../../ledger/index.ts";
import type { ProjectedBet, ProjectedExtras, Thing } from "../../verify/index.ts";
import { encodeChange } from "../../wire/change-codec.ts";
import { ChangeSchema } from "../../wire/gen/countroom/v1/object_pb.ts";

/** An open bet. */
export function projectedBet(bet: OpenBet): ProjectedBet {
  const { key, ref, roundKey: round, amount: minor, currency, funding, parts = [] } = bet;
  return { key, ref, round, minor, currency, parts, free: funding === Funding.FREE };
}

/** What a player has, in the contract's words. */
export function projectedExtras(extras: PlayerExtras | undefined): ProjectedExtras | undefined {
  if (extras === undefined) return undefined;
  const { bonuses, debts, rules, usage } = extras;
  return {
    bonuses: bonuses.map((bonus) => valueOf(bonus)),
    debts: debts.map((debt) => valueOf(debt)),
    rules: rules === undefined ? undefined : valueOf(rules),
    usage,
  };
}

/** An object in the contract's words. */
export function thingOf(change: Change): Thing {
  const { object } = fromBinary(ChangeSchema, encodeChange(change));
  if (object.case === undefined) throw new TypeError("an object of no kind");
  return object;
}

/** Kinds of changes are those of the contract's objects. */
function valueOf<Value extends Thing["value"]>(change: Change): Value {
  return thingOf(change).value as Value;
}
