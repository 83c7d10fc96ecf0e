/**
 * Payloads of events as `/openapi.json` describes them, made of the contract's own description:
 * what the contract adds is described without a line here.
 *
 * @module
 */
import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import * as v from "valibot";
import { EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";

type Schema = v.GenericSchema;

/** The primary writes these itself; no caller can. */
const OWN: ReadonlySet<string> = new Set(["epoch_started", "key_rotated"]);

/** What isn't plain from a field's name, by payload and field. */
const TOLD: Readonly<Record<string, string>> = {
  "deposit_captured.rail": "A registered rail; play or nothing for play money",
  "deposit_captured.external_id": "The rail's own id of the payment: it is captured once",
  "deposit_captured.partial": "More of the same payment may follow",
  "bet_placed.closes_round": "No further bets are taken in the round",
  "bet_placed.funding": "What the stake is taken from; cash first, then bonuses when left out",
  "round_settled.bet_txn_id": "txn_id of the bet",
  "round_settled.jackpot_minor": "Part of the win that a pool pays, in minor units",
  "bet_rolled_back.bet_txn_id": "txn_id of the bet",
  "win_rolled_back.win_txn_id": "txn_id of the settlement",
  "house_round.dice.target_x100": "Target in hundredths, 0 to 10000",
  "withdrawal_requested.expires_at": "Microseconds since 1970; what is still held then returns",
  "withdrawal_requested.destination_hash": "Keyed hash of the destination",
  "withdrawal_submitted.spend_id": "The rail's idempotency id of the payment",
  "withdrawal_settled.network_fee_minor": "What the network kept; the operator bears it",
  "adjustment_posted.debit": "The amount is taken from the player",
  "adjustment_posted.approvers": "At least two different people",
  "adjustment_posted.correction_of": "seq of the record that this corrects",
};

/** Payloads that callers may send, by name; `amount` is the schema of an amount of money. */
export function payloadSchemas(amount: Schema): Readonly<Record<string, Schema>> {
  const payloads = EventSchema.fields.filter((field) => field.oneof?.name === "payload");
  return Object.fromEntries(
    payloads
      .filter(({ name }) => !OWN.has(name))
      .map((field) => [field.name, v.optional(messageSchema(field.message!, field.name, amount))]),
  );
}

function messageSchema(message: DescMessage, path: string, amount: Schema): Schema {
  return v.strictObject(
    Object.fromEntries(
      message.fields.map((field) => {
        const name = `${path}.${field.name}`;
        const told = TOLD[name];
        const schema = fieldSchema(field, name, amount);
        const described = told === undefined ? schema : v.pipe(schema, v.description(told));
        return [field.name, v.optional(described)];
      }),
    ),
  );
}

function fieldSchema(field: DescField, path: string, amount: Schema): Schema {
  switch (field.fieldKind) {
    case "message":
      if (field.message.name === "Amount") return amount;
      return messageSchema(field.message, path, amount);
    case "enum":
      return v.picklist(field.enum.values.map(({ name }) => name));
    case "list":
      return v.array(v.string());
    case "scalar":
      return scalarSchema(field.scalar);
    default:
      throw new TypeError(`${path} has no form in JSON`);
  }
}

/** Integers of 64 bits are decimal strings, bytes base64. */
function scalarSchema(scalar: ScalarType): Schema {
  switch (scalar) {
    case ScalarType.BOOL:
      return v.boolean();
    case ScalarType.STRING:
      return v.string();
    case ScalarType.BYTES:
      return v.pipe(v.string(), v.base64());
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
      return v.pipe(v.string(), v.regex(/^-?[0-9]+$/));
    default:
      return v.number();
  }
}
