/**
 * The description of statements, rounds and records, for `/openapi.json`.
 *
 * @module
 */
import { resolver, type DescribeRouteOptions } from "hono-openapi";
import * as v from "valibot";
import { ProblemJson } from "./schemas.ts";

const count = (description: string, example = "42") =>
  v.pipe(v.string(), v.regex(/^[0-9]+$/), v.description(description), v.examples([example]));
const minor = (description: string, example = "-5000000") =>
  v.pipe(v.string(), v.regex(/^-?[0-9]+$/), v.description(description), v.examples([example]));
const currency = {
  currency: v.pipe(v.string(), v.examples(["FUN"])),
  exponent: v.pipe(v.number(), v.description("Minor units per unit, as a power of ten")),
};
const BUCKETS = ["cash", "bonus", "withdrawal_pending", "escrow", "debt"] as const;
const FreshnessJson = v.pipe(
  v.object({
    epoch: v.number(),
    seq: v.pipe(v.number(), v.description("Newest record the answer includes")),
    age_ms: v.pipe(v.number(), v.description("Age of the answer")),
    source: v.literal("search"),
  }),
  v.metadata({ ref: "SearchFreshness" }),
);
const RECORD = {
  seq: count("The record"),
  recorded_at: count("Microseconds since 1970", "1790000000000000"),
  type: v.pipe(v.string(), v.description("The event's payload"), v.examples(["bet_placed"])),
  code: v.pipe(v.string(), v.examples(["OK"])),
  source: v.pipe(v.string(), v.description("Who brought it"), v.examples(["api-play"])),
  txn_id: v.optional(v.string()),
  round_id: v.optional(v.string()),
};
const RecordJson = v.pipe(v.object(RECORD), v.metadata({ ref: "RecordMention" }));

const StatementAnswer = v.pipe(
  v.object({
    player_ref: v.string(),
    order: v.picklist(["asc", "desc"]),
    entries: v.array(
      v.object({
        ...RECORD,
        line: v.pipe(v.number(), v.description("Number of the line in its record, from 0")),
        currency: v.optional(currency.currency),
        exponent: v.optional(currency.exponent),
        bucket: v.optional(v.picklist(BUCKETS)),
        amount: v.optional(minor("Credit, or debit when negative")),
        balance: v.optional(minor("Of this account, after the line", "95000000")),
        refused: v.optional(v.pipe(v.literal(true), v.description("In the book, without effect"))),
      }),
    ),
    balances: v.pipe(
      v.array(
        v.object({
          ...currency,
          bucket: v.picklist(BUCKETS),
          opening: minor("Before this page's oldest line of it", "100000000"),
          closing: minor("After this page's newest", "95000000"),
        }),
      ),
      v.description("Of the accounts that occur on this page"),
    ),
    next_cursor: v.pipe(v.nullable(v.string()), v.description("null: there is no more")),
    freshness: FreshnessJson,
  }),
  v.metadata({ ref: "Statement" }),
);

const BetJson = v.pipe(
  v.object({
    ...RECORD,
    state: v.picklist(["open", "settled", "returned"]),
    ...currency,
    stake: minor("Placed", "5000000"),
    open: minor("Still in escrow", "0"),
    won: minor("Paid as wins, less what was taken back", "12000000"),
    last_seq: count("The last record about it"),
    resolutions: v.array(RecordJson),
  }),
  v.metadata({ ref: "Bet" }),
);

const RoundAnswer = v.pipe(
  v.object({
    round_id: v.string(),
    rounds: v.pipe(
      v.array(
        v.object({
          source: RECORD.source,
          player_ref: v.optional(v.string()),
          game_id: v.optional(v.string()),
          state: v.picklist(["open", "settled", "closed"]),
          opened_seq: count("First record"),
          opened_at: RECORD.recorded_at,
          last_seq: count("Last record with an effect"),
          closed_seq: v.optional(count("Record that closed it")),
          closed_at: v.optional(RECORD.recorded_at),
          sums: v.array(
            v.object({
              ...currency,
              bets: count("Number of bets", "1"),
              staked: minor("Sum of all stakes", "5000000"),
              open: minor("Still in escrow", "0"),
              won: minor("Sum of all wins", "12000000"),
            }),
          ),
          bets: v.array(BetJson),
          others: v.pipe(v.array(RecordJson), v.description("Records about no single bet")),
        }),
      ),
      v.description("One for each source that uses this id"),
    ),
    truncated: v.pipe(v.boolean(), v.description("The round has more records than are shown")),
    freshness: FreshnessJson,
  }),
  v.metadata({ ref: "Rounds" }),
);

