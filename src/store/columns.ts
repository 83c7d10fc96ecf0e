/**
 * Column types whose values in code are what they say. Drizzle's own `integer()` claims to be a
 * number also when the driver answers bigint, and its `blob()` copies every value.
 *
 * @module
 */
import { customType } from "drizzle-orm/sqlite-core";

/** An amount: bigint in code. Read it through a connection with safe integers. */
export const minor = customType<{ data: bigint; driverData: bigint }>({
  dataType: () => "integer",
});

/** A seq, epoch, version or time: a safe integer in code, whatever the connection answers. */
export const count = customType<{ data: number; driverData: number | bigint }>({
  dataType: () => "integer",
  fromDriver(value) {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is not a safe integer`);
    return number;
  },
});

/** Bytes, as the driver hands them over. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "blob",
});
