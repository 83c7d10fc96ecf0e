/** Who the stand-in's bot is. */
export interface Credentials {
  /** `<bot id>:<35 characters>`, as BotFather hands them out. */
  readonly token: string;
  /** Sent with every update in X-Telegram-Bot-Api-Secret-Token. */
  readonly secret: string;
}

/** The answer of getMe. */
export function botUser(token: string): Record<string, unknown> {
  return {
    id: Number(token.split(":")[0]),
    is_bot: true,
    first_name: "Countroom",
    username: "countroom_dev_bot",
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
  };
}

/** A user's profile; the stand-in invents the name. */
export function person(id: number): Record<string, unknown> {
  return { id, is_bot: false, first_name: `Player ${id % 10_000}`, language_code: "en" };
}

/** A chat as it stands in messages: private when the id is positive. */
export function chatObject(id: number): Record<string, unknown> {
  return id > 0
    ? { id, type: "private", first_name: `Player ${id % 10_000}` }
    : { id, type: "group", title: `Group ${-id}` };
}
