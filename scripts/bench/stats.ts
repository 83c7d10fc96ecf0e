/** Medians, percentiles, and texts of figures. */

/** The value below which a share of the values lies; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, at)] ?? Number.NaN;
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[Math.floor(half)] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/** Three significant digits are what such measurements are worth. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** "12 k", "1.2 M", "0.34". */
export function short(value: number): string {
  if (value >= 1e6) return `${rounded(value / 1e6)} M`;
  if (value >= 1e4) return `${rounded(value / 1e3)} k`;
  return String(rounded(value));
}

/** Lowest and highest, as text. */
export function spread(values: readonly number[]): string {
  return `${short(Math.min(...values))}–${short(Math.max(...values))}`;
}
