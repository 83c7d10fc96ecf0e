/**
 * Goal: a role process says when it is ready, drains on a signal, never hangs, and its exit code
 * tells what happened. Method: real processes and real signals.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { scriptCommand, spawn } from "../../src/runtime/index.ts";

const SCRIPT = join(import.meta.dir, "role.ts");

async function run(behaviour: string, signals: readonly ("SIGTERM" | "SIGINT")[]) {
  const out: string[] = [];
  const err: string[] = [];
  const child = await spawn({
    command: scriptCommand(SCRIPT, [behaviour]),
    onStdout: (line) => {
      out.push(line);
      if (line.startsWith("{")) for (const signal of signals) child.kill(signal);
    },
    onStderr: (line) => void err.push(line),
  });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), 8_000);
  const start = performance.now();
  const { code } = await child.exited;
  clearTimeout(watchdog);
  await Bun.sleep(20);
  return { pid: child.pid, code, out, err: err.join("\n"), ms: performance.now() - start };
}

describe("a role process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("drains on %s and ends with 0", async (signal) => {
    const { pid, code, out } = await run("good", [signal]);
    expect(JSON.parse(out[0] ?? "")).toEqual({
      ready: true,
      role: "test",
      url: "http://127.0.0.1:1",
      pid,
    });
    expect(out[1]).toBe("drained");
    expect(code).toBe(0);
  });

  test("drains once, however often it is told", async () => {
    const { code, out } = await run("good", ["SIGTERM", "SIGTERM", "SIGTERM"]);
    expect(out.slice(1)).toEqual(["drained"]);
    expect(code).toBe(0);
  });

  test("that can't drain in time ends by its watchdog", async () => {
    const { code, err, ms } = await run("stuck", ["SIGTERM"]);
    expect(code).toBe(1);
    expect(err).toContain("did not end in time");
    expect(ms).toBeLessThan(5_000);
  });

  test("whose drain fails ends with 1 and says so", async () => {
    const { code, err } = await run("failing", ["SIGTERM"]);
    expect(code).toBe(1);
    expect(err).toContain("can't drain");
  });

  test("may end itself with a code of its own, drained", async () => {
    const { code, out } = await run("fenced", []);
    expect(out.at(-1)).toBe("drained");
    expect(code).toBe(5);
  });
});

describe("a command that fails", () => {
  test("for a reason the operator can act on shows code and hint", async () => {
    const { code, err } = await run("refusing", []);
    expect(code).toBe(5);
    expect(err).toBe("BOOK_SEALED: the folder is sealed\n  hint: countroom promote --confirm");
  });

  test("for any other reason ends with 1", async () => {
    const { code, err } = await run("broken", []);
    expect(code).toBe(1);
    expect(err).toContain("oops");
  });
});
