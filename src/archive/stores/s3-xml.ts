/**
 * The little XML that S3 speaks: flat elements, no attributes that matter, no CDATA.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Inner text of every element of this name, in order. Elements must not nest in themselves. */
export function xmlElements(xml: string, name: string): readonly string[] {
  const found: string[] = [];
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g");
  for (const match of xml.matchAll(pattern)) found.push(match[1]!);
  return found;
}

/** Decoded text of the first element of this name. */
export function xmlText(xml: string, name: string): string | undefined {
  const inner = xmlElements(xml, name)[0];
  return inner === undefined ? undefined : decode(inner);
}

function decode(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]{1,6}|\w{2,4});/g, (whole, entity: string) => {
    if (!entity.startsWith("#")) return ENTITIES[entity] ?? whole;
    const code = entity.startsWith("#x")
      ? Number.parseInt(entity.slice(2), 16)
      : Number.parseInt(entity.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
