/**
 * Goal: a process that dies is back soon, one that must not come back doesn't, and none outlives
 * its supervisor.
 * Method: real processes that are killed.
 */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SupervisedChild } from "../../src/cli/dev/child.ts";
import type { ChildRole } from "../../src/cli/dev/plan.ts";
import { logger } from "../../src/ops/index.ts";
import { freePort, gone, until } from "./processes.ts";

const children: SupervisedChild[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
});

async function supervise(env: Record<string, string>, role: ChildRole = "edge", serve = true) {
  const port = await freePort();
  const seen = { ready: 0, fatal: [] as (number | null)[] };
  const child = new SupervisedChild(
    {
      role, name: "test", url: `http://127.0.0.1:${port}`, port, args: [],
      probe: "/readyz",
      script: "test/cli/scripts/child.ts",
      env: { ...process.env, ...(serve ? { CHILD_PORT: `${port}` } : {}), ...env },
    },
    logger("test", { level: "silent" }),
    { onReady: () => (seen.ready += 1), onFatal: ({ code }) => seen.fatal.push(code) },
  );
  children.push(child);
  return { child, seen };
}

test("a killed child is started again, quickly and each time", async () => {
  const { child, seen } = await supervise({});
  await child.start();
  for (let times = 1; times <= 2; times += 1) {
    const { pid } = child;
    process.kill(pid, "SIGKILL");
    await until(() => seen.ready === times);
    expect(child.pid).not.toBe(pid);
    expect((await fetch(child.plan.url)).status).toBe(200);
  }
  const { pid } = child;
  await child.stop();
  expect(gone(pid)).toBe(true);
  await Bun.sleep(300);
  expect(seen).toEqual({ ready: 2, fatal: [] });
});

test("a child that can't start is an error with its exit code", async () => {
  const { child } = await supervise({ CHILD_END: "3" }, "primary", false);
  await expect(child.start()).rejects.toMatchObject({
    code: "CHILD_FAILED", message: "test ended at once (exit code 3)", exitCode: 1,
  });
});

test("a fenced primary isn't started again, another child with that code is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countroom-child-"));
  try {
    const mark = join(folder, "primary");
    const primary = await supervise({ CHILD_END: "5", CHILD_MARK: mark }, "primary");
    const mark2 = join(folder, "edge");
    const edge = await supervise({ CHILD_END: "5", CHILD_MARK: mark2 }, "edge");
    await Promise.all([primary.child.start(), edge.child.start()]);
    await until(() => primary.seen.fatal.length === 1 && edge.seen.ready === 1);
    expect(primary.seen).toEqual({ ready: 0, fatal: [5] });
    expect(edge.seen).toEqual({ ready: 1, fatal: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("children of a killed supervisor end with it", async () => {
  const script = join(import.meta.dirname, "scripts/parent.ts");
  const parent = Bun.spawn([process.execPath, script, `${await freePort()}`], { stdout: "pipe" });
  const reader = parent.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value).trim());
  expect(gone(pid)).toBe(false);
  parent.kill("SIGKILL");
  await until(() => gone(pid));
});
