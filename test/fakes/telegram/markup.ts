/** Checks reply_markup as Telegram does, above all the 64 bytes of callback_data. */
import { badRequest } from "./errors.ts";
import { BUTTONS_MAX, CALLBACK_DATA_BYTES_MAX } from "./limits.ts";
import type { Params } from "./params.ts";

export interface InlineButton {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
}

export type ReplyMarkup = {
  readonly inline_keyboard?: readonly (readonly InlineButton[])[];
} & Readonly<Record<string, unknown>>;

const KINDS = ["inline_keyboard", "keyboard", "remove_keyboard", "force_reply"];
const ACTIONS = [
  "url", "callback_data", "web_app", "login_url", "switch_inline_query",
  "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
  "callback_game", "pay",
];

/** The checked reply_markup of a call, `undefined` when there is none. */
export function replyMarkup(params: Params): ReplyMarkup | undefined {
  const raw = params["reply_markup"];
  if (raw === undefined || raw === null || raw === "") return undefined;
  const markup = typeof raw === "string" ? parse(raw) : raw;
  if (typeof markup !== "object" || markup === null || Array.isArray(markup)) {
    throw badRequest("object expected as reply markup");
  }
  if (!KINDS.some((kind) => kind in markup)) {
    throw badRequest("can't parse reply keyboard markup JSON object");
  }
  if ("inline_keyboard" in markup) checkInline(markup.inline_keyboard);
  return markup as ReplyMarkup;
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw badRequest("can't parse reply keyboard markup JSON object");
  }
}

function checkInline(rows: unknown): void {
  if (!Array.isArray(rows)) {
    throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array');
  }
  let buttons = 0;
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row)) {
      throw badRequest("field \"inline_keyboard\" must be an Array of Arrays");
    }
    for (const button of row as unknown[]) checkButton(button);
    buttons += row.length;
  }
  if (buttons > BUTTONS_MAX) throw badRequest("REPLY_MARKUP_TOO_LONG");
}

function checkButton(button: unknown): void {
  if (typeof button !== "object" || button === null) {
    throw badRequest("InlineKeyboardButton must be an Object");
  }
  const fields = button as Record<string, unknown>;
  if (typeof fields["text"] !== "string" || fields["text"].trim() === "") {
    throw badRequest("inline keyboard button text is empty");
  }
  if (ACTIONS.filter((action) => fields[action] !== undefined).length !== 1) {
    throw badRequest("text buttons are unallowed in the inline keyboard");
  }
  const data = fields["callback_data"];
  if (data === undefined) return;
  const bytes = typeof data === "string" ? new TextEncoder().encode(data).byteLength : 0;
  if (bytes < 1 || bytes > CALLBACK_DATA_BYTES_MAX) throw badRequest("BUTTON_DATA_INVALID");
}
