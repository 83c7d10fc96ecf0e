/**
 * Who calls: the bearer token of a request, verified once and remembered.
 *
 * @module
 */
import {
  AccessError,
  bearerToken,
  type Credential,
  type CredentialVerifier,
} from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";

const PREFIX = "Bearer ";
const CHALLENGE = Object.freeze({ "www-authenticate": 'Bearer realm="countroom"' });

/** A credential and the token that it was read from. */
export interface Caller {
  readonly credential: Credential;
  readonly token: string;
}

/** Checks callers. */
export class Gate {
  readonly #verifier: CredentialVerifier;
  #last: { readonly header: string; readonly credential: Credential } | undefined;

  constructor(verifier: CredentialVerifier) {
    this.#verifier = verifier;
  }

  /**
   * The credential of a header seen before, without waiting; undefined: ask {@link caller}. Most
   * requests in a row carry the same header, and comparing is cheaper than looking up.
   */
  remembered(header: string | null): Credential | undefined {
    if (header === null) return undefined;
    const last = this.#last;
    if (last?.header === header && last.credential.expiresAt === undefined) return last.credential;
    if (!header.startsWith(PREFIX)) return undefined;
    const credential = this.#verifier.cached(header.slice(PREFIX.length));
    if (credential !== undefined) this.#last = { header, credential };
    return credential;
  }

  /** The caller, or the answer that turns it away. */
  async caller(header: string | null): Promise<Caller | Response> {
    const token = bearerToken(header);
    if (token === undefined) return unauthenticated(Code.ACCESS_UNAUTHENTICATED);
    const credential = await this.credential(token);
    return typeof credential === "number" ? unauthenticated(credential) : { credential, token };
  }

  /** The credential of a token, or the code that says why there is none. */
  async credential(token: string): Promise<Credential | Code> {
    try {
      return this.#verifier.cached(token) ?? (await this.#verifier.verify(token));
    } catch (error) {
      if (error instanceof AccessError) return Code[error.code];
      throw error;
    }
  }
}

function unauthenticated(code: Code): Response {
  return problemResponse(code, { headers: CHALLENGE });
}
