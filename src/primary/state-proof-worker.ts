/**
 * A thread that computes the digest of a share of `state.db`, and ends.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { sumsOfShare, type ProofShare } from "./state-proof.ts";

parentPort?.postMessage(sumsOfShare(workerData as ProofShare));
