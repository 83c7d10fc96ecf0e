/** The tests' levers, under /_admin: no bucket can be called so. */
import { Bucket } from "./buckets.ts";
import type { Fault } from "./faults.ts";
import type { BucketLock } from "./locks.ts";
import type { S3Response } from "./request.ts";
import type { AccessKey } from "./sigv4.ts";
import type { World } from "./world.ts";

const json = (value: unknown): S3Response => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** Changes stored bytes behind everybody's back, as rot and thieves do. */
interface Tampering extends ObjectName {
  readonly at: number;
  readonly xor: number;
}

/** Acts on one admin call. */
export function admin(world: World, action: string, body: string): S3Response {
  const input: unknown = body === "" ? {} : JSON.parse(body);
  switch (action) {
    case "bucket": {
      const { name, lock } = input as { name: string; lock: BucketLock };
      world.buckets.set(name, new Bucket(name, lock));
      return json({});
    }
    case "key": {
      const key = input as AccessKey;
      world.keys.set(key.id, key);
      return json({});
    }
    case "fault":
      world.faults.arm(input as Fault);
      return json({});
    case "calm":
      world.faults.clear();
      return json({});
    case "set": {
      const { clockOffsetMs, legacy } = input as { clockOffsetMs?: number; legacy?: boolean };
      world.clockOffsetMs = clockOffsetMs ?? world.clockOffsetMs;
      world.legacy = legacy ?? world.legacy;
      return json({});
    }
    case "journal":
      return json(world.journal.splice(0));
    case "tamper": {
      const { bucket, key, at, xor } = input as Tampering;
      const version = world.buckets.get(bucket)!.find(key, null);
      const changed = version.bytes.slice();
      changed[at]! ^= xor;
      version.bytes = changed;
      return json({});
    }
    case "purge": {
      const { bucket, key } = input as ObjectName;
      const found = world.buckets.get(bucket)!;
      found.remove(found.find(key, null));
      return json({});
    }
    default:
      return { status: 404 };
  }
}
