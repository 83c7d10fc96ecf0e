/**
 * The description of this edge's routes, served as `/openapi.json`.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { generateSpecs, resolver, uniqueSymbol, type DescribeRouteOptions } from "hono-openapi";
import { EVENT_EXAMPLES } from "./event-examples.ts";
import { ConsistencyAnswer, InclusionAnswer, KeysAnswer } from "./proof-schemas.ts";
import {
  BalanceAnswer,
  EventsBody,
  ProblemJson,
  ReceiptsAnswer,
  ResolveAnswer,
  ResolveBody,
  UnknownPlayerJson,
} from "./schemas.ts";

type Handler = (c: Context) => Response | Promise<Response>;

/**
 * Attaches a description to a handler. The library's own middleware would do the same, but a route
 * of more than one handler costs Hono a chain of promises per request.
 */
export function described(handler: Handler, spec: DescribeRouteOptions): Handler {
  return Object.assign(handler, { [uniqueSymbol]: { spec } });
}

const json = (schema: Parameters<typeof resolver>[0]) => ({
  "application/json": { schema: resolver(schema) },
});
const problem = (description: string, schema: Parameters<typeof resolver>[0] = ProblemJson) => ({
  description,
  content: { "application/problem+json": { schema: resolver(schema) } },
});
const BINARY = { type: "string", format: "binary" } as const;
const KEY = [{ bearer: [] }];

const FAILURES = {
  400: problem("The request can't be read"),
  401: problem("No credential, or one that doesn't verify"),
  403: problem("The credential doesn't allow this"),
  503: problem("Try again"),
};

/** `GET /v1/players/{player_ref}/balance`. */
export const BALANCE_SPEC: DescribeRouteOptions = {
  summary: "A player's balances, with their freshness",
  tags: ["players"],
  security: KEY,
  parameters: [
    {
      name: "player_ref",
      in: "path",
      required: true,
      schema: { type: "string", format: "uuid" },
    },
    {
      name: "at_least",
      in: "query",
      required: false,
      description: "A bookmark: the answer includes at least that record",
      schema: { type: "string", example: "1-42" },
    },
  ],
  responses: {
    200: {
      description: "Balances in every currency the player has",
      headers: {
        "Countroom-Bookmark": {
          description: "Give it to a later read as at_least",
          schema: { type: "string" },
        },
      },
      content: json(BalanceAnswer),
    },
    ...FAILURES,
    404: problem("Unknown player, as far as the source of that freshness knows", UnknownPlayerJson),
    409: problem("BOOKMARK_LOST: a record that was promised is not in the book"),
  },
};

/** `POST /v1/events`. */
export const EVENTS_SPEC: DescribeRouteOptions = {
  summary: "Settle one or many events",
  description:
    "Each event fares by itself; receipts come in order. A key that was used before with the " +
    "same meaning answers its first receipt. Protobuf: an EventBatch as application/protobuf, " +
    "or one Event with the parameter messageType=countroom.v1.Event; both are answered by a " +
    "ReceiptBatch. Text is UTF-8.",
  tags: ["events"],
  security: KEY,
  parameters: [
    {
      name: "proof",
      in: "query",
      required: false,
      description:
        "true: each receipt of a record carries its inclusion proof under a signed checkpoint, " +
        "at most 100 events. When that takes more than 2 s the receipts come without, and the " +
        "header Countroom-Proof says pending: ask /v1/proofs/inclusion later",
      schema: { type: "boolean" },
    },
  ],
  requestBody: {
    required: true,
    content: {
      "application/json": { schema: resolver(EventsBody), examples: EVENT_EXAMPLES },
      "application/protobuf": { schema: BINARY },
      "application/x-protobuf": { schema: BINARY },
    },
  },
  responses: {
    200: {
      description: "Receipts in the order of the events, in the form that these came in",
      headers: {
        "Countroom-Proof": {
          description: "With proof=true: included, or pending",
          schema: { type: "string", enum: ["included", "pending"] },
        },
      },
      content: { ...json(ReceiptsAnswer), "application/protobuf": { schema: BINARY } },
    },
    ...FAILURES,
    413: problem("Too many bytes or events"),
    415: problem("Neither JSON in UTF-8 nor Protobuf"),
  },
};

/** `POST /v1/players/resolve`. */
export const RESOLVE_SPEC: DescribeRouteOptions = {
  summary: "The player of a Telegram id (admin key)",
  tags: ["players"],
  security: KEY,
  requestBody: { required: true, content: json(ResolveBody) },
  responses: {
    200: { description: "The player", content: json(ResolveAnswer) },
    ...FAILURES,
    404: problem("Nobody is registered under this id"),
  },
};

