/**
 * Configuration: read once, checked strictly, frozen.
 *
 * @module
 */
export type { ConfigOverrides, Environment, RoleConfig, TlsConfig } from "./config.ts";
export { CONFIG_FIELDS, CONFIG_ROLES } from "./fields.ts";
export type { ConfigField, ConfigRole } from "./fields.ts";
export { isLoopback } from "./hops.ts";
export { DEFAULT_PORTS, readConfig } from "./read-config.ts";
export { showConfig } from "./show-config.ts";
export { listenerTls, trustedAuthorities } from "./tls-files.ts";
