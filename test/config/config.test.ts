/**
 * Goal: a configuration is complete and right, or the process doesn't start and says which
 * variable is wrong. Method: tables of environments; the table of variables against the reader.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CONFIG_FIELDS,
  CONFIG_ROLES,
  isLoopback,
  listenerTls,
  readConfig,
  showConfig,
  trustedAuthorities,
  type Environment,
} from "../../src/config/index.ts";
import { CURRENCIES } from "../../src/money/index.ts";
import { EXIT, OperatorError } from "../../src/ops/index.ts";

const TOKEN = "7145205649:AANCENXsdUMFmudONykG38EvZZTonPzTBCf";
const SECRET = "0123456789abcdef-webhook";
const production = {
  COUNTROOM_ENV: "production",
  COUNTROOM_PRIMARY_URL: "https://primary.example",
  COUNTROOM_PUBLISHER_URL: "https://publisher.example",
};

function failure(env: Environment, overrides = {}): OperatorError {
  try {
    readConfig("edge", env, overrides);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}

describe("defaults", () => {
  test.each([...CONFIG_ROLES])("are complete for %s, and frozen", (role) => {
    const config = readConfig(role, {});
    expect(config).toMatchObject({ role, env: "development", host: "127.0.0.1", tickMs: 10 });
    expect(Object.isFrozen(config)).toBe(true);
    expect(config.keysDir).toBe(join(config.dataDir, "keys"));
  });

  test("follow from each other", () => {
    const config = readConfig("edge", { COUNTROOM_DATA: "/srv/x", COUNTROOM_REGION: "asia" });
    expect(config).toMatchObject({
      dataDir: "/srv/x",
      keysDir: "/srv/x/keys",
      edgeId: "asia",
      port: 7401,
      tokenFile: "/srv/x/keys/edge-asia.jwt",
      botTokenFile: "/srv/x/keys/bot.jwt",
      clockGuard: "warn",
    });
    expect(readConfig("publisher", {}).tokenFile).toEndWith("/data/keys/publisher.jwt");
    expect(readConfig("edge", production)).toMatchObject({
      botTokenFile: undefined,
      clockGuard: "refuse",
    });
  });

  test("hold for what is set to nothing, as compose files do", () => {
    expect(readConfig("edge", { COUNTROOM_PORT: "", TELEGRAM_BOT_TOKEN: "" })).toEqual(
      readConfig("edge", {}),
    );
  });

  test("are overridden by the environment, and that by options", () => {
    const env = { COUNTROOM_PORT: "8001", COUNTROOM_HOST: "127.0.0.2" };
    expect(readConfig("edge", env, { COUNTROOM_PORT: 8002 })).toMatchObject({
      port: 8002,
      host: "127.0.0.2",
    });
  });

  test("take no notice of other programs' variables", () => {
    expect(readConfig("edge", { PATH: "/bin", NODE_ENV: "production" }).env).toBe("development");
  });
});

describe("a wrong value", () => {
  test.each([
    ["COUNTROOM_ENV", "staging"],
    ["COUNTROOM_DEPLOYMENT", "My Deployment"],
    ["COUNTROOM_HOST", "a b"],
    ["COUNTROOM_PORT", "65536"],
    ["COUNTROOM_PORT", "-1"],
    ["COUNTROOM_PORT", "7400.5"],
    ["COUNTROOM_PORT", "0x10"],
    ["COUNTROOM_PORT", "1e3"],
    ["COUNTROOM_PORT", " 7400"],
    ["COUNTROOM_PRIMARY_URL", "primary:7400"],
    ["COUNTROOM_PRIMARY_URL", "ftp://primary"],
    ["COUNTROOM_PRIMARY_URL", "http://user:pass@primary"],
    ["COUNTROOM_PRIMARY_URL", "http://primary/?a=b"],
    ["COUNTROOM_REGION", "EU"],
    ["COUNTROOM_REGION", "../eu"],
    ["COUNTROOM_EDGE_ID", "-"],
    ["COUNTROOM_WORKERS", "0"],
    ["COUNTROOM_TICK_MS", "251"],
    ["TELEGRAM_BOT_TOKEN", "hunter2:hunter2"],
    ["COUNTROOM_TELEGRAM_SECRET", "short"],
    ["COUNTROOM_CLOCK_GUARD", "ignore"],
    ["COUNTROOM_CURRENCIES", "EUR:6"],
    ["COUNTROOM_CURRENCIES", "FUN:2"],
    ["COUNTROOM_CURRENCIES", "FUN:6,EUR:6,EUR:6"],
    ["COUNTROOM_CURRENCIES", "FUN:6,eur:6"],
    ["COUNTROOM_CURRENCIES", "FUN:6,EUR:19"],
    ["COUNTROOM_CURRENCIES", "FUN:6,EUR:06"],
    ["COUNTROOM_CURRENCIES", "FUN:6, EUR:6"],
    ["COUNTROOM_CURRENCIES", "FUN:6,"],
    ["COUNTROOM_LOG_LEVEL", "verbose"],
  ])("of %s is named and not repeated: %p", (name, value) => {
    const error = failure({ [name]: value });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toStartWith(name);
    if (value.length > 4) expect(error.message).not.toContain(value);
    expect(error.exitCode).toBe(EXIT.usage);
  });

  test("is named together with the others", () => {
    const { message } = failure({ COUNTROOM_PORT: "x", COUNTROOM_WORKERS: "y" });
    expect(message).toContain("COUNTROOM_PORT");
    expect(message).toContain("COUNTROOM_WORKERS");
  });

  test("certificate and key come together", () => {
    expect(failure({ COUNTROOM_TLS_CERT_FILE: "a" }).message).toContain("COUNTROOM_TLS_KEY_FILE");
    expect(failure({ COUNTROOM_TLS_KEY_FILE: "a" }).message).toContain("COUNTROOM_TLS_CERT_FILE");
  });
});

describe("an unknown name", () => {
  test("is an error that says what was perhaps meant", () => {
    const error = failure({ COUNTROOM_PRT: "1" });
    expect(error.code).toBe("CONFIG_UNKNOWN");
    expect(error.message).toContain("COUNTROOM_PRT");
    expect(error.hint).toContain("COUNTROOM_PORT");
    expect(failure({ COUNTROOM_SOMETHING_ELSE: "1" }).hint).toContain("unset");
    expect(failure({ COUNTROOM_UNUSED: "" }).code).toBe("CONFIG_UNKNOWN");
  });

  test("among the options is one too", () => {
    expect(failure({}, { PORT: 1 }).code).toBe("CONFIG_UNKNOWN");
  });
});

describe("production", () => {
  test("accepts HTTPS everywhere, and plain HTTP within the machine", () => {
    expect(readConfig("edge", production).env).toBe("production");
    const local = {
      COUNTROOM_ENV: "production",
      COUNTROOM_PRIMARY_URL: "http://[::1]:7400",
      COUNTROOM_PUBLISHER_URL: "http://localhost:7404",
      COUNTROOM_TELEGRAM_API_ROOT: "http://127.8.0.1:8081",
    };
    expect(readConfig("edge", local).env).toBe("production");
  });

  test.each([
    ["COUNTROOM_PRIMARY_URL", "http://primary.example"],
    ["COUNTROOM_PUBLISHER_URL", "http://10.0.0.2:7404"],
    ["COUNTROOM_TELEGRAM_API_ROOT", "http://api.telegram.org"],
    ["COUNTROOM_PRIMARY_URL", "http://127.0.0.1.example"],
    ["COUNTROOM_PRIMARY_URL", "http://localhost.example"],
    ["COUNTROOM_HOST", "0.0.0.0"],
    ["COUNTROOM_HOST", "::"],
    ["COUNTROOM_HOST", "192.168.1.5"],
  ])("refuses %s=%s", (name, value) => {
    const error = failure({ ...production, [name]: value });
    expect(error.code).toBe("CONFIG_PLAIN_HTTP");
    expect(error.message).toContain(name);
    expect(error.hint).not.toBe("");
    expect(error.exitCode).toBe(EXIT.usage);
    expect(readConfig("edge", { [name]: value }).env).toBe("development");
  });

  test("listens to the world with a certificate", () => {
    const tls = { COUNTROOM_TLS_CERT_FILE: "/c.pem", COUNTROOM_TLS_KEY_FILE: "/k.pem" };
    const config = readConfig("edge", { ...production, ...tls, COUNTROOM_HOST: "0.0.0.0" });
    expect(config.tls).toEqual({ certFile: "/c.pem", keyFile: "/k.pem" });
  });

  test("knows what loopback is", () => {
    const inside = ["127.0.0.1", "127.255.0.9", "localhost", "LOCALHOST", "::1", "[::1]"];
    const outside = [
      "0.0.0.0",
      "128.0.0.1",
      "127.1",
      "127.0.0.1.nip.io",
      "::",
      "",
      "a.localhost.b",
    ];
    expect(inside.map(isLoopback)).toEqual(inside.map(() => true));
    expect(outside.map(isLoopback)).toEqual(outside.map(() => false));
  });
});

describe("currencies", () => {
  test("are those of the text, in its order", () => {
    const given = { COUNTROOM_CURRENCIES: "TON:9,FUN:6,JPY:0,WEI:18" };
    expect(readConfig("search", given).currencies).toEqual([
      { code: "TON", exponent: 9 },
      { code: "FUN", exponent: 6 },
      { code: "JPY", exponent: 0 },
      { code: "WEI", exponent: 18 },
    ]);
    expect(readConfig("edge", {}).currencies).toEqual(CURRENCIES);
  });
});

describe("shown to people", () => {
  test("it hides secrets, and says whether they are set", () => {
    const env = { TELEGRAM_BOT_TOKEN: TOKEN, COUNTROOM_TELEGRAM_SECRET: SECRET };
    const config = readConfig("edge", env);
    expect(config).toMatchObject({ telegramToken: TOKEN, telegramSecret: SECRET });
    const shown = JSON.stringify(showConfig(config));
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(SECRET);
    expect(showConfig(config)).toMatchObject({ telegramToken: "[hidden]" });
    expect(showConfig(readConfig("edge", {}))).toMatchObject({ telegramToken: null });
  });
});

describe("the table of variables", () => {
  test("has every name once, with a meaning, and the secret ones marked", () => {
    const names = CONFIG_FIELDS.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const one of CONFIG_FIELDS) expect(one.meaning.length).toBeGreaterThan(10);
    const secret = CONFIG_FIELDS.filter((one) => one.secret).map((one) => one.name);
    expect(secret.toSorted()).toEqual(["COUNTROOM_TELEGRAM_SECRET", "TELEGRAM_BOT_TOKEN"]);
  });

  test("has no name that the reader doesn't know", () => {
    for (const { name } of CONFIG_FIELDS) {
      // A value nobody accepts for a number, a name, a file or a URL alike.
      const given = { [name]: "\u0000" };
      let code = "accepted";
      try {
        readConfig("edge", given);
      } catch (error) {
        code = (error as OperatorError).code;
      }
      expect([name, code]).not.toEqual([name, "CONFIG_UNKNOWN"]);
    }
  });

  const readme = readFileSync(join(import.meta.dir, "..", "..", "README.md"), "utf8");
  test.skipIf(!readme.includes("COUNTROOM_ENV"))("is the README's", () => {
    const missing = CONFIG_FIELDS.filter((one) => !readme.includes(`\`${one.name}\``));
    expect(missing.map((one) => one.name)).toEqual([]);
  });
});

describe("certificates", () => {
  const dir = mkdtempSync(join(tmpdir(), "countroom-config-"));
  const file = (name: string): string => join(dir, name);
  writeFileSync(file("cert.pem"), "CERT");
  writeFileSync(file("key.pem"), "KEY");
  writeFileSync(file("ca.pem"), "CA");

  test("are read from their files", () => {
    const config = readConfig("edge", {
      COUNTROOM_TLS_CERT_FILE: file("cert.pem"),
      COUNTROOM_TLS_KEY_FILE: file("key.pem"),
      COUNTROOM_TLS_CA_FILE: file("ca.pem"),
    });
    expect(listenerTls(config)).toEqual({ cert: "CERT", key: "KEY" });
    expect(trustedAuthorities(config)).toBe("CA");
    expect(listenerTls(readConfig("edge", {}))).toBeUndefined();
    rmSync(dir, { recursive: true });
    expect(() => listenerTls(config)).toThrow(OperatorError);
  });
});
