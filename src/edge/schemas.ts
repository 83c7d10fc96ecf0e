/**
 * Shapes of what callers send and receive, for validation and for `/openapi.json`.
 *
 * A single event is judged by the wire room, which knows the contract to the field; its schema here
 * describes the same JSON to people.
 *
 * @module
 */
import * as v from "valibot";
import { payloadSchemas } from "./payload-schemas.ts";
import { ProofJson } from "./proof-schemas.ts";
import { SurfaceSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { BATCH_EVENTS_MAX, BOOKMARK_CHARS_MAX, KEY_BYTES_MAX } from "../wire/index.ts";

const UUID_EXAMPLE = "01980a4b-5c7e-7d31-9b1f-3f0a2c9d8e71";

const text = (description: string, example = "") =>
  v.pipe(v.string(), v.description(description), v.examples(example === "" ? [] : [example]));
const decimal = (description: string, example: string) =>
  v.pipe(v.string(), v.regex(/^-?[0-9]+$/), v.description(description), v.examples([example]));

/** A player reference; UUIDs are compared in lower case. */
export const PlayerRef = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.uuid(),
  v.description("The player's reference, a UUIDv7 minted at registration"),
  v.examples([UUID_EXAMPLE]),
);

/** The query of a balance read, as lists of values: at_least once, and nothing else. */
export const BalanceQuery = v.strictObject({
  at_least: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.maxLength(BOOKMARK_CHARS_MAX))), v.length(1)),
  ),
});

/** The body of `POST /v1/players/resolve`. Telegram's ids have at most 52 significant bits. */
export const ResolveBody = v.pipe(
  v.strictObject({
    telegram_id: v.pipe(
      v.union([
        v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,15}$/)),
        v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      ]),
      v.transform(String),
      v.check((id) => BigInt(id) < 2n ** 52n),
    ),
    operator_id: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/))),
  }),
  v.metadata({ ref: "Resolve" }),
);

/** A balance in one currency. */
export const BalanceJson = v.pipe(
  v.object({
    currency: text("Currency code", "FUN"),
    exponent: v.pipe(v.number(), v.description("Minor units per unit, as a power of ten")),
    available: decimal("Cash that may be staked or withdrawn, in minor units", "25000000"),
    bonus: decimal("Bonus money, in minor units", "0"),
    held: decimal("Stakes of open rounds and pending withdrawals, in minor units", "0"),
    version: decimal("Number of records that changed this balance", "3"),
  }),
  v.metadata({ ref: "Balance" }),
);

/** How new an answer is. */
export const FreshnessJson = v.pipe(
  v.object({
    epoch: v.number(),
    seq: v.pipe(v.number(), v.description("Newest record the answer includes")),
    age_ms: v.pipe(v.number(), v.description("Age of the snapshot; never less than the true age")),
    source: v.picklist(["replica", "primary"]),
  }),
  v.metadata({ ref: "Freshness" }),
);

/** The answer of a balance read. */
export const BalanceAnswer = v.pipe(
  v.object({
    player_ref: text("The player", UUID_EXAMPLE),
    balances: v.array(BalanceJson),
    freshness: FreshnessJson,
  }),
  v.metadata({ ref: "PlayerBalance" }),
);

/** What every failed request answers (RFC 9457). */
export const ProblemJson = v.pipe(
  v.object({
    type: v.string(),
    title: v.string(),
    status: v.number(),
    code: text("Stable; the contract", "EVENT_FIELD_INVALID"),
    detail: v.optional(v.string()),
    field: v.optional(v.string()),
  }),
  v.metadata({ ref: "Problem" }),
);

/** The answer about a player that is unknown here: a younger source may know better. */
export const UnknownPlayerJson = v.pipe(
  v.object({ ...ProblemJson.entries, freshness: FreshnessJson }),
  v.metadata({ ref: "UnknownPlayer" }),
);

/** An amount of money. */
const AmountJson = v.pipe(
  v.strictObject({
    minor: decimal("Minor units, a decimal string: 1000000 is one FUN", "5000000"),
    currency: text("Currency code", "FUN"),
  }),
  v.metadata({ ref: "Amount" }),
);

/** The answer of `POST /v1/players/resolve`. */
export const ResolveAnswer = v.object({ player_ref: text("The player", UUID_EXAMPLE) });

