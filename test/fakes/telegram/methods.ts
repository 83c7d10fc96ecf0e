/** The Bot API methods that the stand-in answers. */
import { botUser } from "./bot.ts";
import type { Courier } from "./courier.ts";
import { badRequest, type BotApiError } from "./errors.ts";
import * as limits from "./limits.ts";
import { replyMarkup } from "./markup.ts";
import { chatId, flag, integer, messageText, type Params, text } from "./params.ts";
import type { UpdateFactory } from "./updates.ts";
import type { World } from "./world.ts";

export interface MethodContext {
  readonly token: string;
  readonly world: World;
  readonly updates: UpdateFactory;
  readonly courier: Courier;
}

type Method = (context: MethodContext, params: Params) => unknown;

const TABLE: Readonly<Record<string, Method>> = {
  getMe: ({ token }) => botUser(token),
  sendMessage,
  editMessageText,
  editMessageReplyMarkup,
  answerCallbackQuery,
  sendChatAction,
  setMyCommands,
  setWebhook,
  deleteWebhook,
  getWebhookInfo: ({ courier }) => courier.info(),
  getUpdates,
};

/** By lower-case name: Telegram doesn't mind the case. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries(TABLE).map(([name, method]) => [name.toLowerCase(), method]),
);

function sendMessage({ world, updates }: MethodContext, params: Params): object {
  const chat = chatId(params);
  const markup = replyMarkup(params);
  const stored = world.say(chat, "bot", messageText(params), {
    method: "sendMessage", reply_markup: markup,
  });
  return updates.messageObject(chat, stored);
}

function editMessageText({ world, updates }: MethodContext, params: Params): object {
  const chat = chatId(params);
  const stored = world.editable(chat, integer(params, "message_id"));
  const value = messageText(params);
  const markup = replyMarkup(params);
  if (value === stored.text && JSON.stringify(markup) === JSON.stringify(stored.reply_markup)) {
    throw notModified();
  }
  stored.text = value;
  stored.reply_markup = markup;
  world.note(chat, {
    from: "bot", method: "editMessageText", text: value, message_id: stored.message_id,
    reply_markup: markup,
  });
  return updates.messageObject(chat, stored);
}

function editMessageReplyMarkup({ world, updates }: MethodContext, params: Params): object {
  const chat = chatId(params);
  const stored = world.editable(chat, integer(params, "message_id"));
  const markup = replyMarkup(params);
  if (JSON.stringify(markup) === JSON.stringify(stored.reply_markup)) throw notModified();
  stored.reply_markup = markup;
  world.note(chat, {
    from: "bot", method: "editMessageReplyMarkup", text: stored.text,
    message_id: stored.message_id, reply_markup: markup,
  });
  return updates.messageObject(chat, stored);
}

function notModified(): BotApiError {
  return badRequest(
    "message is not modified: specified new message content and reply markup are exactly the " +
      "same as a current content and reply markup of the message",
  );
}

function answerCallbackQuery({ world }: MethodContext, params: Params): true {
  const id = text(params, "callback_query_id");
  const answer = text(params, "text");
  if (answer.length > limits.ANSWER_UNITS_MAX) throw badRequest("MESSAGE_TOO_LONG");
  const chat = world.callbackChat(id);
  world.note(chat, {
    from: "bot", method: "answerCallbackQuery", text: answer, callback_query_id: id,
    show_alert: flag(params, "show_alert"),
  });
  return true;
}

function sendChatAction({ world }: MethodContext, params: Params): true {
  const chat = chatId(params);
  const action = text(params, "action");
  if (!/^[a-z_]{1,32}$/.test(action)) throw badRequest("wrong parameter action in request");
  world.note(chat, { from: "bot", method: "sendChatAction", text: action });
  return true;
}

function setMyCommands(_context: MethodContext, params: Params): true {
  const raw = params["commands"];
  const commands: unknown = typeof raw === "string" ? JSON.parse(raw) : raw;
  if (!Array.isArray(commands) || commands.length > 100) {
    throw badRequest("can't parse commands: expected an Array of at most 100");
  }
  for (const entry of commands as Record<string, unknown>[]) {
    if (!/^[a-z0-9_]{1,32}$/.test(String(entry?.["command"]))) {
      throw badRequest("BOT_COMMAND_INVALID");
    }
    const description = String(entry["description"] ?? "");
    if (description.length < 1 || description.length > 256) {
      throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
    }
  }
  return true;
}

function setWebhook({ courier }: MethodContext, params: Params): true {
  const url = text(params, "url");
  const secret = text(params, "secret_token");
  if (url !== "" && !URL.canParse(url)) throw badRequest("bad webhook: invalid webhook URL");
  if (secret !== "" && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    throw badRequest("secret token contains unallowed characters");
  }
  if (flag(params, "drop_pending_updates")) courier.dropPending();
  courier.setWebhooks(url === "" ? [] : [{ region: "webhook", url }], secret);
  return true;
}

function deleteWebhook({ courier }: MethodContext, params: Params): true {
  if (flag(params, "drop_pending_updates")) courier.dropPending();
  courier.setWebhooks([], "");
  return true;
}

function getUpdates({ courier }: MethodContext, params: Params): Promise<unknown[]> {
  const limit = integer(params, "limit") ?? limits.GET_UPDATES_MAX;
  const seconds = integer(params, "timeout") ?? 0;
  return courier.poll({
    offset: integer(params, "offset") ?? 0,
    limit: Math.max(1, Math.min(limit, limits.GET_UPDATES_MAX)),
    waitMs: 1000 * Math.max(0, Math.min(seconds, limits.GET_UPDATES_SECONDS_MAX)),
  });
}
