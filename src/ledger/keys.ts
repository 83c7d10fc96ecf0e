/**
 * Keys of the maps that hold state. NUL joins the parts: validated names never contain it.
 *
 * @module
 */
import type { AccountKind } from "./accounts.ts";
import type { LedgerObject } from "./objects.ts";
import type { IdentityKey } from "./types.ts";

/** The key made last. A record asks for its keys several times, and a new key must be hashed. */
interface Memo {
  first: string;
  second: string;
  third: string;
  key: string;
}

const lastBet: Memo = { first: "", second: "", third: "", key: "\0\0" };
const lastRound: Memo = { first: "", second: "", third: "", key: "\0\0" };
const lastHouse: (Memo | undefined)[] = [];

function joined(memo: Memo, operatorId: string, source: string, name: string): string {
  if (memo.third === name && memo.second === source && memo.first === operatorId) return memo.key;
  memo.first = operatorId;
  memo.second = source;
  memo.third = name;
  return (memo.key = `${operatorId}\0${source}\0${name}`);
}

/** Key of a bet: the operator's source and the caller's id of the bet. */
export function betKey(operatorId: string, source: string, txnId: string): string {
  return joined(lastBet, operatorId, source, txnId);
}

/** Key of a round: the operator's source and the caller's id of the round. */
export function roundKey(operatorId: string, source: string, roundId: string): string {
  return joined(lastRound, operatorId, source, roundId);
}

/** The caller's id in the key of a round. */
export function roundIdOf(key: string): string {
  return key.slice(key.lastIndexOf("\0") + 1);
}

/** The caller's id in the key of a bet. */
export function txnIdOf(key: string): string {
  return roundIdOf(key);
}

/** Key of an operator's account: `kind|qualifier|currency|operator`. */
export function houseKey(
  kind: AccountKind,
  qualifier: string,
  currency: string,
  operatorId: string,
): string {
  const memo = lastHouse[kind];
  if (
    memo !== undefined &&
    memo.first === qualifier &&
    memo.second === currency &&
    memo.third === operatorId
  ) {
    return memo.key;
  }
  const key = `${kind}|${qualifier}|${currency}|${operatorId}`;
  lastHouse[kind] = { first: qualifier, second: currency, third: operatorId, key };
  return key;
}

/** Key of an object: its kind, the operator, and the object's own key. */
export function objectKey(object: LedgerObject["object"], operatorId: string, key: string): string {
  return `${object}|${operatorId}\0${key}`;
}

/** The operator in the key of an object. */
export function operatorOfObject(key: string): string {
  return key.slice(key.indexOf("|") + 1, key.indexOf("\0"));
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