const countParameter = (name: string, required: boolean, description: string) => ({
  name,
  in: "query" as const,
  required,
  description,
  schema: { type: "string" as const, pattern: "^[1-9][0-9]{0,15}$" },
});
const BEYOND = problem("RECORD_UNKNOWN: the book doesn't reach that far");

/** `GET /v1/proofs/inclusion`. */
export const INCLUSION_SPEC: DescribeRouteOptions = {
  summary: "Proof that a record is in the book (RFC 6962)",
  tags: ["book"],
  security: KEY,
  parameters: [
    countParameter("seq", true, "The record"),
    countParameter("size", false, "In the tree of this size; without it, the newest signed one"),
  ],
  responses: {
    200: { description: "The proof, as it was checked", content: json(InclusionAnswer) },
    ...FAILURES,
    404: BEYOND,
  },
};

/** `GET /v1/proofs/consistency`. */
export const CONSISTENCY_SPEC: DescribeRouteOptions = {
  summary: "Proof that the book has only grown between two sizes (RFC 6962)",
  tags: ["book"],
  security: KEY,
  parameters: [
    countParameter("from", true, "Size of the earlier tree"),
    countParameter("to", false, "Size of the later tree; without it, the newest signed one"),
  ],
  responses: {
    200: { description: "The proof, as it was checked", content: json(ConsistencyAnswer) },
    ...FAILURES,
    404: BEYOND,
  },
};

/** `GET /v1/keys`. */
export const KEYS_SPEC: DescribeRouteOptions = {
  summary: "The keys that sign checkpoints, and how each followed the one before",
  tags: ["book"],
  security: KEY,
  responses: {
    200: { description: "Newest first", content: json(KeysAnswer) },
    ...FAILURES,
  },
};

/** Routes for machines. */
export const CHECKPOINT_SPEC: DescribeRouteOptions = {
  summary: "The newest signed checkpoint this edge has seen",
  tags: ["book"],
  responses: {
    200: { description: "A C2SP signed note", content: { "text/plain": {} } },
    503: problem("None seen yet"),
  },
};
export const HEALTH_SPEC: DescribeRouteOptions = {
  summary: "The process lives",
  tags: ["operations"],
  responses: { 200: { description: "It does" } },
};
export const READY_SPEC: DescribeRouteOptions = {
  summary: "Balances can be read, from the replica or from the primary",
  tags: ["operations"],
  responses: { 200: { description: "They can" }, 503: { description: "They can't" } },
};
export const METRICS_SPEC: DescribeRouteOptions = {
  summary: "Prometheus metrics",
  tags: ["operations"],
  responses: { 200: { description: "Text format", content: { "text/plain": {} } } },
};

/** Where the bot takes its updates, at edges that have one. */
const WEBHOOK_PATH = "/telegram/webhook";
const WEBHOOK_SECRET = {
  type: "apiKey",
  in: "header",
  name: "X-Telegram-Bot-Api-Secret-Token",
} as const;
const WEBHOOK = {
  post: {
    summary: "One update of the bot, from Telegram",
    description: "200 once its effect is in the book; after anything else it must be sent again.",
    tags: ["bot"],
    security: [{ webhookSecret: [] }],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object" as const,
            description: "https://core.telegram.org/bots/api#update",
            properties: { update_id: { type: "integer" as const } },
            required: ["update_id"],
          },
        },
      },
    },
    responses: {
      200: { description: "Done; the body is empty" },
      400: { description: "Not an update of Telegram's" },
      401: { description: "The webhook secret is missing or wrong" },
      413: { description: "Too many bytes" },
      503: { description: "Not certain yet: send the update again" },
    },
  },
};

/** The document for an app's described routes. */
export async function openApiDocument(app: Hono): Promise<string> {
  const hasBot = app.routes.some(({ path }) => path === WEBHOOK_PATH);
  const spec = await generateSpecs(app, {
    documentation: {
      info: {
        title: "Countroom edge",
        version: "1",
        description:
          "Balances and events of a casino's wallet. Amounts are decimal strings of minor units.",
      },
      paths: hasBot ? { [WEBHOOK_PATH]: WEBHOOK } : {},
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
          ...(hasBot ? { webhookSecret: WEBHOOK_SECRET } : {}),
        },
      },
    },
    excludeStaticFile: false,
    exclude: ["/openapi.json"],
  });
  return JSON.stringify(spec);
}
