/**
 * The shape of a process's configuration.
 *
 * @module
 */
import type { Currency } from "../money/index.ts";
import type { LogLevel } from "../ops/index.ts";
import type { ConfigRole } from "./fields.ts";

/** TLS of the listener, as files. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a process runs with: complete, checked, frozen. */
export interface RoleConfig {
  readonly role: ConfigRole;
  readonly env: "development" | "production";
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path. */
  readonly keysDir: string;
  readonly deployment: string;
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. */
  readonly primaryUrl: string;
  /** Without a trailing slash. */
  readonly publisherUrl: string;
  /** Without a trailing slash; undefined when there is no search. */
  readonly searchUrl: string | undefined;
  readonly region: string;
  readonly edgeId: string;
  /** File of the process's own token. */
  readonly tokenFile: string;
  /** File of the bot's credential; undefined when this edge runs no bot. */
  readonly botTokenFile: string | undefined;
  /** Undefined: the edge decides between shared memory and the data folder. */
  readonly replicaDir: string | undefined;
  readonly workers: number;
  readonly tickMs: number;
  /** Without a trailing slash. */
  readonly telegramApiRoot: string;
  readonly telegramToken: string | undefined;
  readonly telegramSecret: string | undefined;
  readonly tls: TlsConfig | undefined;
  /** File of authorities to trust for primary and publisher. */
  readonly caFile: string | undefined;
  readonly clockGuard: "refuse" | "warn";
  /** Play money among them. */
  readonly currencies: readonly Currency[];
  /** File of the age identity that opens backups; tools only. */
  readonly recoveryIdentityFile: string | undefined;
  readonly logLevel: LogLevel;
}

/** Values of command-line options, by the environment variable they stand for. */
export type ConfigOverrides = Readonly<Record<string, string | number | undefined>>;

/** The environment, as a process finds it. */
export type Environment = Readonly<Record<string, string | undefined>>;