const RecordsAnswer = v.pipe(
  v.object({
    records: v.array(
      v.object({
        ...RECORD,
        event_id: v.optional(v.string()),
        player_ref: v.optional(v.string()),
        trace_id: v.optional(v.string()),
        game_id: v.optional(v.string()),
        bet_seq: v.optional(count("Record that placed the bet it is about")),
        closes_round: v.optional(v.literal(true)),
      }),
    ),
    next_cursor: v.nullable(v.string()),
    freshness: FreshnessJson,
  }),
  v.metadata({ ref: "Records" }),
);

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: resolver(ProblemJson) } },
});
const FAILURES = {
  400: problem("The question can't be read, or BOOKMARK_UNKNOWN"),
  401: problem("No credential, or one that doesn't verify"),
  403: problem("The credential doesn't allow this"),
  409: problem("BOOKMARK_LOST: a record that was promised is not in the book"),
  503: problem("Search is away, behind, or not configured"),
};
const string = { type: "string" } as const;
const inPath = (name: string, format?: string) => ({
  name,
  in: "path" as const,
  required: true,
  schema: format === undefined ? string : { ...string, format },
});
const inQuery = (name: string, description: string, schema: object = string) => ({
  name,
  in: "query" as const,
  required: false,
  description,
  schema,
});
const AT_LEAST = inQuery("at_least", "A bookmark: the answer includes at least that record");
const PAGE = [
  inQuery("limit", "Entries of the answer", { type: "integer", minimum: 1, maximum: 200 }),
  inQuery("cursor", "next_cursor of the page before"),
  inQuery("order", "Newest first, unless asc", { ...string, enum: ["asc", "desc"] }),
];
const json = (schema: Parameters<typeof resolver>[0]) => ({
  "application/json": { schema: resolver(schema) },
});

/** `GET /v1/players/{player_ref}/statement`. */
export const STATEMENT_SPEC: DescribeRouteOptions = {
  summary: "A player's statement: every movement of their accounts, with running balances",
  description: "With `Accept: text/csv` as CSV, up to 5000 lines a page.",
  tags: ["players"],
  security: [{ bearer: [] }],
  parameters: [
    inPath("player_ref", "uuid"),
    inQuery("from", "Not before: microseconds since 1970, or RFC 3339"),
    inQuery("to", "Before"),
    inQuery("currency", "Only this one"),
    inQuery("type", "Only this event type"),
    inQuery("include", "refusals lists them too", { ...string, enum: ["refusals"] }),
    ...PAGE,
    AT_LEAST,
  ],
  responses: {
    200: {
      description: "One page",
      content: { ...json(StatementAnswer), "text/csv": { schema: string } },
    },
    ...FAILURES,
    404: problem("Unknown player, as far as this answer's freshness goes"),
  },
};

/** `GET /v1/rounds/{round_id}`. */
export const ROUND_SPEC: DescribeRouteOptions = {
  summary: "A round with its bets, what became of them, and sums",
  tags: ["rounds"],
  security: [{ bearer: [] }],
  parameters: [inPath("round_id"), inQuery("source", "Only this source's"), AT_LEAST],
  responses: {
    200: { description: "The rounds of this id", content: json(RoundAnswer) },
    ...FAILURES,
    404: problem("Unknown round, as far as this answer's freshness goes"),
  },
};

/** `GET /v1/records`. */
export const RECORDS_SPEC: DescribeRouteOptions = {
  summary: "Records by an id (admin key)",
  tags: ["book"],
  security: [{ bearer: [] }],
  parameters: [
    ...["txn", "trace", "round", "player", "event"].map((name) =>
      inQuery(name, "Exactly one of txn, trace, round, player and event"),
    ),
    ...PAGE,
    AT_LEAST,
  ],
  responses: {
    200: { description: "The operator's records with this id", content: json(RecordsAnswer) },
    ...FAILURES,
  },
};
