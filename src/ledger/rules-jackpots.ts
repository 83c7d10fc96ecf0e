/**
 * Jackpot pools.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { decideJackpotFunded, decideJackpotWon } from "./decide-jackpot.ts";
import type { EventRules, FaultContext } from "./event-rule.ts";
import { idFault, moneyFault } from "./faults.ts";
import { txnClaims } from "./txn-ids.ts";
import type { Claim, Command, Fault, JackpotMoved, Outcome } from "./types.ts";

/** Faults and claims of all three. */
const common = {
  fault: (
    { type, pool, amount }: JackpotMoved,
    _command: Command,
    context: FaultContext | undefined,
  ): Fault | undefined =>
    idFault(pool, `${type}.pool`) ??
    // What a pool holds already is paid whatever became of its currency.
    moneyFault(amount, `${type}.amount`, 1n, type === "jackpot_won" ? undefined : context),
  claims: (_view: unknown, command: Command, _payload: unknown, outcome: Outcome): Claim[] =>
    txnClaims(command, outcome),
};

export const jackpotRules: EventRules<JackpotMoved["type"]> = {
  jackpot_contributed: {
    ...common,
    subject: "optional",
    codes: [Code.PLAYER_UNKNOWN, Code.TXN_DUPLICATE, Code.OK],
    decide: decideJackpotFunded,
  },
  jackpot_seeded: {
    ...common,
    subject: "none",
    codes: [Code.TXN_DUPLICATE, Code.OK],
    decide: decideJackpotFunded,
  },
  jackpot_won: {
    ...common,
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.WIN_ROLLED_BACK,
      Code.WIN_ABOVE_CEILING,
      Code.JACKPOT_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    decide: decideJackpotWon,
  },
};
