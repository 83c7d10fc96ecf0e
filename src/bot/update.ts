/**
 * The parts of a Telegram update that the bot reads, checked. Fields that Telegram adds later pass
 * unseen; what the bot relies on must have its documented type.
 *
 * @module
 */
import * as v from "valibot";

const integer = v.pipe(v.number(), v.safeInteger());

const user = v.looseObject({ id: v.pipe(integer, v.minValue(1)), is_bot: v.optional(v.boolean()) });

const chat = v.looseObject({ id: integer, type: v.string() });

const message = v.looseObject({
  message_id: integer,
  date: v.pipe(integer, v.minValue(0)),
  chat,
  from: v.optional(user),
  text: v.optional(v.string()),
});

const callbackQuery = v.looseObject({
  // Becomes part of an idempotency key, so it must be short and print.
  id: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/)),
  from: user,
  message: v.optional(v.looseObject({ message_id: integer, chat })),
  data: v.optional(v.string()),
});

const update = v.looseObject({
  update_id: v.pipe(integer, v.minValue(0)),
  message: v.optional(message),
  callback_query: v.optional(callbackQuery),
});

export type CheckedUpdate = v.InferOutput<typeof update>;

/** The update, or the first field that is wrong. */
export function checkUpdate(value: unknown): CheckedUpdate | { readonly wrongField: string } {
  const result = v.safeParse(update, value, { abortEarly: true });
  if (result.success) return result.output;
  return { wrongField: v.getDotPath(result.issues[0]) ?? "" };
}

/**
 * The idempotency key of an update, or undefined for kinds the bot does nothing about.
 *
 * update_id alone restarts after a quiet week, so the message's date or the callback query's own
 * id goes with it (https://core.telegram.org/bots/api#update). In practice a callback query's id
 * starts with the person's id, and keys stay in the book for ever: it goes in as a keyed hash.
 */
export function updateKey(
  botId: number,
  given: CheckedUpdate,
  veil: (callbackId: string) => string,
): string | undefined {
  const { callback_query: query, message: said } = given;
  const mark = query === undefined ? said?.date : veil(query.id);
  return mark === undefined ? undefined : `tg:${botId}:${given.update_id}:${mark}`;
}
