/**
 * Every environment variable that is read, with its meaning: the only list of them.
 *
 * @module
 */
import { currenciesText, CURRENCIES } from "../money/index.ts";

/** Processes that read a configuration. */
export const CONFIG_ROLES = [
  "primary",
  "publisher",
  "search",
  "edge",
  "syncer",
  "telegram",
  "dev",
  "tool",
] as const;
export type ConfigRole = (typeof CONFIG_ROLES)[number];

/** One line of the configuration table. */
export interface ConfigField {
  /** Name of the environment variable. */
  readonly name: string;
  /** What holds when it is not set, for people. Empty: nothing. */
  readonly default: string;
  readonly meaning: string;
  /** Never printed. */
  readonly secret: boolean;
}

function field(name: string, fallback: string, meaning: string, secret = false): ConfigField {
  return Object.freeze({ name, default: fallback, meaning, secret });
}

/** The configuration table. */
export const CONFIG_FIELDS: readonly ConfigField[] = Object.freeze([
  field(
    "COUNTROOM_ENV",
    "development",
    "`development` or `production`; production refuses plain HTTP outside loopback",
  ),
  field("COUNTROOM_DATA", "./data", "Folder of the deployment"),
  field("COUNTROOM_KEYS", "DATA/keys", "Folder of the keys this process holds"),
  field("COUNTROOM_DEPLOYMENT", "dev", "Name in checkpoints; the same for every process"),
  field("COUNTROOM_HOST", "127.0.0.1", "Address to listen on"),
  field(
    "COUNTROOM_PORT",
    "7400 primary, 7401 edge, 7403 telegram, 7404 publisher, 7405 search",
    "Port to listen on; 0 picks a free one",
  ),
  field("COUNTROOM_PRIMARY_URL", "http://127.0.0.1:7400", "Where the primary answers"),
  field("COUNTROOM_PUBLISHER_URL", "http://127.0.0.1:7404", "Where the publisher answers"),
  field(
    "COUNTROOM_SEARCH_URL",
    "",
    "Where search answers; an edge without it has no statements and rounds",
  ),
  field("COUNTROOM_REGION", "eu", "Region of an edge"),
  field("COUNTROOM_EDGE_ID", "REGION", "Name of an edge, unique in the deployment"),
  field(
    "COUNTROOM_TOKEN_FILE",
    "KEYS/edge-REGION.jwt, KEYS/publisher.jwt or KEYS/search.jwt",
    "The process's own token",
  ),
  field(
    "COUNTROOM_BOT_TOKEN_FILE",
    "KEYS/bot.jwt in development",
    "Credential the bot brings events under; an edge without it runs no bot",
  ),
  field(
    "COUNTROOM_REPLICA_DIR",
    "/dev/shm or DATA/edges/REGION/replica",
    "Where an edge keeps its replica",
  ),
  field("COUNTROOM_WORKERS", "1", "Request processes of an edge, 1 to 64"),
  field("COUNTROOM_TICK_MS", "10", "Shortest time between two commits of the page log, 1 to 250"),
  field(
    "COUNTROOM_TELEGRAM_API_ROOT",
    "https://api.telegram.org",
    "Where the bot reaches the Bot API",
  ),
  field("TELEGRAM_BOT_TOKEN", "", "The bot's token at Telegram", true),
  field(
    "COUNTROOM_TELEGRAM_SECRET",
    "",
    "Secret that Telegram shows with every webhook call; an edge with a bot needs it",
    true,
  ),
  field("COUNTROOM_TLS_CERT_FILE", "", "Certificate chain of the listener, PEM"),
  field("COUNTROOM_TLS_KEY_FILE", "", "Private key of the listener, PEM"),
  field("COUNTROOM_TLS_CA_FILE", "", "Authorities to trust for primary and publisher, PEM"),
  field(
    "COUNTROOM_CURRENCIES",
    currenciesText(CURRENCIES),
    "Currencies with their exponents, the same for every process; `FUN:6` among them",
  ),
  field(
    "COUNTROOM_CLOCK_GUARD",
    "warn in development, refuse in production",
    "What the primary does when the wall clock jumps: `refuse` bets until confirmed, or `warn`",
  ),
  field(
    "COUNTROOM_RECOVERY_IDENTITY",
    "",
    "File of the age identity that restores open backups with; for tools only",
  ),
  field("COUNTROOM_LOG_LEVEL", "info", "`debug`, `info`, `warn`, `error` or `silent`"),
]);
