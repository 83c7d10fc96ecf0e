/**
 * Reads outcomes, which nearly every rule asks for in full.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { AccountKind, Balance, Posting } from "../wire/gen/countroom/v1/money_pb.ts";
import { type Change, ChangeSchema } from "../wire/gen/countroom/v1/object_pb.ts";
import { type Code, type Outcome, OutcomeSchema } from "../wire/gen/countroom/v1/record_pb.ts";
import { type Cursor, UNUSUAL } from "./cursor.ts";
import { quickMessage } from "./quick-message.ts";

/** Tags of an outcome: number × 8 + wire type. */
const TAG = {
  SEQ: 0x08,
  EPOCH: 0x10,
  RECORDED_AT: 0x18,
  CODE: 0x20,
  OPERATOR_ID: 0x2a,
  SOURCE: 0x32,
  PLAYER_REF: 0x3a,
  LOGIC_VERSION: 0x40,
  POSTINGS: 0x4a,
  BALANCES: 0x52,
  ROUND_CLOSED: 0x58,
  CHANGES: 0x62,
  CORRECTION_OF: 0x68,
  MIRRORED_POSTINGS: 0x70,
} as const;

const POSTING_TAG = { ACCOUNT: 0x08, QUALIFIER: 0x12, MINOR: 0x18, CURRENCY: 0x22 } as const;

const BALANCE_TAG = {
  CURRENCY: 0x0a,
  AVAILABLE: 0x10,
  BONUS: 0x18,
  HELD: 0x20,
  VERSION: 0x28,
} as const;

interface Choice {
  readonly case: string;
  readonly message: DescMessage;
}

const DETAILS: ReadonlyMap<number, Choice> = new Map(
  OutcomeSchema.fields.flatMap((field) =>
    field.oneof !== undefined && field.fieldKind === "message"
      ? [[((field.number << 3) | 2) >>> 0, { case: field.localName, message: field.message }]]
      : [],
  ),
);

/** Texts of the record before: mostly they are the next one's too. */
const last = { operator: "", source: "", currency: "" };

/** Reads the outcome at the cursor. */
export function quickOutcome(cursor: Cursor): Outcome {
  const outcome = emptyOutcome();
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    switch (tag) {
      case TAG.SEQ:
        outcome.seq = BigInt(cursor.varint());
        break;
      case TAG.EPOCH:
        outcome.epoch = BigInt(cursor.varint());
        break;
      case TAG.RECORDED_AT:
        outcome.recordedAt = BigInt(cursor.varint());
        break;
      case TAG.CODE:
        outcome.code = int32(cursor) as Code;
        break;
      case TAG.OPERATOR_ID:
        outcome.operatorId = last.operator = cursor.textLike(last.operator);
        break;
      case TAG.SOURCE:
        outcome.source = last.source = cursor.textLike(last.source);
        break;
      case TAG.PLAYER_REF:
        outcome.playerRef = cursor.text();
        break;
      case TAG.LOGIC_VERSION:
        outcome.logicVersion = int32(cursor);
        break;
      case TAG.POSTINGS:
        outcome.postings.push(posting(cursor));
        break;
      case TAG.BALANCES:
        outcome.balances.push(balance(cursor));
        break;
      default:
        readRare(outcome, tag, cursor);
    }
  }
  if (cursor.at !== cursor.end) throw UNUSUAL;
  return outcome;
}

function emptyOutcome(): Outcome {
  return {
    $typeName: "countroom.v1.Outcome",
    seq: 0n,
    epoch: 0n,
    recordedAt: 0n,
    code: 0,
    operatorId: "",
    source: "",
    playerRef: "",
    logicVersion: 0,
    postings: [],
    balances: [],
    roundClosed: false,
    changes: [],
    correctionOf: 0n,
    mirroredPostings: 0,
    detail: { case: undefined },
  };
}

function readRare(outcome: Outcome, tag: number, cursor: Cursor): void {
  switch (tag) {
    case TAG.ROUND_CLOSED:
      outcome.roundClosed = cursor.varint() !== 0;
      return;
    case TAG.CHANGES:
      outcome.changes.push(inner<Change>(ChangeSchema, cursor));
      return;
    case TAG.CORRECTION_OF:
      outcome.correctionOf = BigInt(cursor.varint());
      return;
    case TAG.MIRRORED_POSTINGS:
      outcome.mirroredPostings = int32(cursor);
      return;
    default: {
      const choice = DETAILS.get(tag);
      if (choice === undefined || outcome.detail.case !== undefined) throw UNUSUAL;
      const value = inner(choice.message, cursor);
      outcome.detail = { case: choice.case, value } as Outcome["detail"];
    }
  }
}

function inner<Message>(desc: DescMessage, cursor: Cursor): Message {
  const outer = cursor.enter();
  const message = quickMessage<Message>(desc, cursor);
  cursor.leave(outer);
  return message;
}

function posting(cursor: Cursor): Posting {
  const outer = cursor.enter();
  let account: AccountKind = 0;
  let qualifier = "";
  let minor = 0n;
  let currency = "";
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    if (tag === POSTING_TAG.ACCOUNT) account = int32(cursor) as AccountKind;
    else if (tag === POSTING_TAG.QUALIFIER) qualifier = cursor.text();
    else if (tag === POSTING_TAG.MINOR) minor = BigInt(cursor.zigzag());
    else if (tag === POSTING_TAG.CURRENCY) {
      currency = last.currency = cursor.textLike(last.currency);
    } else throw UNUSUAL;
  }
  cursor.leave(outer);
  return { $typeName: "countroom.v1.Posting", account, qualifier, minor, currency };
}

function balance(cursor: Cursor): Balance {
  const outer = cursor.enter();
  let currency = "";
  let available = 0n;
  let bonus = 0n;
  let held = 0n;
  let version = 0n;
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    if (tag === BALANCE_TAG.AVAILABLE) available = BigInt(cursor.varint());
    else if (tag === BALANCE_TAG.BONUS) bonus = BigInt(cursor.varint());
    else if (tag === BALANCE_TAG.HELD) held = BigInt(cursor.varint());
    else if (tag === BALANCE_TAG.VERSION) version = BigInt(cursor.varint());
    else if (tag === BALANCE_TAG.CURRENCY) {
      currency = last.currency = cursor.textLike(last.currency);
    } else throw UNUSUAL;
  }
  cursor.leave(outer);
  return { $typeName: "countroom.v1.Balance", currency, available, bonus, held, version };
}

/** A number of 32 bits; the library cuts what is longer. */
function int32(cursor: Cursor): number {
  const value = cursor.varint();
  if (value > 0x7fff_ffff) throw UNUSUAL;
  return value;
}
