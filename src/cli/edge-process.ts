/**
 * Puts one request worker of an edge together from its configuration: the edge, and the bot beside
 * it where there is one.
 *
 * @module
 */
import { join } from "node:path";
import { CredentialVerifier, loadKeys, type Keys } from "../access/index.ts";
import { botInfoFromToken, createBotApp } from "../bot/index.ts";
import { listenerTls, trustedAuthorities, type RoleConfig } from "../config/index.ts";
import { createEdge, type Edge, type KeeperStatus } from "../edge/index.ts";
import { currencyTable } from "../money/index.ts";
import { OperatorError, type Logger } from "../ops/index.ts";
import { serve, systemClock, type Server } from "../runtime/index.ts";
import { readToken } from "./token.ts";

/** Where an edge keeps what must outlive it. */
export function edgeFolder(config: RoleConfig): string {
  return join(config.dataDir, "edges", config.region);
}

/** Builds the worker; nothing listens yet. */
export async function composeEdge(
  config: RoleConfig,
  log: Logger,
  keeper: () => KeeperStatus,
): Promise<Edge> {
  const keys = loadKeys(config.keysDir);
  const bot = botSettings(config);
  const currencies = currencyTable(config.currencies);
  const edge = createEdge({
    region: config.region,
    edgeId: config.edgeId,
    deployment: config.deployment,
    primaryUrl: config.primaryUrl,
    publisherUrl: config.publisherUrl,
    searchUrl: config.searchUrl,
    token: readToken(config.tokenFile),
    accessKey: keys.accessPublic,
    signingKey: () => keys.signers(),
    identityKey: () => keys.identity,
    checkpointFile: join(edgeFolder(config), "checkpoint"),
    workers: config.workers,
    ca: trustedAuthorities(config),
    clock: systemClock,
    log,
    currencies,
    keeper,
  });
  if (bot !== undefined) await mountBot(edge, bot, config, keys, log);
  return edge;
}

/** Listens for requests of the edge's app. */
export function listen(config: RoleConfig, edge: Edge, port: number): Server {
  const tls = listenerTls(config);
  return serve({
    fetch: edge.fetch,
    port,
    hostname: config.host,
    reusePort: config.workers > 1,
    ...(tls === undefined ? {} : { tls }),
  });
}

interface BotSettings {
  readonly token: string;
  readonly secret: string;
  readonly credential: string;
}

/** Undefined: this edge runs no bot. */
function botSettings(config: RoleConfig): BotSettings | undefined {
  const { telegramToken, telegramSecret, botTokenFile } = config;
  if (telegramToken === undefined && telegramSecret === undefined) return undefined;
  if (telegramToken === undefined) {
    throw new OperatorError("TELEGRAM_TOKEN_MISSING", "there is a webhook secret but no bot", {
      hint: "set TELEGRAM_BOT_TOKEN as well, or unset COUNTROOM_TELEGRAM_SECRET",
    });
  }
  if (telegramSecret === undefined) {
    throw new OperatorError("TELEGRAM_SECRET_MISSING", "anybody could post updates to the bot", {
      hint: "set COUNTROOM_TELEGRAM_SECRET, the same as secret_token of setWebhook",
    });
  }
  if (botTokenFile === undefined) {
    throw new OperatorError("BOT_CREDENTIAL_MISSING", "the bot has no credential for its events", {
      hint: "set COUNTROOM_BOT_TOKEN_FILE to the file of a credential with the role bot",
    });
  }
  return { token: telegramToken, secret: telegramSecret, credential: readToken(botTokenFile) };
}

async function mountBot(
  edge: Edge,
  bot: BotSettings,
  config: RoleConfig,
  keys: Keys,
  log: Logger,
): Promise<void> {
  const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
  const { operatorId } = await verifier.verify(bot.credential);
  const app = createBotApp({
    port: edge.port,
    botInfo: botInfoFromToken(bot.token, ""),
    token: bot.token,
    secret: bot.secret,
    apiRoot: config.telegramApiRoot,
    credential: bot.credential,
    identityKey: keys.identity,
    operator: operatorId,
    currencies: currencyTable(config.currencies),
    clock: systemClock,
    log: log.with({ part: "bot" }),
  });
  edge.app.route("/telegram", app);
}
