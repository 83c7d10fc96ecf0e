/**
 * The worker's end of a {@link WorkerPool}: takes its order, listens, follows the supervisor.
 *
 * @module
 */
import type { Server } from "../runtime/index.ts";
import { heard, listen, say, WorkerNews, WorkerOrder } from "./child-messages.ts";
import type { KeeperStatus } from "./keeper-status.ts";
import type { ReplicaUser } from "./replica-keeper.ts";

/** A running worker. */
export interface WorkerBody {
  readonly user: ReplicaUser;
  readonly server: Server;
  /** The supervisor told how keeping the replica goes. */
  hear(status: KeeperStatus): void;
}

/**
 * Runs a worker: `start` is called once with the order, and the rest of standard input is
 * followed. The process ends when the supervisor is gone.
 */
export function serveWorker(
  start: (port: number, program: unknown) => Promise<WorkerBody>,
  onFailure: (error: unknown) => void,
): void {
  let body: Promise<WorkerBody> | undefined;
  listen((line) => {
    if (body === undefined) {
      const order = heard(WorkerOrder, line);
      if (order === undefined) return;
      body = start(order.port, order.program);
      body.then(({ server }) => say({ listening: server.port }), onFailure);
      return;
    }
    const news = heard(WorkerNews, line);
    if (news !== undefined) void body.then((running) => follow(running, news));
  });
}

async function follow(body: WorkerBody, news: WorkerNews): Promise<void> {
  if ("keeper" in news) return body.hear(news.keeper);
  try {
    await body.user.use(news.use ?? undefined);
    say({ used: news.number, good: true });
  } catch {
    say({ used: news.number, good: false });
  }
}
