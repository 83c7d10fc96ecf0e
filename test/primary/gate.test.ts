/**
 * Goal: only processes that bring events or read the book get past the ledger's gate.
 * Method: real tokens of every role, and each of the gate's questions.
 */
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "bun:test";
import { CredentialVerifier, issueCredential, ROLES, type Role } from "../../src/access/index.ts";
import { LedgerGate } from "../../src/primary/gate.ts";
import { systemClock } from "../../src/runtime/index.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const gate = new LedgerGate(new CredentialVerifier(publicKey, { clock: systemClock }));

async function rights(role: Role): Promise<string> {
  const token = await issueCredential(privateKey, { sub: "edge-guest", role });
  const header = new Headers({ authorization: `Bearer ${token}` });
  const passes = async (admit: () => void | Promise<void>): Promise<boolean> => {
    try {
      await admit();
      return true;
    } catch {
      return false;
    }
  };
  const writes = await passes(() => gate.admitWriter(header));
  const reads = await passes(() => gate.admitReader(header));
  const follows = await passes(() => gate.admitFollower(header));
  const told = [writes ? "writes" : "", reads ? "reads" : "", follows ? "follows" : ""];
  return told.filter((one) => one !== "").join(" ");
}

test("each role has its rights and no others", async () => {
  const found = Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => [role, await rights(role)])),
  );
  expect(found).toEqual({
    edge: "writes reads follows",
    system: "writes reads follows",
    publisher: "reads follows",
    search: "follows",
    replica: "",
    bot: "",
    api: "",
  });
});
