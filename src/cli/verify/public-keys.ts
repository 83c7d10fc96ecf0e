/**
 * The public keys under which checkpoints are verified.
 *
 * @module
 */
import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, OperatorError } from "../../ops/index.ts";
import { type SigningKey, withChain } from "../../verify/index.ts";

const UNTIL = String.raw`(?:^# until epoch (\d{1,15}) size (\d{1,15})\r?\n)?`;
const PEM = "(-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----)";
const BLOCKS = new RegExp(UNTIL + PEM, "gm");

/**
 * Keys in a PEM file, newest first. A line before an older one says up to where it signed, as in a
 * deployment's signing.pub; without that line it proves nothing.
 *
 * @throws OperatorError PUBLIC_KEY_UNREADABLE
 */
export function readPublicKeys(path: string): SigningKey[] {
  try {
    const blocks = [...readFileSync(path, "utf8").matchAll(BLOCKS)];
    const keys = blocks.map(([, epoch, size, pem = ""], at): SigningKey => {
      const key = createPublicKey(pem);
      if (epoch !== undefined) return { key, until: { epoch: Number(epoch), size: Number(size) } };
      return at === 0 ? { key } : { key, until: { epoch: 0, size: 0 } };
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

/**
 * The keys, and what a chain of rotations proves about them.
 *
 * @throws OperatorError KEY_CHAIN_UNREADABLE
 */
export function extendKeys(keys: readonly SigningKey[], path: string): readonly SigningKey[] {
  let cause: unknown;
  try {
    const extended = withChain(keys, readFileSync(path, "utf8"));
    if (extended !== undefined) return extended;
  } catch (error) {
    cause = error;
  }
  throw new OperatorError("KEY_CHAIN_UNREADABLE", `${path} holds no chain of signing keys`, {
    hint: "Give a copy of the deployment's keys/signing.chain with --chain.",
    exitCode: EXIT.usage,
    cause,
  });
}

/**
 * The same with the chain that lies in a deployment's folder of keys. None, or one that can't be
 * read, adds nothing: what then isn't proven is said.
 */
export function extendByFolder(
  keys: readonly SigningKey[],
  keysDir: string,
): readonly SigningKey[] {
  const path = join(keysDir, "signing.chain");
  return existsSync(path) ? (withChain(keys, readFileSync(path, "utf8")) ?? keys) : keys;
}

function unreadable(path: string, cause?: unknown): OperatorError {
  const message = `${path} holds no Ed25519 public key in PEM`;
  return new OperatorError("PUBLIC_KEY_UNREADABLE", message, {
    hint: "Give a copy of the deployment's keys/signing.pub with --public-key.",
    exitCode: EXIT.usage,
    cause,
  });
}
