/**
 * What a supervisor and its children say to each other: one JSON object per line, to the child's
 * standard input and from its standard output. A closed input means that the supervisor is gone.
 *
 * @module
 */
import { createInterface } from "node:readline";
import * as v from "valibot";

/** The order to hold a replica. The token goes this way because arguments are public. */
export const SyncOrder = v.strictObject({
  path: v.string(),
  syncUrl: v.string(),
  authToken: v.string(),
});
export type SyncOrder = v.InferOutput<typeof SyncOrder>;

/** The order to audit a replica. `pauseMs` is slept between slices of rows. */
export const AuditOrder = v.strictObject({ path: v.string(), pauseMs: v.number() });
export type AuditOrder = v.InferOutput<typeof AuditOrder>;

/** An auditor's only message. */
export const AuditResult = v.object({
  audit: v.object({
    epoch: v.number(),
    feed: v.string(),
    seq: v.number(),
    rows: v.number(),
    badBuckets: v.array(v.number()),
  }),
});

/** Writes one message to standard output. */
export function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A line as a message of the given shape; undefined when it is anything else. */
export function heard<Schema extends v.GenericSchema>(
  schema: Schema,
  line: string,
): v.InferOutput<Schema> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const message = v.safeParse(schema, JSON.parse(line));
    return message.success ? message.output : undefined;
  } catch {
    return undefined;
  }
}

/** Calls back for each line of standard input, and ends the process when it closes. */
export function listen(onLine: (line: string) => void): void {
  createInterface({ input: process.stdin })
    .on("line", onLine)
    .on("close", () => process.exit(0));
}

const Place = v.object({ path: v.string(), epoch: v.number(), feed: v.string() });

/** A worker's first message: where to listen, and whatever its program needs to know. */
export const WorkerOrder = v.object({ port: v.number(), program: v.unknown() });

/** What a worker is told later: a replica to use, or how the keeping of it goes. */
export const WorkerNews = v.union([
  v.object({ use: v.nullable(Place), number: v.number() }),
  v.object({
    keeper: v.object({
      isFed: v.boolean(),
      builds: v.number(),
      failedBuilds: v.number(),
      resumes: v.number(),
      condemned: v.number(),
    }),
  }),
]);

export type WorkerNews = v.InferOutput<typeof WorkerNews>;

/** What a worker says: it listens, or it switched replicas. */
export const WorkerAnswer = v.union([
  v.object({ listening: v.number() }),
  v.object({ used: v.number(), good: v.boolean() }),
]);
