/**
 * Known answers for the ciphers, checked before anything is sealed or opened: runtimes have
 * shipped with a GCM that was wrong on one platform.
 *
 * @module
 */
import { createCipheriv, hkdfSync } from "node:crypto";
import { ArchiveError } from "../errors.ts";
import { blockNonce, openBlock, sealBlock } from "./keys.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16 (AES-256 with AAD). */
export const GCM_CASE_16 = {
  key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
  nonce: hex("cafebabefacedbaddecaf888"),
  plain: hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  ),
  aad: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
  cipher: hex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
  ),
  tag: hex("76fc6ece0f4e1768cddf8853bb2d551b"),
} as const;

/** RFC 5869, appendix A.1. */
export const HKDF_CASE_1 = {
  key: hex("0b".repeat(22)),
  salt: hex("000102030405060708090a0b0c"),
  info: hex("f0f1f2f3f4f5f6f7f8f9"),
  okm: hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
} as const;

/** Throws when this build's ciphers give wrong answers. */
export function assertCryptoSound(): void {
  const { key, nonce, plain, aad, cipher: expected, tag } = GCM_CASE_16;
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(aad);
  const body = cipher.update(plain);
  cipher.final();
  if (!body.equals(expected) || !cipher.getAuthTag().equals(tag)) wrong("AES-256-GCM");

  const { okm } = HKDF_CASE_1;
  const derived = hkdfSync("sha256", HKDF_CASE_1.key, HKDF_CASE_1.salt, HKDF_CASE_1.info, 42);
  if (!Buffer.from(derived).equals(okm)) wrong("HKDF-SHA256");

  const block = new Uint8Array(100_003).fill(7);
  const own = blockNonce(new Uint8Array(7), 1, true);
  const sealed = sealBlock(key, own, block);
  sealed[50_000]! ^= 1;
  if (openBlock(key, own, sealed) !== undefined) wrong("AES-256-GCM authentication");
}

function wrong(what: string): never {
  throw new ArchiveError("ARCHIVE_CRYPTO_BROKEN", `this runtime computes ${what} wrongly`, {
    hint: "Use another build of the runtime; nothing was written.",
  });
}
