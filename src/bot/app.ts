/**
 * The bot as a Hono app: one route that takes Telegram's updates.
 *
 * @module
 */
import type { Update, UserFromGetMe } from "grammy/types";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { equalSecret, identityOf, type IdentityKeyMaterial } from "../access/index.ts";
import type { EdgePort } from "../edge/bot-port.ts";
import { Code } from "../ledger/index.ts";
import type { Currencies } from "../money/index.ts";
import { type Logger, OperatorError } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import { problemResponse } from "../wire/problem.ts";
import { AnsweredUpdates } from "./answered.ts";
import { createUpdateHandler } from "./bot.ts";
import { Desk } from "./desk.ts";
import { BotUnavailableError } from "./errors.ts";
import { UPDATE_BYTES_MAX } from "./limits.ts";
import { type CheckedUpdate, checkUpdate, updateKey } from "./update.ts";

/** Everything a bot needs; nothing is read from the environment here. */
export interface BotAppOptions {
  readonly port: EdgePort;
  /** Answer of getMe, or {@link botInfoFromToken}. */
  readonly botInfo: UserFromGetMe;
  readonly token: string;
  /** What Telegram sends along with every update; without one anybody could post updates. */
  readonly secret: string;
  /** `https://api.telegram.org`, or the stand-in. */
  readonly apiRoot: string;
  /** Signed credential under which the bot brings events. */
  readonly credential: string;
  readonly identityKey: IdentityKeyMaterial;
  readonly operator: string;
  /** Those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const SECRET = /^[A-Za-z0-9_-]{1,256}$/;
const SECRET_HEADER = "x-telegram-bot-api-secret-token";

/**
 * Builds the app; mounted at /telegram its route is `POST /telegram/webhook`. It answers 200 once
 * the update's effect is in the book, 503 when that isn't certain, so that Telegram sends again.
 *
 * @throws OperatorError TELEGRAM_SECRET_MISSING without a usable secret
 */
export function createBotApp(options: BotAppOptions): Hono {
  if (!SECRET.test(options.secret)) {
    throw new OperatorError(
      "TELEGRAM_SECRET_MISSING",
      "the bot has no webhook secret of 1 to 256 letters, digits, _ and -",
      { hint: "set COUNTROOM_TELEGRAM_SECRET, the same as secret_token of setWebhook" },
    );
  }
  const handle = updateHandler(options);
  const app = new Hono();
  app.post(
    "/webhook",
    async (c, next) => {
      const given = c.req.header(SECRET_HEADER) ?? "";
      if (!equalSecret(given, options.secret)) {
        return problemResponse(Code.ACCESS_UNAUTHENTICATED, {
          detail: "The webhook secret is missing or wrong.",
        });
      }
      await next();
      return undefined;
    },
    bodyLimit({
      maxSize: UPDATE_BYTES_MAX,
      onError: () => problemResponse(Code.REQUEST_TOO_LARGE),
    }),
    async (c) => {
      let body: unknown;
      try {
        body = JSON.parse(await c.req.text());
      } catch {
        return problemResponse(Code.REQUEST_MALFORMED, { detail: "The body is not JSON." });
      }
      const update = checkUpdate(body);
      if ("wrongField" in update) {
        const field = update.wrongField as string;
        return problemResponse(Code.REQUEST_INVALID, { detail: "Not a Telegram update.", field });
      }
      return handle(update);
    },
  );
  return app;
}

function updateHandler(options: BotAppOptions): (update: CheckedUpdate) => Promise<Response> {
  const { botInfo, clock, identityKey, log, operator } = options;
  const veil = (id: string): string => {
    const { hash } = identityOf(identityKey, operator, "telegram-callback", id);
    return Buffer.from(hash.subarray(0, 16)).toString("hex");
  };
  const handle = createUpdateHandler({ ...options, desk: new Desk(options) });
  const answered = new AnsweredUpdates();
  return async (update) => {
    const key = updateKey(botInfo.id, update, veil);
    if (key === undefined) return done();
    const started = clock.monotonicMs();
    try {
      await answered.once(key, () => handle(update as unknown as Update, key));
    } catch (error) {
      return failed(error, update, log);
    }
    const ms = Math.round(clock.monotonicMs() - started);
    log.debug("update handled", { update_id: update.update_id, ms });
    return done();
  };
}

function done(): Response {
  return new Response(null, { status: 200 });
}

/** Telegram brings the update again after any of these; its key keeps the effect single. */
function failed(error: unknown, update: CheckedUpdate, log: Logger): Response {
  if (error instanceof BotUnavailableError) {
    const { code, message, retryAfterSeconds } = error;
    log.warn("update not handled yet", { update_id: update.update_id, code, why: message });
    return problemResponse(Code.UNAVAILABLE, {
      detail: "The update must be sent again.",
      headers: retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` },
    });
  }
  log.error("update failed", { update_id: update.update_id, error });
  return problemResponse(Code.INTERNAL);
}
