/**
 * Environment and options in, one frozen configuration out.
 *
 * @module
 */
import { join, resolve } from "node:path";
import * as v from "valibot";
import { CURRENCIES, parseCurrencies } from "../money/index.ts";
import { EXIT, LOG_LEVELS, OperatorError } from "../ops/index.ts";
import type { ConfigOverrides, Environment, RoleConfig } from "./config.ts";
import { CONFIG_FIELDS, type ConfigRole } from "./fields.ts";
import { refuseOpenHops } from "./hops.ts";

/** Ports of a development deployment. */
export const DEFAULT_PORTS: Readonly<Record<ConfigRole, number>> = Object.freeze({
  primary: 7400,
  edge: 7401,
  telegram: 7403,
  publisher: 7404,
  search: 7405,
  syncer: 0,
  dev: 7400,
  tool: 0,
});

const PREFIX = "COUNTROOM_";
const KNOWN: ReadonlySet<string> = new Set(CONFIG_FIELDS.map((one) => one.name));

const integer = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(0|[1-9][0-9]{0,8})$/, "is not a whole number"),
    v.transform(Number),
    v.minValue(min, `is below ${min}`),
    v.maxValue(max, `is above ${max}`),
  );
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  v.picklist(values, `is none of ${values.join(", ")}`);
const text = v.pipe(v.string(), v.nonEmpty("is empty"));
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, "is not a name of a-z, 0-9, dot and dash"),
);
const url = v.pipe(
  v.string(),
  v.url("is not a URL"),
  v.regex(/^https?:\/\//, "is not an http or https URL"),
  v.check((value) => !/[?#@]/.test(value), "has a query, a fragment or credentials in it"),
  v.transform((value) => value.replace(/\/+$/, "")),
);
const currencies = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseCurrencies(dataset.value);
    if (typeof parsed !== "string") return parsed;
    addIssue({ message: parsed });
    return NEVER;
  }),
);
const host = v.pipe(v.string(), v.regex(/^[0-9A-Za-z.:-]{1,253}$/, "is not a host or address"));

const Variables = v.strictObject({
  COUNTROOM_ENV: v.optional(oneOf(["development", "production"]), "development"),
  COUNTROOM_DATA: v.optional(text, "./data"),
  COUNTROOM_KEYS: v.optional(text),
  COUNTROOM_DEPLOYMENT: v.optional(name, "dev"),
  COUNTROOM_HOST: v.optional(host, "127.0.0.1"),
  COUNTROOM_PORT: v.optional(integer(0, 65_535)),
  COUNTROOM_PRIMARY_URL: v.optional(url, "http://127.0.0.1:7400"),
  COUNTROOM_PUBLISHER_URL: v.optional(url, "http://127.0.0.1:7404"),
  COUNTROOM_SEARCH_URL: v.optional(url),
  COUNTROOM_REGION: v.optional(name, "eu"),
  COUNTROOM_EDGE_ID: v.optional(name),
  COUNTROOM_TOKEN_FILE: v.optional(text),
  COUNTROOM_BOT_TOKEN_FILE: v.optional(text),
  COUNTROOM_REPLICA_DIR: v.optional(text),
  COUNTROOM_WORKERS: v.optional(integer(1, 64), "1"),
  COUNTROOM_TICK_MS: v.optional(integer(1, 250), "10"),
  COUNTROOM_TELEGRAM_API_ROOT: v.optional(url, "https://api.telegram.org"),
  TELEGRAM_BOT_TOKEN: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9]+:[\w-]{20,}$/, "is not a bot token")),
  ),
  COUNTROOM_TELEGRAM_SECRET: v.optional(
    // Telegram's own rule for secret_token; short ones can be guessed.
    v.pipe(v.string(), v.regex(/^[\w-]{16,256}$/, "is not 16 to 256 of A-Z, a-z, 0-9, _ and -")),
  ),
  COUNTROOM_TLS_CERT_FILE: v.optional(text),
  COUNTROOM_TLS_KEY_FILE: v.optional(text),
  COUNTROOM_TLS_CA_FILE: v.optional(text),
  COUNTROOM_CURRENCIES: v.optional(currencies),
  COUNTROOM_CLOCK_GUARD: v.optional(oneOf(["refuse", "warn"])),
  COUNTROOM_RECOVERY_IDENTITY: v.optional(text),
  COUNTROOM_LOG_LEVEL: v.optional(oneOf(LOG_LEVELS), "info"),
});
type Read = v.InferOutput<typeof Variables>;

/**
 * Reads the configuration of one process. `overrides` are command-line options and win over the
 * environment. Throws an {@link OperatorError} that names every wrong variable.
 */
