/**
 * Who may do what: signed credentials, their rights, and the keys of a deployment.
 *
 * @module
 */
export { allows } from "./allows.ts";
export { credentialFrom, edgeSubject, EVENT_TYPES, ROLES, SCOPES } from "./credential.ts";
export type { Credential, CredentialClaims, EventType, Role, Scope } from "./credential.ts";
export { API_KEYS, DEV_OPERATOR, GUEST } from "./dev-credentials.ts";
export type { ApiKeyName } from "./dev-credentials.ts";
export { AccessError } from "./errors.ts";
export type { AccessCode } from "./errors.ts";
export { identityOf } from "./identity.ts";
export type { HashedIdentity, IdentityKeyMaterial } from "./identity.ts";
export { issueCredential } from "./issue.ts";
export { ensureDevKeys, Keys, loadKeys } from "./keyring.ts";
export type { KeyPair, TelegramKeys } from "./keyring.ts";
export { signerIn } from "./recovery-file.ts";
export { publicKeysIn, SigningFiles } from "./signing-keys.ts";
export { equalSecret } from "./secret.ts";
export { bearerToken, CredentialVerifier } from "./verifier.ts";
