/**
 * Goal: children are started, heard, spoken to and stopped, also the stubborn ones. Method: real
 * children of this runtime.
 */
import { describe, expect, test } from "bun:test";
import { spawn } from "../../src/runtime/index.ts";

const script = (code: string): string[] => [process.execPath, "-e", code];

describe("a child", () => {
  test("is heard line by line on both streams", async () => {
    const out: string[] = [];
    const err: string[] = [];
    const child = await spawn({
      command: script("console.log('one\\ntwo'); console.error('three'); process.exit(7)"),
      onStdout: (line) => void out.push(line),
      onStderr: (line) => void err.push(line),
    });
    expect(await child.exited).toEqual({ code: 7, signal: null });
    for (let turn = 0; turn < 100 && out.length + err.length < 3; turn += 1) await Bun.sleep(10);
    expect(out).toEqual(["one", "two"]);
    expect(err).toEqual(["three"]);
  });

  test("is spoken to, and notices the end of what it is told", async () => {
    const out: string[] = [];
    const child = await spawn({
      command: script("process.stdin.pipe(process.stdout)"),
      stdin: true,
      onStdout: (line) => void out.push(line),
    });
    child.write("hello\n");
    child.end();
    expect((await child.exited).code).toBe(0);
    for (let turn = 0; turn < 100 && out.length < 1; turn += 1) await Bun.sleep(10);
    expect(out).toEqual(["hello"]);
    expect(() => child.write("too late\n")).not.toThrow();
  });

  test("has the environment it is given, and no other", async () => {
    const out: string[] = [];
    const child = await spawn({
      command: script("console.log(JSON.stringify([process.env.A, process.env.HOME]))"),
      env: { A: "1", PATH: process.env["PATH"] },
      onStdout: (line) => void out.push(line),
    });
    await child.exited;
    for (let turn = 0; turn < 100 && out.length < 1; turn += 1) await Bun.sleep(10);
    expect(JSON.parse(out[0] ?? "")).toEqual(["1", null]);
  });

  test("stops when asked", async () => {
    const child = await spawn({ command: script("setInterval(() => {}, 1000)") });
    expect(await child.stop(5_000)).toEqual({ code: null, signal: "SIGTERM" });
    expect(await child.stop(5_000)).toEqual({ code: null, signal: "SIGTERM" });
  });

  test("that won't stop is killed", async () => {
    const lines: string[] = [];
    const child = await spawn({
      command: script(
        "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 1000)",
      ),
      onStdout: (line) => void lines.push(line),
    });
    for (let turn = 0; turn < 300 && lines.length < 1; turn += 1) await Bun.sleep(10);
    expect(await child.stop(200)).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("that can't be started rejects", async () => {
    expect(spawn({ command: ["/nowhere/program"] })).rejects.toThrow();
    expect(spawn({ command: [] })).rejects.toThrow(TypeError);
  });
});
