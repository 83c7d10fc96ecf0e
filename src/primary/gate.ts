/**
 * Who may call the ledger at all. What a call's events may do is decided event by event.
 *
 * @module
 */
import {
  Code as ConnectCode,
  ConnectError,
  createContextKey,
  type HandlerContext,
} from "@connectrpc/connect";
import { AccessError, bearerToken, type Credential, type CredentialVerifier } from "../access/index.ts";

const NOBODY = Object.freeze({}) as Credential;

/** The caller's own credential, in the values of a call's context. */
export const callerKey = createContextKey<Credential>(NOBODY, {
  description: "credential of the calling process",
});

/** Processes that read the book: publishers and such, and people who administer it. */
const READERS: ReadonlySet<string> = new Set(["edge", "publisher", "system"]);
/** Processes that bring events. */
const WRITERS: ReadonlySet<string> = new Set(["edge", "system"]);

/** Turns calls away that show no token of the right role, before their body is read. */
export function ledgerGate(verifier: CredentialVerifier): (context: HandlerContext) => Promise<void> {
  return async (context) => {
    const token = bearerToken(context.requestHeader.get("authorization"));
    if (token === undefined) throw unauthenticated("ACCESS_UNAUTHENTICATED: no token");
    const credential = verifier.cached(token) ?? (await verify(verifier, token));
    const roles = context.method.name === "Append" ? WRITERS : READERS;
    if (!roles.has(credential.role) && !credential.scopes.has("admin")) {
      const message = `ACCESS_SCOPE: a token of role ${credential.role} may not do this`;
      throw new ConnectError(message, ConnectCode.PermissionDenied);
    }
    context.values.set(callerKey, credential);
  };
}

async function verify(verifier: CredentialVerifier, token: string): Promise<Credential> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (error instanceof AccessError) throw unauthenticated(`${error.code}: ${error.message}`);
    throw error;
  }
}

function unauthenticated(message: string): ConnectError {
  return new ConnectError(message, ConnectCode.Unauthenticated);
}
