/**
 * Goal: the test command never counts a crash, a hang or an empty run as success.
 * Method: the runner's own words, and real processes.
 */
import { expect, test } from "bun:test";
import { run } from "../../scripts/checks/process.ts";
import { readSummary } from "../../scripts/checks/suite.ts";

test("the numbers are the runner's last ones", () => {
  const noise = " 9 pass\n(pass) says 5 fail\n";
  const summary = " 3 pass\n 1 skip\n 2 fail\n 1 error\n 3 expect() calls\nRan 6 tests";
  expect(readSummary(noise + summary)).toEqual({ pass: 3, fail: 2, skip: 1 });
  expect(readSummary(" 4 pass\n 0 fail\n 2 errors\n")).toEqual({ pass: 4, fail: 2, skip: 0 });
  expect(readSummary("killed")).toEqual({ pass: 0, fail: 0, skip: 0 });
});

test("a tool's failure, its output and its hanging are told apart", async () => {
  const script = (code: string) => [process.execPath, "-e", code];
  const failing = "console.log('out'); console.error('err'); process.exit(3)";
  const failed = await run(script(failing), { limitSeconds: 20 });
  expect(failed).toMatchObject({ ok: false, exitCode: 3, timedOut: false });
  expect(failed.output).toContain("out");
  expect(failed.output).toContain("err");
  const hung = await run(script("setInterval(() => {}, 1e6)"), { limitSeconds: 0.5 });
  expect(hung).toMatchObject({ ok: false, timedOut: true });
});
