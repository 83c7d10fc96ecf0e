/**
 * The public keys under which checkpoints are verified.
 *
 * @module
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, OperatorError } from "../../ops/index.ts";

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** Keys in a PEM file, one or several. @throws OperatorError PUBLIC_KEY_UNREADABLE */
export function readPublicKeys(path: string): KeyObject[] {
  try {
    const blocks = readFileSync(path, "utf8").match(PEM) ?? [];
    const keys = blocks.map((pem) => createPublicKey(pem));
    if (keys.length > 0 && keys.every((key) => key.asymmetricKeyType === "ed25519")) return keys;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

/** Keys in a deployment's `signing.pub`; none without that file, which the audit says. */
export function folderPublicKeys(keysDir: string): KeyObject[] {
  const path = join(keysDir, "signing.pub");
  return existsSync(path) ? readPublicKeys(path) : [];
}

function unreadable(path: string, cause?: unknown): OperatorError {
  const message = `${path} holds no Ed25519 public key in PEM`;
  return new OperatorError("PUBLIC_KEY_UNREADABLE", message, {
    hint: "Give a copy of the deployment's keys/signing.pub with --public-key.",
    exitCode: EXIT.usage,
    cause,
  });
}
