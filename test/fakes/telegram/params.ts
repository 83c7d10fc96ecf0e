/**
 * Reads the parameters of a Bot API call the way Telegram does: query string, form or JSON, and
 * numbers and objects also as text.
 *
 * @module
 */
import { badRequest, BotApiError } from "./errors.ts";
import * as limits from "./limits.ts";

export type Params = Readonly<Record<string, unknown>>;

/** Collects the parameters of a request; the body wins over the query string. */
export async function readParams(request: Request): Promise<Params> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method !== "POST") return query;
  const body = await request.arrayBuffer();
  if (body.byteLength > limits.BODY_BYTES_MAX) {
    throw new BotApiError(413, "Request Entity Too Large");
  }
  if (body.byteLength === 0) return query;
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    return { ...query, ...parseObject(new TextDecoder().decode(body)) };
  }
  try {
    const form = await new Response(body, { headers: { "content-type": type } }).formData();
    return { ...query, ...Object.fromEntries(form) };
  } catch {
    throw badRequest("unsupported content type");
  }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest("can't parse JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("object expected as parameters");
  }
  return value as Record<string, unknown>;
}

/** A chat id: any integer but zero. Names of channels aren't known here. */
export function chatId(params: Params): number {
  const raw = params["chat_id"];
  if (raw === undefined || raw === "") throw badRequest("chat_id is empty");
  const text = typeof raw === "number" || typeof raw === "string" ? String(raw) : "";
  if (!/^-?[1-9][0-9]{0,15}$/.test(text)) throw badRequest("chat not found");
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw badRequest("chat not found");
  return id;
}

/** A whole number; `undefined` when absent. */
export function integer(params: Params, name: string): number | undefined {
  const raw = params[name];
  if (raw === undefined || raw === "") return undefined;
  const value = typeof raw === "string" && /^-?[0-9]{1,15}$/.test(raw) ? Number(raw) : raw;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw badRequest(`invalid ${name} specified`);
  }
  return value;
}

/** A text, empty when absent. */
export function text(params: Params, name: string): string {
  const raw = params[name];
  if (raw === undefined || raw === null) return "";
  if (typeof raw !== "string") throw badRequest(`field "${name}" must be of type String`);
  return raw;
}

/** A boolean, which forms send as text. */
export function flag(params: Params, name: string): boolean {
  return ["true", "1", "True", "yes"].includes(String(params[name] ?? ""));
}

/** The text of a message: present, not blank, not too long. */
export function messageText(params: Params): string {
  const value = text(params, "text");
  const mode = text(params, "parse_mode");
  if (mode !== "" && !["html", "markdown", "markdownv2"].includes(mode.toLowerCase())) {
    throw badRequest("unsupported parse_mode");
  }
  if (value.trim() === "") throw badRequest("message text is empty");
  if (value.length > limits.TEXT_UNITS_MAX) throw badRequest("message is too long");
  return value;
}
