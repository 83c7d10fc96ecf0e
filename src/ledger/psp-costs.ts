/**
 * What rails keep and pay out, and what the operator comes to owe: the house's accounts alone.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { railOf } from "./deposit-object.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, FeeAccrued, Outcome, PspFeeCharged, PspRemitted } from "./types.ts";
import { effective } from "./verdict.ts";

/** A line of an account without its amount. */
interface Line {
  readonly account: AccountKind;
  readonly qualifier: string;
}

/** By kind of fee: the qualifier of the expense, and the account that it is owed by. */
const FEES: Readonly<Record<number, readonly [name: string, payable: AccountKind]>> = {
  1: ["provider", AccountKind.PAYABLE_PROVIDER],
  2: ["affiliate", AccountKind.PAYABLE_AFFILIATE],
  3: ["tax", AccountKind.PAYABLE_TAX],
};

/** Whether there is such a kind of fee. */
export function isFeeKind(kind: number): boolean {
  return FEES[kind] !== undefined;
}

/**
 * A rail keeps a fee: `exp:psp_fees` −f, `asset:psp:clearing` (the rail) +f. The external_id is
 * kept in the event; no deposit is looked for. It is never refused.
 */
export function decidePspFee(
  _view: StateView,
  command: Command,
  fee: PspFeeCharged,
  context: Context,
): Outcome {
  const rail = railOf(fee.rail, fee.amount.currency);
  const debit = { account: AccountKind.EXP_PSP_FEES, qualifier: "" };
  const credit = { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail };
  return movedInHouse(command, context, fee, debit, credit);
}

/**
 * A rail pays what it collected into the bank: `asset:bank:segregated` −A, `asset:psp:clearing`
 * (the rail) +A. It is never refused: a rail may pay in advance.
 */
export function decideRemittance(
  _view: StateView,
  command: Command,
  remittance: PspRemitted,
  context: Context,
): Outcome {
  const rail = railOf(remittance.rail, remittance.amount.currency);
  const debit = { account: AccountKind.ASSET_BANK_SEGREGATED, qualifier: "" };
  const credit = { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail };
  return movedInHouse(command, context, remittance, debit, credit);
}

/**
 * The operator owes a fee: `exp:provider_fees` (qualifier "provider", "affiliate" or "tax", by the
 * fee's kind) −A, and `payable:provider`, `payable:affiliate` or `payable:tax` (qualifier: the
 * payee) +A. It is never refused.
 */
export function decideFee(
  _view: StateView,
  command: Command,
  fee: FeeAccrued,
  context: Context,
): Outcome {
  const [name, payable] = FEES[fee.kind] ?? FEES[1]!;
  const debit = { account: AccountKind.EXP_PROVIDER_FEES, qualifier: name };
  return movedInHouse(command, context, fee, debit, { account: payable, qualifier: fee.payee });
}

/** No player, no balances. Sums of the house's accounts aren't bounded. */
function movedInHouse(
  command: Command,
  context: Context,
  { amount }: Pick<PspRemitted, "amount">,
  debit: Line,
  credit: Line,
): Outcome {
  const { minor, currency } = amount;
  return effective(command, context, Code.OK, "", {
    postings: [
      { ...debit, minor: -minor, currency },
      { ...credit, minor, currency },
    ],
    balances: [],
  });
}
