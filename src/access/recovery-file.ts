/**
 * The recovery file: an age identity, and in a comment the key that signs the deployment's
 * checkpoints. Whoever holds the public half can seal a set for this identity; the comment tells
 * a restore whose sets to believe.
 *
 * @module
 */
import { createPublicKey, type KeyObject } from "node:crypto";

const SIGNER = /^# signing key: ([A-Za-z0-9+/=]+)$/m;
const IDENTITY = /^AGE-SECRET-KEY-1[0-9A-Z]+$/m;

/** The file's text. */
export function recoveryFile(identity: string, signer: KeyObject): string {
  const key = signer.export({ type: "spki", format: "der" }).toString("base64");
  return `# signing key: ${key}\n${identity}\n`;
}

/** The identity alone; the text itself when it holds none. */
export function identityIn(text: string): string {
  return IDENTITY.exec(text)?.[0] ?? text;
}

/**
 * The signing key that the file names, undefined when it names none.
 *
 * @throws when what it names is no key
 */
export function signerIn(text: string): KeyObject | undefined {
  const key = SIGNER.exec(text)?.[1];
  if (key === undefined) return undefined;
  return createPublicKey({ key: Buffer.from(key, "base64"), type: "spki", format: "der" });
}
