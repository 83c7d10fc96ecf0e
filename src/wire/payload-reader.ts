/**
 * The payloads of ordinary events.
 *
 * @module
 */
import type { Funding, Money, Payload } from "../ledger/index.ts";
import type { Event } from "./gen/countroom/v1/event_pb.ts";
import type { Amount } from "./gen/countroom/v1/money_pb.ts";
import { ID_BYTES_MAX, NAME_BYTES_MAX } from "./limits.ts";
import type { PlainReader } from "./plain-reader.ts";

/** Settlements with a jackpot are rare; the generated decoder reads them. */
const NO_JACKPOT = { jackpotMinor: 0n, jackpotPool: "" } as const;
const HIGHEST_FUNDING = 3;
const UINT32_MAX = 0xffff_ffff;

/** Reads the payload that `tag` announces into `event`, and answers the command's. */
export function readPayload(reader: PlainReader, event: Event, tag: number): Payload | undefined {
  switch (tag) {
    case 802:
      return readPlayerRegistered(reader, event);
    case 962:
      return readHouseRound(reader, event);
    case 1122:
      return readBetPlaced(reader, event);
    case 1130:
      return readRoundSettled(reader, event);
    case 1138:
      return readBetRolledBack(reader, event);
    case 1442:
      return readDepositCaptured(reader, event);
    default:
      return reader.giveUp();
  }
}

function readPlayerRegistered(reader: PlainReader, event: Event): Payload | undefined {
  if (reader.end() !== reader.at) return reader.giveUp();
  event.payload = {
    case: "playerRegistered",
    value: { $typeName: "countroom.v1.PlayerRegistered" },
  };
  return { type: "player_registered" };
}

function readBetPlaced(reader: PlainReader, event: Event): Payload | undefined {
  const end = reader.end();
  let amount: Amount | undefined;
  let closesRound = false;
  let funding: Funding | 0 = 0;
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 10) amount = readAmount(reader);
    else if (tag === 16) closesRound = reader.bool();
    else if (tag === 24) funding = reader.upTo(HIGHEST_FUNDING) as Funding | 0;
    else return reader.giveUp();
  }
  if (reader.at !== end || amount === undefined) return reader.giveUp();
  event.payload = {
    case: "betPlaced",
    value: { $typeName: "countroom.v1.BetPlaced", amount, closesRound, funding },
  };
  return { type: "bet_placed", amount: moneyOf(amount), closesRound, funding };
}

function readRoundSettled(reader: PlainReader, event: Event): Payload | undefined {
  const end = reader.end();
  let win: Amount | undefined;
  let betTxnId = "";
  let closesRound = false;
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 10) betTxnId = reader.text(ID_BYTES_MAX);
    else if (tag === 18) win = readAmount(reader);
    else if (tag === 24) closesRound = reader.bool();
    else return reader.giveUp();
  }
  if (reader.at !== end || win === undefined) return reader.giveUp();
  event.payload = {
    case: "roundSettled",
    value: { $typeName: "countroom.v1.RoundSettled", betTxnId, win, closesRound, ...NO_JACKPOT },
  };
  const type = "round_settled";
  return { type, betTxnId, win: moneyOf(win), closesRound, jackpotMinor: 0n, jackpotPool: "" };
}

function readBetRolledBack(reader: PlainReader, event: Event): Payload | undefined {
  const end = reader.end();
  let betTxnId = "";
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag !== 10) return reader.giveUp();
    betTxnId = reader.text(ID_BYTES_MAX);
  }
  if (reader.at !== end) return reader.giveUp();
  event.payload = {
    case: "betRolledBack",
    value: { $typeName: "countroom.v1.BetRolledBack", betTxnId },
  };
  return { type: "bet_rolled_back", betTxnId };
}

function readDepositCaptured(reader: PlainReader, event: Event): Payload | undefined {
  const end = reader.end();
  let amount: Amount | undefined;
  let rail = "";
  let externalId = "";
  let partial = false;
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 10) amount = readAmount(reader);
    else if (tag === 18) rail = reader.text(NAME_BYTES_MAX);
    else if (tag === 26) externalId = reader.text(ID_BYTES_MAX);
    else if (tag === 32) partial = reader.bool();
    else return reader.giveUp();
  }
  if (reader.at !== end || amount === undefined) return reader.giveUp();
  event.payload = {
    case: "depositCaptured",
    value: { $typeName: "countroom.v1.DepositCaptured", amount, rail, externalId, partial },
  };
  return { type: "deposit_captured", amount: moneyOf(amount), rail, externalId, partial };
}

function readHouseRound(reader: PlainReader, event: Event): Payload | undefined {
  const end = reader.end();
  let stake: Amount | undefined;
  let targetX100 = -1;
  let over = false;
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 10) {
      stake = readAmount(reader);
    } else if (tag === 82) {
      targetX100 = 0;
      const diceEnd = reader.end();
      for (let before = 0, diceTag = 0; reader.at < diceEnd && reader.plain; before = diceTag) {
        diceTag = reader.after(before);
        if (diceTag === 8) targetX100 = reader.upTo(UINT32_MAX);
        else if (diceTag === 16) over = reader.bool();
        else return reader.giveUp();
      }
      if (reader.at !== diceEnd) return reader.giveUp();
    } else {
      return reader.giveUp();
    }
  }
  if (reader.at !== end || stake === undefined || targetX100 < 0) return reader.giveUp();
  const dice = { $typeName: "countroom.v1.Dice", targetX100, over } as const;
  event.payload = {
    case: "houseRound",
    value: { $typeName: "countroom.v1.HouseRound", stake, game: { case: "dice", value: dice } },
  };
  const game = { type: "dice", targetX100, over } as const;
  return { type: "house_round", stake: moneyOf(stake), game };
}

function readAmount(reader: PlainReader): Amount {
  const end = reader.end();
  const amount: Amount = { $typeName: "countroom.v1.Amount", minor: 0n, currency: "" };
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 8) amount.minor = BigInt(reader.number());
    else if (tag === 18) amount.currency = reader.name("currency", NAME_BYTES_MAX);
    else reader.giveUp();
  }
  if (reader.at !== end) reader.giveUp();
  return amount;
}

function moneyOf(amount: Amount): Money {
  return { minor: amount.minor, currency: amount.currency };
}
