/**
 * The edge as the bot sees it.
 *
 * @module
 */
import { CODES, type Code } from "../ledger/index.ts";
import { receiptWithoutRecord } from "../wire/index.ts";
import type { EdgePort } from "./bot-port.ts";
import type { EventIntake } from "./event-intake.ts";
import { playerHistory } from "./history.ts";
import type { Gate } from "./gate.ts";
import type { PlayerReads } from "./player-reads.ts";
import type { SearchCalls } from "./search-calls.ts";
import type { Uplink } from "./uplink.ts";

/** What the port stands on. */
export interface EdgePortOptions {
  readonly region: string;
  readonly gate: Gate;
  readonly intake: EventIntake;
  readonly uplink: Uplink;
  readonly players: PlayerReads;
  readonly search: SearchCalls;
}

/** Makes the port. */
export function createEdgePort(options: EdgePortOptions): EdgePort {
  const { region, gate, intake, uplink, players, search } = options;
  return {
    region,
    async submit(event, { credential: token, identity, deadlineMs }) {
      const credential = await gate.credential(token);
      if (typeof credential === "number") {
        return receiptWithoutRecord({ code: credential, message: CODES[credential as Code].text });
      }
      const taken = intake.init(event, { credential, token }, identity);
      if (!taken.ok) return taken.receipt;
      return (await uplink.submit({ ...taken.submission, deadlineMs })).receipt;
    },
    balanceByIdentity: (operator, identity, atLeast) =>
      players.balance(operator, identity, atLeast),
    history: (operator, identity, limit, atLeast) =>
      playerHistory(players, search, { operator, identity, limit, atLeast }),
  };
}
