/**
 * Audits one replica and says what it found. A process of its own, because hashing every row of a
 * large replica would hold up the requests.
 *
 * @module
 */
import { setPriority } from "node:os";
import { auditReplica } from "../store/replica-audit.ts";
import { AuditOrder, heard, listen, say } from "./child-messages.ts";

/** Requests and syncing go first. */
const NICENESS = 10;

listen((line) => {
  const order = heard(AuditOrder, line);
  if (order === undefined) return;
  if (order.pauseMs > 0) setPriority(NICENESS);
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, order.pauseMs));
  // The supervisor closes the input once it has heard: ending here could cut the message off.
  void auditReplica(order.path, pause).then((audit) => say({ audit }));
});
