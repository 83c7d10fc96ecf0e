/**
 * Reads the certificates that the configuration names.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { OperatorError } from "../ops/index.ts";
import type { TlsFiles } from "../runtime/index.ts";
import type { RoleConfig } from "./config.ts";

/** Certificate and key of the listener, or undefined for plain HTTP. */
export function listenerTls(config: RoleConfig): TlsFiles | undefined {
  if (config.tls === undefined) return undefined;
  return { cert: read(config.tls.certFile), key: read(config.tls.keyFile) };
}

/** Authorities to trust for primary and publisher, or undefined. */
export function trustedAuthorities(config: RoleConfig): string | undefined {
  return config.caFile === undefined ? undefined : read(config.caFile);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new OperatorError("TLS_FILE_MISSING", `the file ${path} can't be read`, {
      cause,
      hint: "check COUNTROOM_TLS_CERT_FILE, COUNTROOM_TLS_KEY_FILE and COUNTROOM_TLS_CA_FILE",
    });
  }
}
