/**
 * Signed credentials: JWT with EdDSA, and nothing else.
 *
 * @module
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import type { CredentialClaims } from "./credential.ts";

/** Who signs, in every token. */
export const ISSUER = "countroom";

/** The only algorithm that is signed with or accepted. */
export const ALGORITHM = "EdDSA";

/** Names a public key in the header: the first 16 hex digits of the SHA-256 of its SPKI form. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}

/** A token for the claims. `privateKey` is Ed25519. */
export async function issueCredential(
  privateKey: KeyObject,
  claims: CredentialClaims,
): Promise<string> {
  return new SignJWT({ ...claims, iss: ISSUER })
    .setProtectedHeader({
      alg: ALGORITHM,
      kid: keyIdOf(createPublicKey(privateKey)),
      typ: "JWT",
    })
    .sign(privateKey);
}
