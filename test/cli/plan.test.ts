/**
 * Goal: `dev` puts every process where the README says, and hands secrets to nobody by argument.
 * Method: the pure plan, read back.
 */
import { expect, test } from "bun:test";
import { readConfig } from "../../src/config/index.ts";
import { devOptions, planChildren, REGIONS } from "../../src/cli/dev/plan.ts";

const KEYS = {
  token: "7000000001:AAsecret-token-of-the-stand-in-000000", secret: "hook-secret-123456",
};

function plan(edges: number, env: Record<string, string> = {}, port?: number) {
  const config = readConfig("dev", env, { COUNTROOM_DATA: "/tmp/house", COUNTROOM_PORT: port });
  return planChildren(devOptions(config, edges, env), KEYS);
}

const places = (children: ReturnType<typeof plan>): string[] =>
  children.map(({ name, port }) => `${name} ${port}`);

test("the ports", () => {
  expect(places(plan(2))).toEqual([
    "primary 7400", "publisher 7404", "search 7405", "edge eu 7401", "edge asia 7402",
    "telegram 7403",
  ]);
  expect(places(plan(4, {}, 9000))).toEqual([
    "primary 9000", "publisher 9004", "search 9005", "edge eu 9001", "edge asia 9002",
    "edge us 9006", "edge sa 9007", "telegram 9003",
  ]);
  expect(places(plan(1))).toEqual([
    "primary 7400", "publisher 7404", "search 7405", "edge eu 7401", "telegram 7403",
  ]);
  const all = plan(REGIONS.length);
  expect(new Set(all.map((child) => child.port)).size).toBe(all.length);
});

test("each process gets what it needs, and the bot's secrets go to edges alone", () => {
  const env = { COUNTROOM_TICK_MS: "50", COUNTROOM_REGION: "mars", PATH: "/bin" };
  for (const child of plan(2, env)) {
    expect(JSON.stringify(child.args)).not.toContain(KEYS.token);
    expect(JSON.stringify(child.args)).not.toContain(KEYS.secret);
    expect(child.env["PATH"]).toBe("/bin");
    const isEdge = child.role === "edge";
    expect(child.env["TELEGRAM_BOT_TOKEN"]).toBe(isEdge ? KEYS.token : undefined);
    expect(child.env["COUNTROOM_TELEGRAM_SECRET"]).toBe(isEdge ? KEYS.secret : undefined);
    if (child.role === "telegram") continue;
    expect(child.env).toMatchObject({
      COUNTROOM_DATA: "/tmp/house", COUNTROOM_KEYS: "/tmp/house/keys", COUNTROOM_TICK_MS: "50",
      COUNTROOM_PRIMARY_URL: "http://127.0.0.1:7400", COUNTROOM_PORT: `${child.port}`,
    });
    expect(child.env["COUNTROOM_SEARCH_URL"]).toBe(isEdge ? "http://127.0.0.1:7405" : undefined);
    expect(child.env["COUNTROOM_REGION"]).toBe(isEdge ? child.name.slice(5) : undefined);
    // The role itself must accept what it is given.
    const config = readConfig(child.role as "edge", child.env);
    expect(config.port).toBe(child.port);
  }
});

test("a real bot's token takes the stand-in's place", () => {
  const token = "123456789:AAreal-token-of-a-person-000000000000";
  const config = readConfig("dev", { TELEGRAM_BOT_TOKEN: token }, { COUNTROOM_DATA: "/tmp/house" });
  const options = devOptions(config, 2, { TELEGRAM_BOT_TOKEN: token });
  const children = planChildren(options, { ...KEYS, token });
  expect(places(children).some((place) => place.startsWith("telegram"))).toBe(false);
  const edge = children.find((child) => child.role === "edge")!;
  expect(edge.env["COUNTROOM_TELEGRAM_API_ROOT"]).toBe("https://api.telegram.org");
  const primary = children.find((child) => child.role === "primary")!;
  expect(primary.env["TELEGRAM_BOT_TOKEN"]).toBeUndefined();
});