/** One event, with exactly one of its payloads. */
export const EventJson = v.pipe(
  v.strictObject({
    event_id: v.optional(text("UUIDv7; minted here when absent")),
    occurred_at: v.optional(
      decimal("Microseconds since 1970; now when absent", "1790000000000000"),
    ),
    trace_id: v.optional(text("W3C trace id, 32 lower-case hex digits")),
    operator_id: v.optional(text("Only what the credential says")),
    source: v.optional(text("Only what the credential says")),
    idempotency_key: v.pipe(
      v.string(),
      v.maxLength(KEY_BYTES_MAX),
      v.description("Unique for ever: the same key with the same meaning is one event"),
    ),
    player_ref: v.optional(text("The player; left out when registering", UUID_EXAMPLE)),
    round_id: v.optional(text("The round that a bet belongs to")),
    txn_id: v.optional(text("The caller's id of this movement; a bet is referenced by it")),
    game_id: v.optional(text("The game")),
    build_hash: v.optional(v.string()),
    causation_id: v.optional(v.string()),
    session_id: v.optional(v.string()),
    jurisdiction: v.optional(v.string()),
    surface: v.optional(
      v.pipe(
        v.picklist(SurfaceSchema.values.map(({ name }) => name)),
        v.description("What the player used"),
      ),
    ),
    origin: v.optional(
      v.pipe(
        v.strictObject({
          edge_id: v.optional(v.string()),
          region: v.optional(v.string()),
          edge_seq: v.optional(decimal("The edge's own number of the event", "7")),
        }),
        v.description("Where the event entered: this edge puts its own in place of what is sent"),
      ),
    ),
    actor: v.optional(
      v.pipe(
        v.strictObject({ kind: v.optional(v.string()), id: v.optional(v.string()) }),
        v.description("Who is behind the event, when not the player; only with an admin key"),
      ),
    ),
    schema_version: v.optional(v.number()),
    ...payloadSchemas(AmountJson),
  }),
  v.description("One event. Names may also be in camelCase; what isn't known is refused."),
  v.metadata({ ref: "Event" }),
);

/** A request's events. */
export const EventsBody = v.union([
  EventJson,
  v.pipe(v.array(EventJson), v.maxLength(BATCH_EVENTS_MAX)),
  v.strictObject({ events: v.pipe(v.array(EventJson), v.maxLength(BATCH_EVENTS_MAX)) }),
]);

/** A roll of a house game, with what its fairness is checked by. */
const HouseRoundJson = v.pipe(
  v.object({
    server_seed_hash: text("SHA-256 of the server seed, in hex"),
    client_seed: v.string(),
    seed_pair: decimal("Which pair of seeds of the player", "0"),
    nonce: decimal("Number of the round on this pair of seeds, from 0", "0"),
    fair_version: v.pipe(v.number(), v.description("Version of the rule from seeds to roll")),
    roll_x100: v.pipe(v.number(), v.description("The roll in hundredths")),
    multiplier_x100: decimal("What a win pays of the stake, in hundredths", "198"),
    win: decimal("Minor units won; 0 when lost", "0"),
  }),
  v.metadata({ ref: "HouseRound" }),
);

/** How one event fared. */
export const ReceiptJson = v.pipe(
  v.object({
    status: v.picklist(["accepted", "refused", "rejected", "unavailable"]),
    code: text("Stable; the contract", "OK"),
    message: v.string(),
    field: v.optional(v.string()),
    event_id: v.optional(v.string()),
    idempotency_key: v.optional(v.string()),
    player_ref: v.optional(v.string()),
    txn_id: v.optional(v.string()),
    round_id: v.optional(v.string()),
    seq: v.optional(decimal("Place in the book", "42")),
    epoch: v.optional(v.string()),
    recorded_at: v.optional(decimal("Microseconds since 1970", "1790000000000000")),
    bookmark: v.optional(text("Give it to a read to see at least this record", "1-42")),
    replayed: v.optional(v.pipe(v.boolean(), v.description("The receipt of an earlier event"))),
    balances: v.optional(v.array(BalanceJson)),
    house_round: v.optional(HouseRoundJson),
    proof: v.optional(ProofJson),
  }),
  v.metadata({ ref: "Receipt" }),
);

/** The answer of `POST /v1/events`. */
export const ReceiptsAnswer = v.object({ receipts: v.array(ReceiptJson) });
