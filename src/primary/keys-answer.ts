/**
 * `GET /v1/keys`: which keys sign this deployment's checkpoints, and how each followed the one
 * before. Nothing here is to be believed for being told: a caller checks the chain from a key that
 * it has from elsewhere.
 *
 * @module
 */
import { SigningFiles, type Keys } from "../access/index.ts";
import { checkpointKeyId, rawPublicKey, verifierKey, type KeyLinkJson } from "../wire/index.ts";

/** The body of the answer; keys change only while the primary is stopped. */
export function keysAnswer(keys: Keys, deployment: string): string {
  const lines = new SigningFiles(keys.dir).chain.split("\n").filter((line) => line !== "");
  return JSON.stringify({
    keys: keys.ownSigners().map(({ key }) => ({
      key_id: checkpointKeyId(deployment, key),
      public_key: rawPublicKey(key).toString("base64"),
      verifier_key: verifierKey(deployment, key),
    })),
    rotations: lines.map((line) => JSON.parse(line) as KeyLinkJson),
  });
}
