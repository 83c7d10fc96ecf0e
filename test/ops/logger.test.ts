/**
 * Goal: a log line is one JSON object that tells what happened and never holds a secret. Method:
 * lines caught and read back.
 */
import { describe, expect, test } from "bun:test";
import { logger, OperatorError, type LoggerOptions } from "../../src/ops/index.ts";

const clock = { nowUs: () => 1_795_251_011_139_456, monotonicMs: () => 0 };
const JWT = "eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.g3QwydRRvIDD7J1HS2DUXlqHa9R8u7Pj";
const BOT = "7145205649:AANCENXsdUMFmudONykG38EvZZTonPzTBCf";

function caught(options: LoggerOptions = {}) {
  const lines: string[] = [];
  const log = logger("edge", { clock, write: (line) => void lines.push(line), ...options });
  return { log, lines, read: () => lines.map((line) => JSON.parse(line) as object) };
}

describe("a line", () => {
  test("has time, level, role, message and fields", () => {
    const { log, lines, read } = caught();
    log.with({ region: "eu" }).info("ready", { port: 7401, seq: 2n ** 60n });
    expect(read()).toEqual([
      {
        time: "2026-11-21T08:50:11.139Z",
        level: "info",
        role: "edge",
        message: "ready",
        region: "eu",
        port: 7401,
        seq: "1152921504606846976",
      },
    ]);
    expect(lines[0]).toEndWith("}\n");
  });

  test("is one line, whatever is in it", () => {
    const { log, lines } = caught();
    log.warn("a\nb", { text: "c\r\n\u2028d" });
    expect(lines[0]?.trimEnd()).not.toMatch(/[\n\r]/);
  });

  test("is written from its level up", () => {
    const { log, read } = caught({ level: "warn" });
    log.debug("1");
    log.info("2");
    log.warn("3");
    log.error("4");
    expect(read()).toMatchObject([{ message: "3" }, { message: "4" }]);
    const silent = caught({ level: "silent" });
    silent.log.error("5");
    expect(silent.lines).toEqual([]);
  });

  test("of an error tells code, hint and causes", () => {
    const { log, read } = caught();
    const cause = new Error("disk full");
    const error = new OperatorError("LOG_FAILED", "no commit", { hint: "free space", cause });
    log.error("stopping", { error });
    expect(read()[0]).toMatchObject({
      error: {
        name: "OperatorError",
        code: "LOG_FAILED",
        hint: "free space",
        cause: { message: "disk full" },
      },
    });
  });

  test("survives cycles, depth and size", () => {
    const { log, read } = caught();
    const loop: { self?: unknown } = {};
    loop.self = loop;
    log.info("loop", { loop, bytes: new Uint8Array(5), text: "x".repeat(10_000) });
    expect(JSON.stringify(read()).length).toBeLessThan(5_000);
    expect(read()[0]).toMatchObject({ bytes: "[5 bytes]" });
  });
});

describe("a secret is hidden", () => {
  test("by the name of its field", () => {
    const { log, lines } = caught();
    const names = ["token", "botToken", "webhook_secret", "Authorization", "api_key", "password"];
    for (const name of names) log.info("x", { [name]: "hunter2", nested: { [name]: "hunter2" } });
    expect(lines.join("")).not.toContain("hunter2");
  });

  test("by its form, in messages, fields and errors", () => {
    const { log, lines } = caught();
    const url = `https://api.telegram.org/bot${BOT}/getMe`;
    log.error(`failed: ${url}`, { url, list: [JWT], error: new Error(`bad ${JWT} at ${url}`) });
    log.error("key", {
      text: "AGE-SECRET-KEY-1QQPQYUKY3XXX",
      pem: "-----BEGIN PRIVATE KEY-----\nMC4",
    });
    const all = lines.join("");
    for (const secret of [JWT, BOT, "QQPQYUKY3", "MC4"]) expect(all).not.toContain(secret);
    expect(all).toContain("[hidden]");
  });

  test("also where a long text is cut", () => {
    const { log, lines } = caught();
    log.info("x", { text: `${"y".repeat(1_990)} ${JWT}` });
    expect(lines.join("")).not.toContain("eyJhbGci");
  });
});
