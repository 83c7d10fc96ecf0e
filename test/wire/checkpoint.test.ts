/**
 * Goal: a checkpoint is a C2SP signed note that others can verify, and a note that isn't ours is
 * never taken for one. Method: a note put together by hand from the specification, then every
 * single byte of it changed.
 */
import { describe, expect, test } from "bun:test";
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  BELIEVED_NOWHERE,
  CheckpointError,
  CheckpointFile,
  cosignCheckpoint,
  formatCheckpoint,
  newerCheckpoint,
  openCheckpoint,
  signCheckpoint,
  verifierKey,
  type Checkpoint,
  type CheckpointKeys,
  type KeyBound,
  type Signer,
} from "../../src/wire/index.ts";

/** The Ed25519 key whose seed is 32 times this byte. */
function keyOf(byte: number): { privateKey: KeyObject; publicKey: KeyObject; raw: Buffer } {
  // PKCS #8 of Ed25519 (RFC 8410): a fixed beginning, then the seed.
  const beginning = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([beginning, Buffer.alloc(32, byte)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey);
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return { privateKey, publicKey, raw };
}

const mine = keyOf(1);
const other = keyOf(2);

const checkpoint: Checkpoint = {
  deployment: "dev",
  epoch: 3,
  reign: "0123456789abcdef0123456789abcdef",
  size: 20_852_163,
  root: new Uint8Array(32).fill(0xab),
  state: new Uint8Array(32).fill(0x01),
  time: 1_795_251_011_139_001,
};

const text =
  "countroom/dev/3/0123456789abcdef0123456789abcdef\n" +
  "20852163\n" +
  "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n" +
  "state AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n" +
  "time 1795251011139001\n";

/** The signature line, by the letter of c2sp.org/signed-note. */
function signatureLine(name: string, key: typeof mine, signed: string): string {
  const id = createHash("sha256")
    .update(Buffer.concat([Buffer.from(`${name}\n\x01`, "latin1"), key.raw]))
    .digest()
    .subarray(0, 4);
  const signature = sign(null, Buffer.from(signed), key.privateKey);
  return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

const note = `${text}\n${signatureLine("countroom-dev", mine, text)}`;

function verdict(candidate: string, key: CheckpointKeys = mine.publicKey): string {
  try {
    openCheckpoint(candidate, key);
    return "ok";
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return error.code;
  }
}

describe("a checkpoint", () => {
  test("is the note made by hand, byte for byte", () => {
    expect(formatCheckpoint(checkpoint)).toBe(text);
    expect(signCheckpoint(checkpoint, mine.privateKey)).toBe(note);
    expect(note.split("\n")).toHaveLength(8);
  });

  test("reads back", () => {
    expect(openCheckpoint(note, mine.publicKey)).toEqual(checkpoint);
  });

  test("may carry signatures of witnesses", () => {
    const witnessed = `${text}\n${signatureLine("witness.example", other, text)}`;
    expect(verdict(`${witnessed}${signatureLine("countroom-dev", mine, text)}`)).toBe("ok");
    expect(verdict(witnessed)).toBe("CHECKPOINT_OTHER_KEY");
  });

  test("names its key as note tools want it", () => {
    const [name, id, key] = verifierKey("dev", mine.publicKey).split("+");
    expect(name).toBe("countroom-dev");
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(Buffer.from(key ?? "", "base64")).toEqual(Buffer.from([1, ...mine.raw]));
  });

  test("of a higher epoch is newer, then the larger tree", () => {
    const later = { ...checkpoint, epoch: 4, size: 1 };
    const longer = { ...checkpoint, size: checkpoint.size + 1 };
    expect(newerCheckpoint(checkpoint, later)).toBe(later);
    expect(newerCheckpoint(later, longer)).toBe(later);
    expect(newerCheckpoint(checkpoint, longer)).toBe(longer);
    expect(newerCheckpoint(longer, checkpoint)).toBe(longer);
  });
});

describe("a key that was replaced", () => {
  const { epoch, size } = checkpoint;
  const bounds: readonly (readonly [KeyBound | undefined, string])[] = [
    [undefined, "ok"],
    [{ epoch, size }, "ok"],
    [{ epoch: epoch + 1, size: size + 1 }, "ok"],
    [{ epoch, size: size - 1 }, "CHECKPOINT_OUTDATED_KEY"],
    [{ epoch: epoch - 1, size }, "CHECKPOINT_OUTDATED_KEY"],
    [{ epoch: epoch - 1, size: size + 1 }, "CHECKPOINT_OUTDATED_KEY"],
    [BELIEVED_NOWHERE, "CHECKPOINT_OUTDATED_KEY"],
  ];
  for (const [until, expected] of bounds) {
    test(`until ${until?.epoch}-${until?.size}: ${expected}`, () => {
      const replaced = { key: mine.publicKey, until };
      expect(verdict(note, [{ key: other.publicKey }, replaced])).toBe(expected);
      const cosigned = cosignCheckpoint(note, other.privateKey);
      expect(verdict(cosigned, [{ key: other.publicKey }, replaced])).toBe("ok");
      expect(verdict(cosigned, [replaced])).toBe(expected);
    });
  }

  test("no longer turns a primary away, once its thief's checkpoint isn't believed", () => {
    const path = join(mkdtempSync(join(tmpdir(), "countroom-seen-")), "checkpoint");
    let signers: readonly Signer[] = [{ key: mine.publicKey }];
    const file = new CheckpointFile(path, () => signers, "dev");
    const forged = { ...checkpoint, epoch: 9, reign: "f".repeat(32) };
    file.see(signCheckpoint(forged, mine.privateKey));
    expect(() => file.admit(epoch, size)).toThrow("epoch 9 has begun");
    signers = [{ key: other.publicKey }, { key: mine.publicKey, until: { epoch, size } }];
    file.admit(epoch, size);
    const seen = file.see(signCheckpoint(checkpoint, other.privateKey));
    expect([seen, file.newest]).toEqual([checkpoint, checkpoint]);
    expect(() => file.admit(epoch, size - 1)).toThrow("of this epoch were signed");
    rmSync(dirname(path), { recursive: true });
  });
});

describe("refused", () => {
  test("a signature by another key", () => {
    const forged = `${text}\n${signatureLine("countroom-dev", other, text)}`;
    expect(verdict(forged)).toBe("CHECKPOINT_OTHER_KEY");
    expect(verdict(note, other.publicKey)).toBe("CHECKPOINT_OTHER_KEY");
  });

  test("a signature of another text under the right key id", () => {
    const moved = text.replace("20852163", "20852164");
    expect(verdict(`${moved}\n${signatureLine("countroom-dev", mine, text)}`)).toBe(
      "CHECKPOINT_FORGED",
    );
  });

  test("another deployment's origin under our name", () => {
    const moved = text.replace("/dev/", "/prod/");
    expect(verdict(`${moved}\n${signatureLine("countroom-dev", mine, moved)}`)).toBe(
      "CHECKPOINT_OTHER_KEY",
    );
  });

  test.each([
    ["nothing", ""],
    ["no signature", text],
    ["no last newline", note.slice(0, -1)],
    ["an empty line more", note.replace("\n\n", "\n\n\n")],
    ["CRLF", note.replaceAll("\n", "\r\n")],
    ["a line more", `extra\n${note}`],
    ["a size with a leading zero", resigned("20852163", "020852163")],
    ["a negative size", resigned("20852163", "-1")],
    ["a size beyond 2^53", resigned("20852163", "9007199254740992")],
    ["a short root", resigned("q6urq6ur", "q6ur")],
    ["another spelling of the root", resigned("q6s=", "q6t=")],
    ["a root without padding", resigned("q6s=", "q6s")],
    ["no time", resigned("time ", "clock ")],
    ["an epoch of zero", resigned("/dev/3/", "/dev/0/")],
    ["a reign in upper case", resigned("abcdef\n", "ABCDEF\n")],
    ["five kilobytes", `${note}${"— x AAAA\n".repeat(600)}`],
  ])("%s", (_, candidate) => {
    expect(verdict(candidate)).toBe("CHECKPOINT_MALFORMED");
  });

  test("every note with one byte changed, except in what is not signed", () => {
    const bytes = Buffer.from(note);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x02;
      expect(verdict(changed.toString("utf8"))).not.toBe("ok");
    }
  });

  test("to be written: what would not read back", () => {
    expect(() => formatCheckpoint({ ...checkpoint, deployment: "a b" })).toThrow(TypeError);
    expect(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(31) })).toThrow(TypeError);
    expect(() => formatCheckpoint({ ...checkpoint, size: 1.5 })).toThrow(CheckpointError);
    expect(() => formatCheckpoint({ ...checkpoint, reign: "x" })).toThrow(CheckpointError);
  });
});

/** The note with a change in its text, properly signed: only the form is wrong. */
function resigned(from: string, to: string): string {
  const changed = text.replace(from, to);
  return `${changed}\n${signatureLine("countroom-dev", mine, changed)}`;
}
