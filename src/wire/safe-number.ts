/** A count, seq or time from the wire as a number. Throws beyond 2^53 - 1 in either direction. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is not a safe integer`);
  return number;
}
