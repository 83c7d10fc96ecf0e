/**
 * Opens an edge's replica for reading, with the driver that the runtime calls for.
 *
 * @module
 */
import { CHANGES_SLOTS } from "../../replicas/schema.ts";
import { runtimeName } from "../runtime/index.ts";
import { replicaReader, type ReplicaReader } from "./replica-reader.ts";

/**
 * Opens a replica that its syncer has declared complete. Opening one earlier would create an empty
 * file and break the syncer's first copy. Throws when the file isn't a replica.
 */
export async function openReplicaReader(path: string): Promise<ReplicaReader> {
  // Imported dynamically, so that no process ever holds two SQLite copies on one file.
  const driver =
    runtimeName === "bun" ? await import("./replica-bun.ts") : await import("./replica-libsql.ts");
  return replicaReader(driver.openStatements(path), CHANGES_SLOTS);
}

export type { ReplicaChanges, ReplicaHead, ReplicaReader, ReplicaRow } from "./replica-reader.ts";
