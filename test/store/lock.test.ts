/**
 * Goal: a folder has one writer, and a writer that dies leaves no lock behind.
 * Method: a second process takes the lock and is killed.
 */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLock } from "../../src/store/lock.ts";

test("the lock is exclusive, and dies with its process", async () => {
  const dir = mkdtempSync(join(tmpdir(), "countroom-lock-"));
  const path = join(dir, "deep", "lock.db");
  const source = join(import.meta.dir, "../../src/store/lock.ts");
  const script = `
    const { openLock } = await import(${JSON.stringify(source)});
    openLock(${JSON.stringify(path)}, "primary");
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  try {
    const reader = child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("held");
    expect(() => openLock(path, "primary")).toThrow("another primary works on");
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  const lock = openLock(path, "primary");
  expect(() => openLock(path, "primary")).toThrow("another primary");
  lock.release();
  openLock(path, "primary").release();
  rmSync(dir, { recursive: true });
});
