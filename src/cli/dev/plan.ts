/**
 * What `dev` runs: which processes, on which ports, with which environment. Pure.
 *
 * @module
 */
import { join } from "node:path";
import type { RoleConfig } from "../../config/index.ts";
import type { TelegramKeys } from "../../access/index.ts";

/** Regions in the order in which edges are added. */
export const REGIONS = ["eu", "asia", "us", "sa", "af", "me", "au", "in", "jp", "ca"] as const;

export interface EdgePlace {
  readonly region: string;
  readonly url: string;
  readonly port: number;
}

export interface DevOptions {
  /** Absolute. */
  readonly dataDir: string;
  readonly keysDir: string;
  readonly host: string;
  readonly primary: { readonly port: number; readonly url: string };
  readonly publisher: { readonly port: number; readonly url: string };
  readonly search: { readonly port: number; readonly url: string };
  readonly telegram: { readonly port: number; readonly url: string };
  readonly edges: readonly EdgePlace[];
  /** The real bot's token; undefined runs the stand-in. */
  readonly realToken: string | undefined;
  /** Where the real bot is polled. */
  readonly realApi: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything that follows from configuration and flags. */
export function devOptions(
  config: RoleConfig,
  edgeCount: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DevOptions {
  const { dataDir, host, port: base } = config;
  const at = (port: number) => ({ port, url: `http://${host}:${port}` });
  // Two edges sit below the stand-in; further ones follow search.
  const edgePort = (index: number): number => base + (index < 2 ? 1 + index : 4 + index);
  return {
    dataDir,
    keysDir: join(dataDir, "keys"),
    host,
    primary: at(base),
    publisher: at(base + 4),
    search: at(base + 5),
    telegram: at(base + 3),
    edges: REGIONS.slice(0, edgeCount).map((region, index) => ({ region, ...at(edgePort(index)) })),
    realToken: config.telegramToken,
    realApi: config.telegramApiRoot,
    env,
  };
}

export type ChildRole = "primary" | "publisher" | "search" | "edge" | "telegram";

/** One process of the house. */
export interface ChildPlan {
  readonly role: ChildRole;
  /** For people: `edge eu`. */
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** Path that answers 200 once others need no longer wait for this process. */
  readonly probe: string;
  /** Script and arguments, relative to the checkout; no secrets. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The processes, in the order in which they start. */
export function planChildren(options: DevOptions, telegram: TelegramKeys): ChildPlan[] {
  const { primary, publisher, search, keysDir } = options;
  const key = (name: string): string => join(keysDir, `${name}.jwt`);
  const common = commonEnvironment(options);
  const role = (name: ChildRole, port: number, env: ChildPlan["env"]) => ({
    role: name, port, probe: "/readyz", script: "src/cli/main.ts", args: [name],
    env: { ...common, COUNTROOM_PORT: `${port}`, ...env },
  });
  return [
    { name: "primary", url: primary.url, ...role("primary", primary.port, {}) },
    {
      name: "publisher", url: publisher.url,
      ...role("publisher", publisher.port, { COUNTROOM_TOKEN_FILE: key("publisher") }),
    },
    {
      name: "search", url: search.url,
      ...role("search", search.port, { COUNTROOM_TOKEN_FILE: key("search") }),
      // A large book takes it minutes the first time; nothing else depends on it.
      probe: "/healthz",
    },
    ...options.edges.map(({ region, port, url }) => ({
      name: `edge ${region}`, url,
      ...role("edge", port, {
        COUNTROOM_REGION: region,
        COUNTROOM_EDGE_ID: region,
        COUNTROOM_SEARCH_URL: search.url,
        COUNTROOM_TOKEN_FILE: key(`edge-${region}`),
        COUNTROOM_REPLICA_DIR: replicaDir(options, region),
        COUNTROOM_BOT_TOKEN_FILE: key("bot"),
        COUNTROOM_TELEGRAM_API_ROOT: apiRoot(options),
        COUNTROOM_TELEGRAM_SECRET: telegram.secret,
        TELEGRAM_BOT_TOKEN: telegram.token,
      }),
    })),
    ...(options.realToken === undefined ? [standIn(options, key)] : []),
  ];
}

/** Where the bot's own calls go. */
export function apiRoot(options: DevOptions): string {
  return options.realToken === undefined ? options.telegram.url : options.realApi;
}

function standIn(options: DevOptions, key: (name: string) => string): ChildPlan {
  const { telegram, host, keysDir, edges, env } = options;
  return {
    role: "telegram", name: "telegram", ...telegram, probe: "/readyz",
    script: "test/fakes/telegram/main.ts",
    args: [
      "--host", host, "--port", `${telegram.port}`,
      "--credentials", join(keysDir, "telegram.json"),
      "--read-key", key("api-read"), "--admin-key", key("api-admin"),
      ...edges.flatMap(({ region, url }) => ["--edge", `${region}=${url}`]),
    ],
    env: { ...env, TELEGRAM_BOT_TOKEN: undefined },
  };
}

function replicaDir(options: DevOptions, region: string): string | undefined {
  const chosen = options.env["COUNTROOM_REPLICA_DIR"];
  return chosen === undefined ? undefined : join(chosen, region);
}

/** The user's own settings, with what `dev` decides itself put in place of theirs. */
function commonEnvironment(options: DevOptions): Record<string, string | undefined> {
  return {
    ...options.env,
    COUNTROOM_ENV: "development",
    COUNTROOM_DATA: options.dataDir,
    COUNTROOM_KEYS: options.keysDir,
    COUNTROOM_HOST: options.host,
    COUNTROOM_PRIMARY_URL: options.primary.url,
    COUNTROOM_PUBLISHER_URL: options.publisher.url,
    COUNTROOM_SEARCH_URL: undefined,
    COUNTROOM_REGION: undefined,
    COUNTROOM_EDGE_ID: undefined,
    COUNTROOM_TOKEN_FILE: undefined,
    COUNTROOM_BOT_TOKEN_FILE: undefined,
    COUNTROOM_REPLICA_DIR: undefined,
    COUNTROOM_TELEGRAM_API_ROOT: undefined,
    COUNTROOM_TELEGRAM_SECRET: undefined,
    COUNTROOM_TLS_CERT_FILE: undefined,
    COUNTROOM_TLS_KEY_FILE: undefined,
    COUNTROOM_TLS_CA_FILE: undefined,
    // The terminal belongs to the person: what works says nothing.
    COUNTROOM_LOG_LEVEL: options.env["COUNTROOM_LOG_LEVEL"] ?? "warn",
    TELEGRAM_BOT_TOKEN: undefined,
  };
}
