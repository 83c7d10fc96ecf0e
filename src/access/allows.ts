/**
 * What a credential may bring. The primary asks this about every event, whatever an edge has
 * already checked.
 *
 * @module
 */
import { Code, type Command, type Money, type Payload } from "../ledger/index.ts";
import type { Credential } from "./credential.ts";
import { scopesFor } from "./event-scopes.ts";

/** Play money: anyone who may play may top it up, by no rail or by this one. */
const PLAY_MONEY = "FUN";
const PLAY_RAIL = "play";

/** `Code.OK`, or why this credential can't bring this command. */
export function allows(credential: Credential, command: Command): Code {
  const { payload } = command;
  const needed = scopesFor(payload.type);
  if (!needed.some((scope) => credential.scopes.has(scope))) {
    return needed.length === 0 ? Code.ACCESS_EVENT_TYPE : Code.ACCESS_SCOPE;
  }
  if (!ownsSource(credential, command)) return Code.ACCESS_SOURCE_MISMATCH;
  if (!credential.events.has(payload.type)) return Code.ACCESS_EVENT_TYPE;
  for (const { currency } of moneyOf(payload)) {
    if (!credential.allowsCurrency(payload.type, currency)) return Code.ACCESS_CURRENCY;
  }
  if (payload.type === "deposit_captured") {
    return allowsDeposit(credential, payload.amount.currency, payload.rail);
  }
  return namesOwnSource(credential, payload) ? Code.OK : Code.ACCESS_SOURCE_MISMATCH;
}

/** Operator and source are the credential's; an event may repeat them, never name others. */
function ownsSource(credential: Credential, command: Command): boolean {
  if (credential.operatorId === "" || credential.source === "") return false;
  return (
    (command.operatorId === "" || command.operatorId === credential.operatorId) &&
    (command.source === "" || command.source === credential.source)
  );
}

/** Bets and rounds of another source are corrected by the operator's people only. */
function namesOwnSource(credential: Credential, payload: Payload): boolean {
  const named =
    "betSource" in payload
      ? payload.betSource
      : "roundSource" in payload
        ? payload.roundSource
        : "";
  return named === "" || named === credential.source || credential.scopes.has("admin");
}

/** Money that is worth something comes by a rail of the cashier. */
function allowsDeposit(credential: Credential, currency: string, rail: string): Code {
  if (currency === PLAY_MONEY && (rail === "" || rail === PLAY_RAIL)) return Code.OK;
  if (!credential.scopes.has("cashier")) return Code.ACCESS_SCOPE;
  return credential.rails.has(rail) ? Code.OK : Code.RAIL_UNKNOWN;
}

/** Every amount of a payload, whatever its field is called. */
function* moneyOf(payload: Payload): Iterable<Money> {
  for (const value of Object.values("fields" in payload ? payload.fields : payload)) {
    if (typeof value === "object" && "minor" in value) yield value as Money;
  }
}
