/** Starts the S3 stand-in for a test and pulls its levers. */
import { join } from "node:path";
import type { Fault } from "./faults.ts";
import type { BucketLock } from "./locks.ts";
import type { AccessKey } from "./sigv4.ts";
import type { JournalEntry } from "./world.ts";

const START_MS_MAX = 10_000;

/** A writer's key as the runbook would cut it, plus what tests need. */
export const WRITER: AccessKey = {
  id: "005writer0000000001",
  secret: "K005writer+secret/with=signs",
  capabilities: [
    "listFiles",
    "readFiles",
    "writeFiles",
    "readFileRetentions",
    "writeFileRetentions",
  ],
};

export interface FakeS3 extends AsyncDisposable {
  readonly url: string;
  readonly region: string;
  bucket(name: string, lock?: BucketLock): Promise<void>;
  key(key: AccessKey): Promise<void>;
  fault(fault: Fault): Promise<void>;
  calm(): Promise<void>;
  set(values: { clockOffsetMs?: number; legacy?: boolean }): Promise<void>;
  tamper(bucket: string, key: string, at: number, xor: number): Promise<void>;
  purge(bucket: string, key: string): Promise<void>;
  /** Requests since the last call. */
  journal(): Promise<JournalEntry[]>;
}

export async function startFakeS3(region = "eu-central-003"): Promise<FakeS3> {
  const command = [process.execPath, join(import.meta.dir, "main.ts"), "--region", region];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit", stdin: "ignore" });
  const timer = setTimeout(() => child.kill(), START_MS_MAX);
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error("the S3 stand-in did not start");
    text += new TextDecoder().decode(value);
  }
  clearTimeout(timer);
  const { url } = JSON.parse(text) as { url: string };
  const call = async (action: string, body: unknown): Promise<unknown> => {
    const reply = await fetch(`${url}/_admin/${action}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`/_admin/${action} answered ${reply.status}`);
    return reply.json();
  };
  const fake: FakeS3 = {
    url,
    region,
    bucket: async (name, lock = { enabled: true }) => void (await call("bucket", { name, lock })),
    key: async (key) => void (await call("key", key)),
    fault: async (fault) => void (await call("fault", fault)),
    calm: async () => void (await call("calm", {})),
    set: async (values) => void (await call("set", values)),
    tamper: async (bucket, key, at, xor) => void (await call("tamper", { bucket, key, at, xor })),
    purge: async (bucket, key) => void (await call("purge", { bucket, key })),
    journal: async () => (await call("journal", {})) as JournalEntry[],
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
    },
  };
  await fake.key(WRITER);
  return fake;
}
