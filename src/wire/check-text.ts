/**
 * Checks of the strings that an event carries.
 *
 * @module
 */

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HEX_32 = /^[0-9a-f]{32}$/;

/** Canonical lower-case text of a UUIDv7 (RFC 9562). */
export function isUuidV7(text: string): boolean {
  return text.length === 36 && UUID_V7.test(text);
}

/** 32 lower-case hex digits: a W3C trace id, the id of a reign. */
export function isHex32(text: string): boolean {
  return text.length === 32 && HEX_32.test(text);
}

/**
 * At most `bytesMax` bytes of UTF-8 that print: no control characters, line separators, byte order
 * marks or lone surrogates. The empty text passes.
 */
export function isPlainText(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return false;
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      if (unit < 0x20 || unit === 0x7f) return false;
      bytes += 1;
    } else if (unit < 0x800) {
      if (unit < 0xa0) return false;
      bytes += 2;
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = text.charCodeAt(at + 1);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
      at += 1;
      bytes += 4;
    } else {
      if (unit === 0x2028 || unit === 0x2029 || unit === 0xfeff || unit >= 0xfffe) return false;
      bytes += 3;
    }
  }
  return bytes <= bytesMax;
}
