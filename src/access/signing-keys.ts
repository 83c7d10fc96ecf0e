/**
 * The files of the key that signs checkpoints, through its changes.
 *
 * | file | holds |
 * | --- | --- |
 * | signing.key | the private half that signs |
 * | signing.next.key | the one that will, while a rotation is under way |
 * | signing.pub | public halves that are believed, newest first; up to where, before the older |
 * | signing.chain | how each followed the one before; see `wire/key-chain.ts` |
 *
 * ```text
 * -----BEGIN PUBLIC KEY----- … the newest
 * # until epoch 1 size 8
 * -----BEGIN PUBLIC KEY----- … believed of checkpoints up to there and of no later one
 * ```
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
import { readdirSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../ops/index.ts";
import { BELIEVED_NOWHERE, type KeyBound, type Signer } from "../wire/index.ts";
import { readKeyFile, replaceFile, syncFolder, writeOnce } from "./key-files.ts";
import { SIGNERS_MAX } from "./limits.ts";

const BOUND = String.raw`(?:^# until epoch ([1-9]\d{0,14}) size (\d{1,15})\r?\n)?`;
const KEY = "(-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----)";
const BLOCK = new RegExp(BOUND + KEY, "gm");

/** Leftovers of {@link replaceFile} and `writeOnce`. */
const UNFINISHED = /^signing\.(?:next\.key|key|pub|chain)\.[0-9a-f]{12}\.tmp$/;

/**
 * The public keys of a PEM text, in its order. Only the first may be without a bound: an older key
 * of which the text doesn't say where it ended is believed of nothing.
 *
 * @throws when one of them is no key
 */
export function publicKeysIn(pem: string): readonly Signer[] {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0 || blocks.length > SIGNERS_MAX) {
    throw new TypeError(`${blocks.length} public keys, 1 to ${SIGNERS_MAX} were expected`);
  }
  return blocks.map(([, epoch, size, block = ""], at): Signer => {
    const key = createPublicKey(block);
    if (epoch !== undefined) return { key, until: { epoch: Number(epoch), size: Number(size) } };
    return at === 0 ? { key } : { key, until: BELIEVED_NOWHERE };
  });
}

function pemOf({ key, until }: Signer): string {
  const pem = key.export({ type: "spki", format: "pem" }).toString();
  if (until === undefined || until.epoch === BELIEVED_NOWHERE.epoch) return pem;
  return `# until epoch ${until.epoch} size ${until.size}\n${pem}`;
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

  /**
   * Removes what a process that was killed was writing: half of a private key may lie in it. The
   * caller holds the book's lock.
   */
  sweep(): void {
    for (const name of readdirSync(this.#dir)) {
      if (!UNFINISHED.test(name)) continue;
      const path = this.#path(name);
      const file = openSync(path, "r+");
      try {
        scrub(file);
      } finally {
        closeSync(file);
      }
      rmSync(path, { force: true });
    }
    syncFolder(this.#dir);
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
   * half stays among those believed, up to `until`: what it signed stays true.
   */
  install(next: KeyObject, until: KeyBound): void {
    const [current, pub] = [this.#path("signing.key"), this.#path("signing.pub")];
    const own = createPublicKey(readKeyFile(current, { secret: true }));
    const others = publicKeysIn(readKeyFile(pub, { secret: false })).filter(
      ({ key }) => !key.equals(next) && !key.equals(own),
    );
    const known: readonly Signer[] = [
      { key: next },
      { key: own, until },
      ...others.map((signer) => ({ until: BELIEVED_NOWHERE, ...signer })),
    ];
    replaceFile(pub, known.slice(0, SIGNERS_MAX).map(pemOf).join(""), { secret: false });
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
  #keys: readonly Signer[] = [];

  constructor(dir: string) {
    this.#path = join(dir, "signing.pub");
  }

  /** Keys whose checkpoints are believed, and up to where, newest first. */
  keys(): readonly Signer[] {
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
