/**
 * The files of the key that signs checkpoints, through its changes.
 *
 * | file | holds |
 * | --- | --- |
 * | signing.key | the private half that signs |
 * | signing.next.key | the one that will, while a rotation is under way |
 * | signing.pub | public halves that are believed, newest first |
 * | signing.chain | how each followed the one before; see `wire/key-chain.ts` |
 *
 * @module
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import { renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../ops/index.ts";
import { readKeyFile, replaceFile, syncFolder, writeOnce } from "./key-files.ts";
import { SIGNERS_MAX } from "./limits.ts";

const BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** The public keys of a PEM text, in its order. @throws when one of them is no key */
export function publicKeysIn(pem: string): readonly KeyObject[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || blocks.length > SIGNERS_MAX) {
    throw new TypeError(`${blocks.length} public keys, 1 to ${SIGNERS_MAX} were expected`);
  }
  return blocks.map((block) => createPublicKey(block));
}

/** The files in one folder. */
export class SigningFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Whether a rotation was begun and not finished. */
  get pending(): boolean {
    return existsSync(this.#path("signing.next.key"));
  }

  /** The text of `signing.chain`, empty before the first rotation. */
  get chain(): string {
    const path = this.#path("signing.chain");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Durable when it returns. */
  writeChain(text: string): void {
    replaceFile(this.#path("signing.chain"), text, { secret: false });
  }

  /** The key that will sign; made when there is none. */
  async next(): Promise<{ readonly privateKey: KeyObject; readonly publicKey: KeyObject }> {
    const path = this.#path("signing.next.key");
    const { privateKey: fresh } = generateKeyPairSync("ed25519");
    const pem = fresh.export({ type: "pkcs8", format: "pem" }).toString();
    await writeOnce(path, pem, { secret: true });
    syncFolder(this.#dir);
    const privateKey = createPrivateKey(readKeyFile(path, { secret: true }));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }

  /**
   * Puts the next key in the place of the present one, whose private half is destroyed. Its public
   * half stays among those believed: what it signed stays true.
   */
  install(next: KeyObject): void {
    const [current, pub] = [this.#path("signing.key"), this.#path("signing.pub")];
    const before = publicKeysIn(readKeyFile(pub, { secret: false }));
    const known = [next, ...before.filter((key) => !key.equals(next))].slice(0, SIGNERS_MAX);
    const pem = known.map((key) => key.export({ type: "spki", format: "pem" }).toString());
    replaceFile(pub, pem.join(""), { secret: false });
    // Opened before it loses its name, so that the old private half can be overwritten.
    const old = openSync(current, "r+");
    try {
      renameSync(this.#path("signing.next.key"), current);
      syncFolder(this.#dir);
      scrub(old);
    } finally {
      closeSync(old);
    }
  }

  #path(file: string): string {
    return join(this.#dir, file);
  }
}

/** Best effort: a copying file system or a disk's spare blocks may still hold the old bytes. */
function scrub(file: number): void {
  writeSync(file, Buffer.alloc(512), 0, 512, 0);
  fsyncSync(file);
  ftruncateSync(file, 0);
  fsyncSync(file);
}

/** Reads `signing.pub` again when it was changed. */
export class SignersFile {
  readonly #path: string;
  #read = "";
  #keys: readonly KeyObject[] = [];

  constructor(dir: string) {
    this.#path = join(dir, "signing.pub");
  }

  /** Keys whose checkpoints are believed, newest first. */
  keys(): readonly KeyObject[] {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    const version = found === undefined ? "" : `${found.ino}-${found.mtimeMs}-${found.size}`;
    if (version !== "" && version === this.#read) return this.#keys;
    const pem = readKeyFile(this.#path, { secret: false });
    try {
      this.#keys = publicKeysIn(pem);
    } catch (cause) {
      throw new OperatorError("KEY_DAMAGED", `${this.#path} does not hold public keys`, {
        hint: "put the deployment's signing.pub there, as the primary's folder of keys has it",
        cause,
      });
    }
    this.#read = version;
    return this.#keys;
  }
}
