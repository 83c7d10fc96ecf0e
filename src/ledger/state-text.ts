/**
 * Parts of the state as text: what few rows have, in columns that hold whatever it is.
 *
 * JSON, in which an integer beyond numbers is `"#123"`, and a text that begins with `#` has two.
 * Members come in the order in which the rules make them, so one state has one spelling.
 *
 * @module
 */

/** A value of the state as text; "" for undefined. */
export function stateText(value: unknown): string {
  if (value === undefined) return "";
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (typeof inner === "bigint") return `#${inner}`;
    return typeof inner === "string" && inner.startsWith("#") ? `#${inner}` : inner;
  });
}

/** The value of such a text. The text must be one that was made here. */
export function stateValue<Value>(text: string): Value | undefined {
  if (text === "") return undefined;
  return JSON.parse(text, (_name, inner: unknown) => {
    if (typeof inner !== "string" || !inner.startsWith("#")) return inner;
    return inner.startsWith("##") ? inner.slice(1) : BigInt(inner.slice(1));
  }) as Value;
}
