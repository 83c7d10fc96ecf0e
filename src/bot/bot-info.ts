import type { UserFromGetMe } from "grammy/types";
import { OperatorError } from "../ops/index.ts";

const TOKEN = /^([1-9][0-9]{5,15}):[A-Za-z0-9_-]{16,}$/;

/**
 * What grammY must know of the bot itself, from its token: the id is the part before the colon.
 * So an edge takes its first update without asking Telegram anything. An empty `username` is asked
 * for when a command first names a bot.
 *
 * @throws OperatorError TELEGRAM_TOKEN_INVALID
 */
export function botInfoFromToken(token: string, username = "countroom_bot"): UserFromGetMe {
  const id = TOKEN.exec(token)?.[1];
  if (id === undefined) {
    throw new OperatorError("TELEGRAM_TOKEN_INVALID", "the bot token is not one of Telegram's", {
      hint: "copy the token from @BotFather into TELEGRAM_BOT_TOKEN: digits, a colon, letters",
    });
  }
  return {
    id: Number(id),
    is_bot: true,
    first_name: "Countroom",
    username,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
  } as UserFromGetMe;
}
