/**
 * In production nothing crosses a network in the clear.
 *
 * @module
 */
import { EXIT, OperatorError } from "../ops/index.ts";
import type { RoleConfig } from "./config.ts";

/** Whether a host name or address never leaves this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost" || bare === "::1") return true;
  const parts = bare.split(".");
  return parts.length === 4 && parts[0] === "127" && parts.every((part) => /^\d{1,3}$/.test(part));
}

/** Throws an {@link OperatorError} for the first hop that production must not have. */
export function refuseOpenHops(config: RoleConfig): void {
  if (config.env !== "production") return;
  refuseOpenUrl("COUNTROOM_PRIMARY_URL", config.primaryUrl);
  refuseOpenUrl("COUNTROOM_PUBLISHER_URL", config.publisherUrl);
  if (config.searchUrl !== undefined) refuseOpenUrl("COUNTROOM_SEARCH_URL", config.searchUrl);
  refuseOpenUrl("COUNTROOM_TELEGRAM_API_ROOT", config.telegramApiRoot);
  if (config.tls === undefined && !isLoopback(config.host)) {
    throw openHop(
      `COUNTROOM_HOST ${config.host} would be served without TLS`,
      "set COUNTROOM_TLS_CERT_FILE and COUNTROOM_TLS_KEY_FILE, or listen on 127.0.0.1",
    );
  }
}

function refuseOpenUrl(variable: string, value: string): void {
  const { protocol, hostname } = new URL(value);
  if (protocol === "https:" || isLoopback(hostname)) return;
  throw openHop(
    `${variable} ${value} is plain HTTP to another machine`,
    `set ${variable} to an https:// URL`,
  );
}

function openHop(message: string, hint: string): OperatorError {
  return new OperatorError("CONFIG_PLAIN_HTTP", message, { hint, exitCode: EXIT.usage });
}
