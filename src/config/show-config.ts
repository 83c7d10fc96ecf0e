/**
 * The configuration as people may see it.
 *
 * @module
 */
import type { RoleConfig } from "./config.ts";

const SECRETS: ReadonlySet<keyof RoleConfig> = new Set(["telegramToken", "telegramSecret"]);

/** A copy for printing: secrets show only whether they are set. */
export function showConfig(config: RoleConfig): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    const hidden = SECRETS.has(name as keyof RoleConfig) && value !== undefined;
    shown[name] = hidden ? "[hidden]" : (value ?? null);
  }
  return Object.freeze(shown);
}
