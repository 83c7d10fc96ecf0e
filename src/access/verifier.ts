/**
 * Verifies credentials, and remembers the ones that were good.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import { errors, jwtVerify, type JWTHeaderParameters, type JWTPayload } from "jose";
import * as v from "valibot";
import type { Clock } from "../runtime/index.ts";
import {
  credentialFrom,
  EVENT_TYPES,
  OWN_SOURCES,
  ROLES,
  SCOPES,
  type Credential,
} from "./credential.ts";
import { AccessError } from "./errors.ts";
import { ALGORITHM, ISSUER, keyIdOf } from "./issue.ts";
import {
  CLAIM_LIST_MAX,
  CLOCK_TOLERANCE_SECONDS,
  CREDENTIAL_CACHE_MAX,
  TOKEN_CHARS_MAX,
} from "./limits.ts";

const Name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/));
const Source = v.pipe(
  Name,
  v.check((name) => !OWN_SOURCES.includes(name)),
);
const CurrencyName = v.union([v.literal("*"), v.pipe(v.string(), v.regex(/^[A-Z0-9]{2,12}$/))]);
const Minor = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,18})$/));
const list = <Item extends v.GenericSchema>(item: Item) =>
  v.pipe(v.array(item), v.maxLength(CLAIM_LIST_MAX));

const Claims = v.strictObject({
  iss: v.literal(ISSUER),
  sub: Name,
  role: v.picklist(ROLES),
  op: v.optional(Name),
  src: v.optional(Source),
  scopes: v.optional(list(v.picklist(SCOPES))),
  events: v.optional(list(v.picklist(EVENT_TYPES))),
  currencies: v.optional(list(CurrencyName)),
  event_currencies: v.optional(v.record(v.picklist(EVENT_TYPES), list(CurrencyName))),
  rails: v.optional(list(Name)),
  win_ceiling: v.optional(v.record(CurrencyName, Minor)),
  exp: v.optional(v.pipe(v.number(), v.safeInteger())),
  iat: v.optional(v.pipe(v.number(), v.safeInteger())),
});

/** Accepts tokens signed with one of the given Ed25519 keys, by nothing else than EdDSA. */
export class CredentialVerifier {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Credential>();

  constructor(publicKeys: KeyObject | readonly KeyObject[], options: { readonly clock: Clock }) {
    const keys = Array.isArray(publicKeys) ? publicKeys : [publicKeys as KeyObject];
    this.#keys = new Map(keys.map((key: KeyObject) => [keyIdOf(key), key]));
    this.#clock = options.clock;
  }

  /** The credential of a token verified before and still valid, without waiting. */
  cached(token: string): Credential | undefined {
    const credential = this.#cache.get(token);
    if (credential === undefined || !this.#expired(credential)) return credential;
    this.#cache.delete(token);
    return undefined;
  }

  /** The credential of a token. Throws an {@link AccessError} when it isn't good. */
  async verify(token: string): Promise<Credential> {
    const known = this.cached(token);
    if (known !== undefined) return known;
    if (token === "" || token.length > TOKEN_CHARS_MAX) throw unauthenticated("no usable token");
    const claims = v.safeParse(Claims, await this.#open(token));
    if (!claims.success) throw unauthenticated("the token's claims are not ours");
    const credential = credentialFrom(claims.output);
    if (this.#expired(credential)) throw expired();
    this.#remember(token, credential);
    return credential;
  }

  async #open(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.#key(header), {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(this.#clock.nowUs() / 1000),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw expired();
      throw unauthenticated("the token does not verify", error);
    }
  }

  #key(header: JWTHeaderParameters): KeyObject {
    const key = this.#keys.get(header.kid ?? "");
    if (key === undefined) throw unauthenticated("the token names no known key");
    return key;
  }

  #expired(credential: Credential): boolean {
    if (credential.expiresAt === undefined) return false;
    return this.#clock.nowUs() / 1e6 >= credential.expiresAt + CLOCK_TOLERANCE_SECONDS;
  }

  #remember(token: string, credential: Credential): void {
    if (this.#cache.size >= CREDENTIAL_CACHE_MAX) {
      // A Map keeps its order of insertion, so the first is the oldest.
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    this.#cache.set(token, credential);
  }
}

function unauthenticated(message: string, cause?: unknown): AccessError {
  return new AccessError("ACCESS_UNAUTHENTICATED", message, cause);
}

function expired(): AccessError {
  return new AccessError("ACCESS_EXPIRED", "the token has expired");
}

/** The token of an `Authorization: Bearer …` header, or undefined. */
export function bearerToken(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined) return undefined;
  const parts = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(header);
  return parts?.[1];
}