export function readConfig(
  role: ConfigRole,
  env: Environment,
  overrides: ConfigOverrides = {},
): RoleConfig {
  const given = collect(env, overrides);
  const parsed = v.safeParse(Variables, given);
  if (!parsed.success) throw invalid(parsed.issues.map(describe));
  const config = complete(role, parsed.output);
  refuseOpenHops(config);
  return config;
}

function collect(env: Environment, overrides: ConfigOverrides): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) {
    if (value === undefined) continue;
    // Compose files and unit files set what they don't use to the empty text.
    if (KNOWN.has(key) && value !== "") given[key] = value;
    else if (!KNOWN.has(key) && key.startsWith(PREFIX)) throw unknown(key);
  }
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    if (!KNOWN.has(key)) throw unknown(key);
    given[key] = String(value);
  }
  return given;
}

function complete(role: ConfigRole, read: Read): RoleConfig {
  const env = read.COUNTROOM_ENV;
  const dataDir = resolve(read.COUNTROOM_DATA);
  const keysDir = resolve(read.COUNTROOM_KEYS ?? join(dataDir, "keys"));
  const region = read.COUNTROOM_REGION;
  const named = role === "publisher" || role === "search";
  const own = named ? `${role}.jwt` : `edge-${region}.jwt`;
  const bot = env === "development" ? join(keysDir, "bot.jwt") : undefined;
  return Object.freeze({
    role,
    env,
    dataDir,
    keysDir,
    deployment: read.COUNTROOM_DEPLOYMENT,
    host: read.COUNTROOM_HOST,
    port: read.COUNTROOM_PORT ?? DEFAULT_PORTS[role],
    primaryUrl: read.COUNTROOM_PRIMARY_URL,
    publisherUrl: read.COUNTROOM_PUBLISHER_URL,
    searchUrl: read.COUNTROOM_SEARCH_URL,
    region,
    edgeId: read.COUNTROOM_EDGE_ID ?? region,
    tokenFile: resolve(read.COUNTROOM_TOKEN_FILE ?? join(keysDir, own)),
    botTokenFile: absolute(read.COUNTROOM_BOT_TOKEN_FILE ?? bot),
    replicaDir: absolute(read.COUNTROOM_REPLICA_DIR),
    workers: read.COUNTROOM_WORKERS,
    tickMs: read.COUNTROOM_TICK_MS,
    telegramApiRoot: read.COUNTROOM_TELEGRAM_API_ROOT,
    telegramToken: read.TELEGRAM_BOT_TOKEN,
    telegramSecret: read.COUNTROOM_TELEGRAM_SECRET,
    tls: tlsFrom(read),
    caFile: absolute(read.COUNTROOM_TLS_CA_FILE),
    currencies: read.COUNTROOM_CURRENCIES ?? CURRENCIES,
    clockGuard: read.COUNTROOM_CLOCK_GUARD ?? (env === "production" ? "refuse" : "warn"),
    recoveryIdentityFile: absolute(read.COUNTROOM_RECOVERY_IDENTITY),
    logLevel: read.COUNTROOM_LOG_LEVEL,
  });
}

function tlsFrom(read: Read): RoleConfig["tls"] {
  const { COUNTROOM_TLS_CERT_FILE: cert, COUNTROOM_TLS_KEY_FILE: key } = read;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw invalid(["COUNTROOM_TLS_CERT_FILE is missing beside the key"]);
  if (key === undefined)
    throw invalid(["COUNTROOM_TLS_KEY_FILE is missing beside the certificate"]);
  return Object.freeze({ certFile: resolve(cert), keyFile: resolve(key) });
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

/** Names the variable and what is wrong with it, never its value: it may be a secret. */
function describe(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? "configuration"} ${issue.message}`;
}

function invalid(faults: readonly string[]): OperatorError {
  return new OperatorError("CONFIG_INVALID", faults.join("; "), {
    hint: "see the configuration table in README.md",
    exitCode: EXIT.usage,
  });
}

function unknown(key: string): OperatorError {
  const near = [...KNOWN].find((known) => distanceAtMostTwo(known, key));
  return new OperatorError("CONFIG_UNKNOWN", `${key} is no variable of Countroom`, {
    hint: near === undefined ? `unset ${key}` : `did you mean ${near}?`,
    exitCode: EXIT.usage,
  });
}

/** Whether one name becomes the other by two edits at most: a slip of the hand. */
function distanceAtMostTwo(a: string, b: string): boolean {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const swap = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(swap, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]! <= 2;
}
