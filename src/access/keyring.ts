/**
 * The keys of a deployment, one file each.
 *
 * | file | holds |
 * | --- | --- |
 * | signing.key, .pub, .chain | Ed25519, signs checkpoints; see `signing-keys.ts` |
 * | access.key, .pub | Ed25519, signs credentials |
 * | identity.key | keyed hashes of messenger ids |
 * | games.key | server seeds of house games |
 * | recovery.key, .pub | age X25519, wraps the keys of backups |
 * | *.jwt | credentials of processes and API keys |
 * | telegram.json | token and webhook secret of the Telegram stand-in |
 *
 * @module
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { OperatorError } from "../ops/index.ts";
import { randomBytes, randomHex } from "../runtime/index.ts";
import type { Signer } from "../wire/index.ts";
import type { CredentialClaims } from "./credential.ts";
import {
  API_KEYS,
  apiClaims,
  botClaims,
  edgeClaims,
  publisherClaims,
  replicaClaims,
  searchClaims,
} from "./dev-credentials.ts";
import type { IdentityKeyMaterial } from "./identity.ts";
import { issueCredential } from "./issue.ts";
import { identityIn, recoveryFile } from "./recovery-file.ts";
import { readKeyFile, writeOnce } from "./key-files.ts";
import { SignersFile } from "./signing-keys.ts";

/** A pair of Ed25519 keys. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The Telegram stand-in's bot. */
export interface TelegramKeys {
  readonly token: string;
  readonly secret: string;
}

/** Reads keys when they are asked for: a process holds only those it was given. */
export class Keys {
  readonly dir: string;
  readonly #signers: SignersFile;

  constructor(dir: string) {
    this.dir = dir;
    this.#signers = new SignersFile(dir);
  }

  /** Signs checkpoints. */
  get signing(): KeyPair {
    return this.#pair("signing.key");
  }

  /** Verifies checkpoints: the key that signs them now. */
  get signingPublic(): KeyObject {
    return this.signers()[0]!.key;
  }

  /**
   * Verifies checkpoints: every key that is believed, and up to where, newest first. The file is
   * read again when it was changed.
   */
  signers(): readonly Signer[] {
    return this.#signers.keys();
  }

  /** The same for the process that signs, which believes itself before anybody tells it to. */
  ownSigners(): readonly Signer[] {
    const own = this.signing.publicKey;
    if (!existsSync(join(this.dir, "signing.pub"))) return [{ key: own }];
    return [{ key: own }, ...this.signers().filter(({ key }) => !key.equals(own))];
  }

  /** Signs credentials. */
  get access(): KeyPair {
    return this.#pair("access.key");
  }

  /** Verifies credentials. */
  get accessPublic(): KeyObject {
    return this.#public("access.pub");
  }

  /** Hashes messenger ids. */
  get identity(): IdentityKeyMaterial {
    const key = this.#json<{ key_id: unknown; secret: unknown }>("identity.key");
    if (typeof key.key_id !== "string" || key.key_id === "") throw this.#damaged("identity.key");
    return { keyId: key.key_id, secret: this.#hex(String(key.secret), "identity.key") };
  }

  /** Key of the server seeds, 32 bytes. */
  get games(): Uint8Array {
    return this.#hex(readKeyFile(join(this.dir, "games.key"), { secret: true }), "games.key");
  }

  /** Private half of the recovery key: `AGE-SECRET-KEY-1…`. */
  get recoveryIdentity(): string {
    return identityIn(readKeyFile(join(this.dir, "recovery.key"), { secret: true }));
  }

  /** Public half of the recovery key: `age1…`. */
  get recoveryRecipient(): string {
    return readKeyFile(join(this.dir, "recovery.pub"), { secret: false });
  }

  get telegram(): TelegramKeys {
    const { token, secret } = this.#json<Partial<TelegramKeys>>("telegram.json");
    if (typeof token !== "string" || typeof secret !== "string") {
      throw this.#damaged("telegram.json");
    }
    return { token, secret };
  }

  /** The token in `<name>.jwt`: `edge-eu`, `publisher`, `bot`, `api-play`… */
  token(name: string): string {
    return readKeyFile(join(this.dir, `${name}.jwt`), { secret: true });
  }

  #pair(file: string): KeyPair {
    const pem = readKeyFile(join(this.dir, file), { secret: true });
    const privateKey = this.#parse(file, () => createPrivateKey(pem));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }

  #public(file: string): KeyObject {
    const pem = readKeyFile(join(this.dir, file), { secret: false });
    return this.#parse(file, () => createPublicKey(pem));
  }

