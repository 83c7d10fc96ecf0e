/**
 * JSON as a wire format should be read: no key twice, no deep nesting.
 *
 * @module
 */

/** A value, or one sentence on why the text has none. */
export type StrictJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Parses JSON. `JSON.parse` keeps the last of two equal keys in silence; this refuses both. */
export function parseStrictJson(text: string, depthMax: number): StrictJson {
  const fault = structureFault(text, depthMax);
  if (fault !== undefined) return { ok: false, message: fault };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, message: "the body is not JSON" };
  }
}

/** Looks at keys and brackets only; whether the rest is JSON is not judged here. */
function structureFault(text: string, depthMax: number): string | undefined {
  /** The keys of each open object, undefined for each open array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      if (open.length === depthMax) return `the body is nested more than ${depthMax} deep`;
      open.push(char === OPEN_OBJECT ? new Set() : undefined);
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) {
      open.pop();
    } else if (char === QUOTE) {
      const start = at;
      at = endOfString(text, at);
      const keys = open.at(-1);
      if (keys === undefined || !isKey(text, at + 1)) continue;
      const key = unquoted(text.slice(start, at + 1));
      if (keys.has(key)) return `the key ${key.slice(0, 64)} is given twice`;
      keys.add(key);
    }
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;
const SPACE = 0x20;

/** Index of the closing quote, or the text's length. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at;
    at += char === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

function isKey(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** Two spellings of one key, such as with and without escapes, are the same key. */
function unquoted(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
