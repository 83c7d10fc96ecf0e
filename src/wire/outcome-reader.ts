/**
 * A reader for ordinary outcomes, for everybody who applies records: starts, restores, standbys.
 *
 * Like `event-reader.ts` it gives up on what isn't plain, and leaves that to the generated decoder.
 *
 * @module
 */
import type { Balance, HouseRoundResult, Outcome, Posting } from "../ledger/index.ts";
import { NAME_BYTES_MAX } from "./limits.ts";
import { PlainReader } from "./plain-reader.ts";

const shared = new PlainReader();
const UINT32_MAX = 0xffff_ffff;
const INT32_MAX = 0x7fff_ffff;
/** Seeds and qualifiers are longer than names; the reader takes no text beyond this. */
const TEXT_BYTES_MAX = 127;

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads an ordinary outcome, or gives up. `playerRef` is the event's. */
export function readOrdinaryOutcome(bytes: Uint8Array, playerRef: string): Outcome | undefined {
  shared.begin(bytes);
  const postings: Posting[] = [];
  const balances: Balance[] = [];
  const outcome: Writable<Outcome> = {
    seq: 0,
    epoch: 0,
    recordedAt: 0,
    code: 0,
    operatorId: "",
    source: "",
    playerRef,
    logicVersion: 0,
    postings,
    balances,
    roundClosed: false,
  };
  while (shared.at < bytes.length && shared.plain) {
    const tag = shared.number();
    if (tag === 74) postings.push(readPosting(shared));
    else if (tag === 82) balances.push(readBalance(shared));
    else readField(shared, tag, outcome);
  }
  return shared.plain && shared.at === bytes.length ? outcome : undefined;
}

/** Tags are field number × 8 + wire type: 0 varint, 2 length-delimited. */
function readField(reader: PlainReader, tag: number, outcome: Writable<Outcome>): void {
  switch (tag) {
    case 8:
      outcome.seq = reader.number();
      break;
    case 16:
      outcome.epoch = reader.number();
      break;
    case 24:
      outcome.recordedAt = reader.number();
      break;
    case 32:
      outcome.code = reader.upTo(INT32_MAX) as Outcome["code"];
      break;
    case 42:
      outcome.operatorId = reader.name("operator", NAME_BYTES_MAX);
      break;
    case 50:
      outcome.source = reader.name("source", NAME_BYTES_MAX);
      break;
    case 58:
      // Empty means "as the event says", which the slow way knows.
      outcome.playerRef = reader.uuidV7();
      if (outcome.playerRef === "") reader.giveUp();
      break;
    case 64:
      outcome.logicVersion = reader.upTo(UINT32_MAX);
      break;
    case 88:
      outcome.roundClosed = reader.bool();
      break;
    case 162:
      if (outcome.houseRound !== undefined) reader.giveUp();
      else outcome.houseRound = readHouseRound(reader);
      break;
    default:
      reader.giveUp();
  }
}

function readPosting(reader: PlainReader): Posting {
  const end = reader.end();
  const posting: Writable<Posting> = {
    account: 0 as Posting["account"],
    qualifier: "",
    minor: 0n,
    currency: "",
  };
  while (reader.at < end && reader.plain) {
    const tag = reader.number();
    if (tag === 8) posting.account = reader.upTo(INT32_MAX) as Posting["account"];
    else if (tag === 18) posting.qualifier = reader.text(TEXT_BYTES_MAX);
    else if (tag === 24) posting.minor = reader.signed();
    else if (tag === 34) posting.currency = reader.name("currency", NAME_BYTES_MAX);
    else reader.giveUp();
  }
  if (reader.at !== end) reader.giveUp();
  return posting;
}

function readBalance(reader: PlainReader): Balance {
  const end = reader.end();
  const balance: Writable<Balance> = {
    currency: "",
    available: 0n,
    bonus: 0n,
    held: 0n,
    version: 0,
  };
  while (reader.at < end && reader.plain) {
    const tag = reader.number();
    if (tag === 10) balance.currency = reader.name("currency", NAME_BYTES_MAX);
    else if (tag === 16) balance.available = reader.amount();
    else if (tag === 24) balance.bonus = reader.amount();
    else if (tag === 32) balance.held = reader.amount();
    else if (tag === 40) balance.version = reader.number();
    else reader.giveUp();
  }
  if (reader.at !== end) reader.giveUp();
  return balance;
}

function readHouseRound(reader: PlainReader): HouseRoundResult {
  const end = reader.end();
  const round: Writable<HouseRoundResult> = {
    serverSeedHash: new Uint8Array(0),
    clientSeed: "",
    seedPair: 0,
    nonce: 0,
    fairVersion: 0,
    rollX100: 0,
    multiplierX100: 0,
    win: 0n,
  };
  while (reader.at < end && reader.plain) {
    const tag = reader.number();
    if (tag === 10) round.serverSeedHash = reader.blob();
    else if (tag === 18) round.clientSeed = reader.text(TEXT_BYTES_MAX);
    else if (tag === 24) round.seedPair = reader.number();
    else if (tag === 32) round.nonce = reader.number();
    else if (tag === 40) round.fairVersion = reader.upTo(UINT32_MAX);
    else if (tag === 48) round.rollX100 = reader.upTo(UINT32_MAX);
    else if (tag === 56) round.multiplierX100 = reader.number();
    else if (tag === 64) round.win = reader.amount();
    else reader.giveUp();
  }
  if (reader.at !== end) reader.giveUp();
  return round;
}
