/**
 * A request worker of an edge with several: started by `edge.ts`, which tells it everything.
 *
 * @module
 */
import type { RoleConfig } from "../config/index.ts";
import { NOTHING_KEPT, serveWorker, type Edge } from "../edge/index.ts";
import { EXIT, logger, onShutdown } from "../ops/index.ts";
import type { Server } from "../runtime/index.ts";
import { composeEdge, listen } from "./edge-process.ts";

let log = logger("edge");
const running: { edge?: Edge; server?: Server } = {};

const shutdown = onShutdown(
  async () => {
    await running.server?.stop();
    await running.edge?.[Symbol.asyncDispose]();
  },
  { log },
);

serveWorker(
  async (port, program) => {
    // The supervisor, this process's only caller, has read and checked it.
    const config = program as RoleConfig;
    log = logger("edge", { level: config.logLevel }).with({ worker: process.pid });
    let keeper = NOTHING_KEPT;
    const edge = await composeEdge(config, log, () => keeper);
    const server = listen(config, edge, port);
    Object.assign(running, { edge, server });
    return { user: edge, server, hear: (status) => (keeper = status) };
  },
  (error) => {
    log.error("the worker can't start", { error });
    void shutdown.stop(EXIT.failed);
  },
);
