/**
 * The ledger's gate for plain HTTP routes.
 *
 * @module
 */
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import type { CredentialVerifier } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";
import { LedgerGate } from "./gate.ts";

const CHALLENGE = { "www-authenticate": 'Bearer realm="countroom"' } as const;

/** Says with a problem what the service says with an error. */
export class HttpGate {
  readonly #gate: LedgerGate;

  constructor(verifier: CredentialVerifier) {
    this.#gate = new LedgerGate(verifier);
  }

  /** Whether an edge, a publisher or the system calls, on a route that is open to anybody. */
  async knows(header: Headers): Promise<boolean> {
    if (!header.has("authorization")) return false;
    return (await this.admitReader(header)) === undefined;
  }

  /** Undefined: an edge, a publisher or the system calls. Otherwise the answer to the caller. */
  async admitReader(header: Headers): Promise<Response | undefined> {
    try {
      await this.#gate.admitReader(header);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      if (error.code === ConnectCode.PermissionDenied) {
        return problemResponse(Code.ACCESS_SCOPE, {
          detail: "API keys don't read the whole book.",
        });
      }
      return problemResponse(Code.ACCESS_UNAUTHENTICATED, { headers: CHALLENGE });
    }
  }
}
