/**
 * The messages that outcomes and receipts share, written by hand.
 *
 * @module
 */
import type { Balance, HouseRoundResult } from "../ledger/index.ts";
import type { FieldWriter } from "./field-writer.ts";

/** Counts are numbers in the ledger and bigints in messages; both are written. */
type Count = number | bigint;

/** A row of balances, the ledger's or a message's. */
export function writeBalance(
  to: FieldWriter,
  field: number,
  balance: Omit<Balance, "version"> & { readonly version: Count },
): void {
  const start = to.begin(field);
  to.text(1, balance.currency);
  to.amount(2, balance.available);
  to.amount(3, balance.bonus);
  to.amount(4, balance.held);
  to.count(5, Number(balance.version));
  to.end(start);
}

/** What {@link writeHouseRound} takes. */
type HouseRoundFields = Omit<HouseRoundResult, "seedPair" | "nonce" | "multiplierX100"> & {
  readonly seedPair: Count;
  readonly nonce: Count;
  readonly multiplierX100: Count;
};

/** The result of a house round, the ledger's or a message's. */
export function writeHouseRound(to: FieldWriter, field: number, result: HouseRoundFields): void {
  const start = to.begin(field);
  to.blob(1, result.serverSeedHash);
  to.text(2, result.clientSeed);
  to.count(3, Number(result.seedPair));
  to.count(4, Number(result.nonce));
  to.count(5, result.fairVersion);
  to.count(6, result.rollX100);
  to.count(7, Number(result.multiplierX100));
  to.amount(8, result.win);
  to.end(start);
}
