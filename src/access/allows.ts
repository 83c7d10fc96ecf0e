/**
 * What a credential may bring. The primary asks this about every event, whatever an edge has
 * already checked.
 *
 * @module
 */
import { Code, type Command, type Money, type Payload } from "../ledger/index.ts";
import type { Credential, Scope } from "./credential.ts";

/** Play money: anyone who may play may top it up, by no rail or by this one. */
const PLAY_MONEY = "FUN";
const PLAY_RAIL = "play";

/** The scopes of which one is needed to bring an event of this type. */
const NEEDED: Readonly<Record<Payload["type"], readonly Scope[]>> = {
  player_registered: ["play", "admin"],
  deposit_captured: ["play", "cashier"],
  bet_placed: ["play"],
  round_settled: ["play"],
  bet_rolled_back: ["play"],
  house_round: ["play"],
  // The primary writes these itself and asks nobody.
  epoch_started: [],
};

/** `Code.OK`, or why this credential can't bring this command. */
export function allows(credential: Credential, command: Command): Code {
  const { payload } = command;
  if (!NEEDED[payload.type].some((scope) => credential.scopes.has(scope))) {
    return payload.type === "epoch_started" ? Code.ACCESS_EVENT_TYPE : Code.ACCESS_SCOPE;
  }
  if (!ownsSource(credential, command)) return Code.ACCESS_SOURCE_MISMATCH;
  if (!credential.events.has(payload.type)) return Code.ACCESS_EVENT_TYPE;
  const money = moneyOf(payload);
  if (money !== undefined && !credential.allowsCurrency(payload.type, money.currency)) {
    return Code.ACCESS_CURRENCY;
  }
  if (payload.type === "deposit_captured") {
    return allowsDeposit(credential, payload.amount.currency, payload.rail);
  }
  return Code.OK;
}

/** Operator and source are the credential's; an event may repeat them, never name others. */
function ownsSource(credential: Credential, command: Command): boolean {
  if (credential.operatorId === "" || credential.source === "") return false;
  return (
    (command.operatorId === "" || command.operatorId === credential.operatorId) &&
    (command.source === "" || command.source === credential.source)
  );
}

/** Money that is worth something comes by a rail of the cashier. */
function allowsDeposit(credential: Credential, currency: string, rail: string): Code {
  if (currency === PLAY_MONEY && (rail === "" || rail === PLAY_RAIL)) return Code.OK;
  if (!credential.scopes.has("cashier")) return Code.ACCESS_SCOPE;
  return credential.rails.has(rail) ? Code.OK : Code.RAIL_UNKNOWN;
}

function moneyOf(payload: Payload): Money | undefined {
  switch (payload.type) {
    case "deposit_captured":
    case "bet_placed":
      return payload.amount;
    case "round_settled":
      return payload.win;
    case "house_round":
      return payload.stake;
    case "player_registered":
    case "bet_rolled_back":
    case "epoch_started":
      return undefined;
  }
}