  #hex(text: string, file: string): Uint8Array {
    if (!/^[0-9a-f]{64}$/.test(text)) throw this.#damaged(file);
    return new Uint8Array(Buffer.from(text, "hex"));
  }

  #json<Shape>(file: string): Shape {
    const text = readKeyFile(join(this.dir, file), { secret: true });
    return this.#parse(file, () => JSON.parse(text) as Shape);
  }

  #parse<Result>(file: string, parse: () => Result): Result {
    try {
      return parse();
    } catch {
      // The cause may quote the key.
      throw this.#damaged(file);
    }
  }

  #damaged(file: string): OperatorError {
    return new OperatorError("KEY_DAMAGED", `${join(this.dir, file)} does not hold a key`, {
      hint: "restore the deployment's keys from its backup; a new key would orphan its players",
    });
  }
}

/** The keys in a folder; nothing is read yet. */
export function loadKeys(dir: string): Keys {
  return new Keys(dir);
}

/**
 * Creates what is missing of a development deployment's keys, and nothing else. `guests` name
 * replicas that are nobody's edge.
 */
export async function ensureDevKeys(
  dir: string,
  regions: readonly string[],
  guests: readonly string[] = [],
): Promise<Keys> {
  const keys = new Keys(dir);
  await ensurePair(dir, "signing");
  await ensurePair(dir, "access");
  await writeOnce(join(dir, "identity.key"), identityFile(), { secret: true });
  await writeOnce(join(dir, "games.key"), `${randomHex(32)}\n`, { secret: true });
  await writeOnce(join(dir, "telegram.json"), telegramFile(), { secret: true });
  await ensureRecovery(keys);
  for (const region of regions) await ensureToken(keys, `edge-${region}`, edgeClaims(region));
  for (const name of guests) await ensureToken(keys, `edge-${name}`, replicaClaims(name));
  await ensureToken(keys, "publisher", publisherClaims());
  await ensureToken(keys, "search", searchClaims());
  await ensureToken(keys, "bot", botClaims());
  for (const name of API_KEYS) await ensureToken(keys, `api-${name}`, apiClaims(name));
  return keys;
}

async function ensurePair(dir: string, name: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeOnce(join(dir, `${name}.key`), pem, { secret: true });
  // Derived from what is on disk: another process may have been first.
  const stored = createPrivateKey(readKeyFile(join(dir, `${name}.key`), { secret: true }));
  const spki = createPublicKey(stored).export({ type: "spki", format: "pem" }).toString();
  await writeOnce(join(dir, `${name}.pub`), spki, { secret: false });
}

/**
 * A restored folder has the public half only, and backups go on being sealed for it: a new pair
 * is made when there is neither half.
 */
async function ensureRecovery(keys: Keys): Promise<void> {
  const { dir } = keys;
  const [privateFile, publicFile] = [join(dir, "recovery.key"), join(dir, "recovery.pub")];
  if (existsSync(publicFile)) return;
  const made = recoveryFile(await generateX25519Identity(), keys.signingPublic);
  await writeOnce(privateFile, made, { secret: true });
  const recipient = await identityToRecipient(keys.recoveryIdentity);
  await writeOnce(publicFile, `${recipient}\n`, { secret: false });
}

async function ensureToken(keys: Keys, name: string, claims: CredentialClaims): Promise<void> {
  const token = await issueCredential(keys.access.privateKey, claims);
  await writeOnce(join(keys.dir, `${name}.jwt`), `${token}\n`, { secret: true });
}

function identityFile(): string {
  return `${JSON.stringify({ key_id: randomHex(4), secret: randomHex(32) })}\n`;
}

/** A token of the form Telegram gives out: digits, a colon, 35 characters. */
function telegramFile(): string {
  const id = 7_000_000_000 + (Buffer.from(randomBytes(4)).readUInt32BE() % 999_999_999);
  const token = `${id}:AA${Buffer.from(randomBytes(32)).toString("base64url").slice(0, 33)}`;
  return `${JSON.stringify({ token, secret: randomHex(24) })}\n`;
}
