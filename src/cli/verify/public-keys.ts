/**
 * The public keys under which checkpoints are verified.
 *
 * @module
 */
import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, OperatorError } from "../../ops/index.ts";
import type { SigningKey } from "../../verify/index.ts";

const UNTIL = String.raw`(?:^# until epoch (\d{1,15}) size (\d{1,15})\r?\n)?`;
const PEM = "(-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----)";
const BLOCKS = new RegExp(UNTIL + PEM, "gm");

/**
 * Keys in a PEM file, one or several. A line before a key may say up to where it signed, as in a
 * deployment's signing.pub. @throws OperatorError PUBLIC_KEY_UNREADABLE
 */
export function readPublicKeys(path: string): SigningKey[] {
  try {
    const blocks = [...readFileSync(path, "utf8").matchAll(BLOCKS)];
    const keys = blocks.map(([, epoch, size, pem = ""]): SigningKey => {
      const key = createPublicKey(pem);
      return epoch === undefined ? { key } : { key, until: boundOf(epoch, size) };
    });
    if (keys.length > 0 && keys.every(({ key }) => key.asymmetricKeyType === "ed25519")) {
      return keys;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

/** Keys in a deployment's `signing.pub`; none without that file, which the audit says. */
export function folderPublicKeys(keysDir: string): SigningKey[] {
  const path = join(keysDir, "signing.pub");
  return existsSync(path) ? readPublicKeys(path) : [];
}

function boundOf(epoch: string, size: string | undefined): SigningKey["until"] {
  return { epoch: Number(epoch), size: Number(size) };
}

function unreadable(path: string, cause?: unknown): OperatorError {
  const message = `${path} holds no Ed25519 public key in PEM`;
  return new OperatorError("PUBLIC_KEY_UNREADABLE", message, {
    hint: "Give a copy of the deployment's keys/signing.pub with --public-key.",
    exitCode: EXIT.usage,
    cause,
  });
}
