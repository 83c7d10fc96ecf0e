/**
 * Brings node_modules in line with the lock file, so that a fresh checkout needs one command.
 * Runs before every package script and must not import a dependency.
 */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const stamp = join(root, "node_modules", ".countroom-lock");

function lockDigest(): string {
  const hash = createHash("sha256");
  for (const name of ["package.json", "bun.lock"]) hash.update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

function installed(): boolean {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockDigest();
}

if (!installed()) {
  process.stderr.write("Installing the locked dependencies…\n");
  const result = spawnSync(process.execPath, ["install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    const why = "The dependencies could not be installed; is the package registry reachable?\n";
    process.stderr.write(why);
    process.exit(1);
  }
  writeFileSync(stamp, lockDigest());
}
