/**
 * Who may call the ledger at all. What a call's events may do is decided event by event.
 *
 * @module
 */
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import {
  AccessError,
  bearerToken,
  type Credential,
  type CredentialVerifier,
} from "../access/index.ts";

/** Processes that read the book. API keys belong to one operator, the book to all of them. */
const READERS: ReadonlySet<string> = new Set(["edge", "publisher", "system"]);
/** Processes that follow the records, and read nothing else. */
const FOLLOWERS: ReadonlySet<string> = new Set([...READERS, "search"]);
/** Processes that bring events. */
const WRITERS: ReadonlySet<string> = new Set(["edge", "system"]);

/** Turns calls away that show no token of the right role, before their body is read. */
export class LedgerGate {
  readonly #verifier: CredentialVerifier;

  constructor(verifier: CredentialVerifier) {
    this.#verifier = verifier;
  }

  /** Lets calls of Append pass. */
  admitWriter(header: Headers): void | Promise<void> {
    return this.#admit(header, WRITERS);
  }

  /** Lets calls of Tail pass. */
  admitFollower(header: Headers): void | Promise<void> {
    return this.#admit(header, FOLLOWERS);
  }

  /** Lets calls of everything else pass. */
  admitReader(header: Headers): void | Promise<void> {
    return this.#admit(header, READERS);
  }

  #admit(header: Headers, roles: ReadonlySet<string>): void | Promise<void> {
    const token = bearerToken(header.get("authorization"));
    if (token === undefined) throw unauthenticated("ACCESS_UNAUTHENTICATED: no token");
    const known = this.#verifier.cached(token);
    if (known !== undefined) return judge(known, roles);
    return verify(this.#verifier, token).then((credential) => judge(credential, roles));
  }
}

function judge(credential: Credential, roles: ReadonlySet<string>): void {
  if (roles.has(credential.role)) return;
  const message = `ACCESS_SCOPE: a token of role ${credential.role} may not do this`;
  throw new ConnectError(message, ConnectCode.PermissionDenied);
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
