/**
 * txn_ids: within an operator's source, one names one movement, for ever.
 *
 * @module
 */
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import { type DerivedState, sourceKey } from "./state.ts";
import { no, type Verdict } from "./verdict.ts";

function taken(by: string): Verdict {
  return no(Code.TXN_DUPLICATE, `its txn_id is that of ${by}`);
}

/** The event's own txn_id is another movement's, or that of a bet, come or undone. */
export function txnTaken(state: DerivedState, entry: Entry): Verdict | undefined {
  const { operator, source, event } = entry;
  const { txnId } = event;
  if (txnId === "") return undefined;
  if (state.bets.has(sourceKey(operator, source, txnId))) return taken("an open bet");
  for (const fact of [FACT.TXN, FACT.RESOLVED, FACT.TOMBSTONE]) {
    const seq = state.made(fact, operator, source, txnId);
    if (seq !== undefined) return taken(`record ${seq}`);
  }
  return undefined;
}

/** The same of an event that resolves a bet: its name can't be that of the bet. */
export function resolutionTxnTaken(
  state: DerivedState,
  entry: Entry,
  betTxn: string,
): Verdict | undefined {
  const { txnId } = entry.event;
  if (txnId !== "" && txnId === betTxn) return taken("the bet itself");
  return txnTaken(state, entry);
}

/** The win of this name was taken back before it came. */
export function winWasTaken(state: DerivedState, entry: Entry): Verdict | undefined {
  const { operator, source, event } = entry;
  if (event.txnId === "") return undefined;
  const seq = state.made(FACT.WIN_TAKEN, operator, source, event.txnId);
  if (seq === undefined) return undefined;
  return no(Code.WIN_ROLLED_BACK, `its win was taken back by ${seq}`);
}
