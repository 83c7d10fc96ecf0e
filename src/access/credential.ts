/**
 * Credentials: who calls, and what they may bring.
 *
 * @module
 */
import { PAYLOAD_TYPES, type PayloadType } from "../ledger/index.ts";

/**
 * What a process or an API key is. A `replica` holds a copy of the wallet and may do nothing else:
 * only the publisher's sync routes take it. A `search` process may follow the Tail, and no more.
 */
export const ROLES = ["edge", "replica", "publisher", "search", "bot", "api", "system"] as const;
export type Role = (typeof ROLES)[number];

/** Sources of what the primary brings itself. Nobody's credential may have them. */
export const OWN_SOURCES: readonly string[] = ["primary", "system"];

/** What an API key may do. */
export const SCOPES = ["read", "play", "cashier", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Event types, as the payload is named in the contract. */
export const EVENT_TYPES = PAYLOAD_TYPES;
export type EventType = PayloadType;

/** The claims of a signed credential. */
export interface CredentialClaims {
  /** The holder's name, for logs. */
  readonly sub: string;
  readonly role: Role;
  /** The operator that events are brought for. */
  readonly op?: string;
  /** The source that idempotency keys and bets belong to. */
  readonly src?: string;
  readonly scopes?: readonly Scope[];
  readonly events?: readonly EventType[];
  /** Currency codes, or "*". */
  readonly currencies?: readonly string[];
  /** Event types that may use other currencies than `currencies`, by type. */
  readonly event_currencies?: Readonly<Record<string, readonly string[]>>;
  /** Payment rails deposits may come from. */
  readonly rails?: readonly string[];
  /** Largest win of one settlement in minor units, by currency or "*". */
  readonly win_ceiling?: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly exp?: number;
}

/** What the subject of an edge's or a replica's credential begins with; its name follows. */
const EDGE_SUBJECT = "edge-";

/** The subject of the edge or the replica of that name. */
export function edgeSubject(name: string): string {
  return EDGE_SUBJECT + name;
}

/** A verified credential, made for quick answers. */
export interface Credential {
  readonly subject: string;
  readonly role: Role;
  readonly operatorId: string;
  readonly source: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly events: ReadonlySet<string>;
  readonly rails: ReadonlySet<string>;
  /** Seconds since 1970, or undefined when it doesn't expire. */
  readonly expiresAt: number | undefined;
  allowsCurrency(event: string, currency: string): boolean;
  /** Largest win in minor units; 0 when the credential names none. */
  winCeiling(currency: string): bigint;
}

/** Makes a credential of verified claims. */
export function credentialFrom(claims: CredentialClaims): Credential {
  const currencies = new Set(claims.currencies ?? []);
  const byEvent = new Map(
    Object.entries(claims.event_currencies ?? {}).map(([event, codes]) => [event, new Set(codes)]),
  );
  const ceilings = new Map(
    Object.entries(claims.win_ceiling ?? {}).map(([code, minor]) => [code, BigInt(minor)]),
  );
  return Object.freeze({
    subject: claims.sub,
    role: claims.role,
    operatorId: claims.op ?? "",
    source: claims.src ?? "",
    scopes: new Set(claims.scopes ?? []),
    events: new Set(claims.events ?? []),
    rails: new Set(claims.rails ?? []),
    expiresAt: claims.exp,
    allowsCurrency: (event: string, currency: string) => {
      const allowed = byEvent.get(event) ?? currencies;
      return allowed.has("*") || allowed.has(currency);
    },
    winCeiling: (currency: string) => ceilings.get(currency) ?? ceilings.get("*") ?? 0n,
  });
}
