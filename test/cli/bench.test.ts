/**
 * Goal: the benchmark prints what it measured and nothing else, keeps to its time, and leaves
 * nothing behind.
 * Method: the real command with one cheap row and a small budget; the figure itself isn't judged.
 */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resultOf, ROWS, selectRows } from "../../scripts/bench/rows.ts";
import { median, percentile, rounded } from "../../scripts/bench/stats.ts";
import { ROOT } from "../tree.ts";

async function bench(...words: readonly string[]) {
  const data = mkdtempSync(join(tmpdir(), "bench-test-"));
  const began = Bun.nanoseconds();
  const command = [process.execPath, join(ROOT, "src", "cli", "main.ts"), "bench", ...words];
  const env = { PATH: process.env["PATH"], TMPDIR: data };
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", env });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  const left = readdirSync(data);
  rmSync(data, { recursive: true, force: true });
  return { code, out, err, left, seconds: (Bun.nanoseconds() - began) / 1e9 };
}

test("one row, in time, as one document", async () => {
  const { code, out, left, seconds } = await bench("single", "--json", "--seconds", "15");
  const report = JSON.parse(out);
  expect(report.machine).toMatchObject({ cores: expect.any(Number), bun: Bun.version });
  const [row] = report.results;
  expect(report.results).toHaveLength(1);
  expect(row).toMatchObject({ name: "single.p50", unit: "ratio", goal: 1.2, better: "lower" });
  // On a machine too busy to measure, the row says so.
  if (row.value === null) expect(row.detail).toStartWith("not measured:");
  else expect(row.value).toBeGreaterThan(0);
  expect(code).toBe(row.value === null ? 1 : 0);
  expect(seconds).toBeLessThan(20);
  expect(left).toEqual([]);
}, 30_000);

test("a budget too small for any figure says so instead of inventing one", async () => {
  const { code, out, left } = await bench("lag.idle", "--json", "--seconds", "5");
  const [row] = JSON.parse(out).results;
  expect(row).toMatchObject({ name: "lag.idle", value: null });
  expect(row.detail).toContain("needs");
  expect(code).toBe(1);
  expect(left).toEqual([]);
});

test("unknown rows and flags are refused", async () => {
  const unknown = await bench("speed");
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain("settle.callers.64");
  expect((await bench("--fast")).code).toBe(2);
  expect((await bench("--seconds", "-1")).code).toBe(2);
});

test("names select rows by their beginning", () => {
  expect(selectRows("settle").map(({ name }) => name)).toEqual([
    "settle.process.500",
    "settle.network.500",
    "settle.callers.64",
  ]);
  expect(selectRows("lag.p99")).toHaveLength(1);
  expect(selectRows("x")).toEqual([]);
  expect(selectRows(undefined)).toEqual(ROWS);
  const first = ROWS[0]!;
  expect(resultOf(first, { value: 1, detail: "" })).not.toHaveProperty("group");
});

test("figures", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(percentile([], 0.5)).toBeNaN();
  expect(rounded(0.123456)).toBe(0.123);
});
