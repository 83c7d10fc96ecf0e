/**
 * Wraps an object's key to X25519 recipients as small age files (age-encryption.org/v1), so that
 * whoever writes an archive can't read it.
 *
 * @module
 */
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { ArchiveError, damaged } from "../errors.ts";
import { RECIPIENTS_MAX } from "../limits.ts";
import { DEK_BYTES } from "./keys.ts";

const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;
const IDENTITY = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;
/** age-encryption's message when a file is addressed to others. */
const NOT_ADDRESSED = /no identity matched/i;

/** Checks recipients given by people: X25519 only, at least one, each once. */
export function parseRecipients(texts: readonly string[]): readonly string[] {
  const recipients = [...new Set(texts.map((text) => text.trim()))];
  if (recipients.length === 0 || recipients.length > RECIPIENTS_MAX) {
    throw new ArchiveError("ARCHIVE_USAGE", `1 to ${RECIPIENTS_MAX} recipients are needed`, {
      hint: "Give --recipient age1…, or keep recovery.pub in the deployment's keys folder.",
    });
  }
  for (const recipient of recipients) {
    if (RECIPIENT.test(recipient)) continue;
    throw new ArchiveError("ARCHIVE_USAGE", "a recipient isn't an X25519 age recipient", {
      hint: "A recipient begins with age1 and has 62 characters.",
    });
  }
  return recipients;
}

/** Reads the identities of an age identity file; comments and empty lines are skipped. */
export function parseIdentities(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0 || identities.some((identity) => !IDENTITY.test(identity))) {
    throw new ArchiveError("ARCHIVE_IDENTITY_WRONG", "the identity file holds no age identity", {
      hint: "Give --identity FILE whose line begins with AGE-SECRET-KEY-1.",
    });
  }
  return identities;
}

/** The key as one age file per recipient, in their order, base64. */
export function wrapKey(dek: Uint8Array, recipients: readonly string[]): Promise<string[]> {
  const wrap = async (recipient: string): Promise<string> => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return Buffer.from(await encrypter.encrypt(dek)).toString("base64");
  };
  return Promise.all(recipients.map(wrap));
}

/** Opens the first wrap that is addressed to one of the identities. */
export async function unwrapKey(
  object: string,
  wraps: readonly string[],
  recipients: readonly string[],
  identities: readonly string[],
): Promise<Uint8Array> {
  const own = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
  for (const [at, wrapped] of wraps.entries()) {
    const dek = await tryWrap(object, wrapped, identities);
    if (dek !== undefined) return dek;
    if (!own.includes(recipients[at]!)) continue;
    throw damaged(object, `the key wrapped to ${recipients[at]} in the header was changed`);
  }
  const to = recipients.join(", ");
  throw new ArchiveError(
    "ARCHIVE_IDENTITY_WRONG",
    `is sealed to ${to}, not to the given identity`,
    {
      object,
      hint: "Give --identity FILE with the private half of one of these recipients.",
    },
  );
}

async function tryWrap(
  object: string,
  wrapped: string,
  identities: readonly string[],
): Promise<Uint8Array | undefined> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const dek = await decrypter.decrypt(Buffer.from(wrapped, "base64"));
    if (dek.length === DEK_BYTES) return dek;
  } catch (cause) {
    if (cause instanceof Error && NOT_ADDRESSED.test(cause.message)) return undefined;
    throw damaged(object, "a wrapped key in the header was changed", cause);
  }
  throw damaged(object, "a wrapped key in the header has a wrong length");
}
