/**
 * Helper: snapshots and restores of a stopped book in this process, and plain copies to compare
 * them with.
 */
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { openStore, parseIdentities, restore, takeSnapshot } from "../../../src/archive/index.ts";
import { loadKeys } from "../../../src/access/index.ts";
import { parsePlace } from "../../../src/archive/index.ts";
import { nowMs } from "../budget.ts";
import { serveCalls } from "../child.ts";

function storeAt(path: string) {
  return openStore(parsePlace(path), path, { env: {} });
}

serveCalls({
  /** Takes a snapshot into a new folder; answers its bytes before encryption, and milliseconds. */
  async snapshot({ dir, to }: { dir: string; to: string }): Promise<{ ms: number; bytes: number }> {
    const keysDir = join(dir, "keys");
    const recipients = [readFileSync(join(keysDir, "recovery.pub"), "utf8").trim()];
    const began = nowMs();
    const report = await takeSnapshot({ dataDir: dir, keysDir, store: storeAt(to), recipients });
    return { ms: nowMs() - began, bytes: report.rawBytes };
  },
  /** Restores and proves it; answers the records and the milliseconds. */
  async restore({ dir, from, to }: { dir: string; from: string; to: string }) {
    const keysDir = join(dir, "keys");
    const began = nowMs();
    const { seq } = await restore({
      store: storeAt(from),
      wanted: {},
      target: to,
      identities: parseIdentities(readFileSync(join(keysDir, "recovery.key"), "utf8")),
      trusted: loadKeys(keysDir).signingPublic,
    });
    return { ms: nowMs() - began, seq };
  },
  /** Copies the files of a book, synced; answers the bytes and the milliseconds. */
  copy({ dir, to }: { dir: string; to: string }): { ms: number; bytes: number } {
    mkdirSync(to, { recursive: true });
    const from = join(dir, "primary");
    const names = readdirSync(from).filter((name) => /^(ledger|state)\.db$/.test(name));
    let bytes = 0;
    const began = nowMs();
    for (const name of names) {
      copyFileSync(join(from, name), join(to, name));
      const file = openSync(join(to, name), "r+");
      fsyncSync(file);
      closeSync(file);
      bytes += statSync(join(to, name)).size;
    }
    return { ms: nowMs() - began, bytes };
  },
  remove({ path }: { path: string }): void {
    rmSync(path, { recursive: true, force: true });
  },
});
