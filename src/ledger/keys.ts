/**
 * Keys of the maps that hold state. NUL joins the parts: validated names never contain it.
 *
 * @module
 */
import type { AccountKind } from "./accounts.ts";
import type { IdentityKey } from "./types.ts";

/** Key of a bet: the operator's source and the caller's id of the bet. */
export function betKey(operatorId: string, source: string, txnId: string): string {
  return `${operatorId}\0${source}\0${txnId}`;
}

/** Key of a round: the operator's source and the caller's id of the round. */
export function roundKey(operatorId: string, source: string, roundId: string): string {
  return `${operatorId}\0${source}\0${roundId}`;
}

/** Key of an operator's account: `kind|qualifier|currency|operator`. */
export function houseKey(
  kind: AccountKind,
  qualifier: string,
  currency: string,
  operatorId: string,
): string {
  return `${kind}|${qualifier}|${currency}|${operatorId}`;
}

/** Key of a messenger identity: operator, id of the hash's key, and the keyed hash in hex. */
export function identityKey(operatorId: string, keyId: string, hashHex: string): IdentityKey {
  return `${operatorId}\0${keyId}\0${hashHex}`;
}

/** The parts of an identity key. */
export function splitIdentityKey(key: IdentityKey): {
  operatorId: string;
  keyId: string;
  hashHex: string;
} {
  const [operatorId = "", keyId = "", hashHex = ""] = key.split("\0");
  return { operatorId, keyId, hashHex };
}
