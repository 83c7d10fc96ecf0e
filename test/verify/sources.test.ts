/**
 * Goal: a book verifies from an export, from consecutive exports, from a bare ledger.db and from a
 * live Tail; what a source can't show is said; a checkpoint that the auditor holds must be a prefix
 * of the book.
 * Method: the real commands as processes, beside a real primary and on what it left.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { ROOT } from "../tree.ts";
import { bet, damage, deposit, dice, remove, settle, writeBook } from "./fixture.ts";

let dir = "";
const copies: string[] = [];
let live: { export: Ran; tail: Ran; wrongToken: Ran };
/** Checkpoints that cover the record that is damaged below, smallest first. */
let signed: { size: number; note: string }[] = [];
let size = 0;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function countroom(...words: readonly string[]): Promise<Ran> {
  const main = join(ROOT, "src", "cli", "main.ts");
  const command = [process.execPath, main, ...words];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", env: { PATH: "" } });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

const verify = (...flags: readonly string[]): Promise<Ran> =>
  countroom("verify", "book", "--json", ...flags);
const key = (): string => join(dir, "keys", "signing.pub");
const file = (name: string): string => join(dir, name);
const parsed = ({ out }: Ran) => JSON.parse(out);

beforeAll(async () => {
  dir = await writeBook(async ({ dir: running, url, append, player }) => {
    const ann = await player(1);
    await append(deposit(ann, 1_000));
    for (let round = 0; round < 30; round += 1) await append(dice(ann, 1));
    await Bun.sleep(1_200);
    // Somebody keeps a copy of today.
    using ledger = new Database(join(running, "primary", "ledger.db"), { readonly: true });
    ledger.run("VACUUM INTO ?", [join(running, "old-ledger.db")]);
    for (let each = 0; each < 20; each += 1) {
      await append(bet(ann, `b${each}`, `r${each}`, 2), settle(`b${each}`, 1, true));
    }
    const pub = join(running, "keys", "signing.pub");
    const token = (name: string) => join(running, "keys", `${name}.jwt`);
    const tail = ["--tail", url, "--public-key", pub, "--token-file"];
    live = {
      export: await countroom("export", "--data", running, join(running, "live.crx"), "--json"),
      tail: await verify(...tail, token("publisher")),
      wrongToken: await verify(...tail, token("api-read")),
    };
    await append(bet(ann, "open", "r99", 2));
  });
  using db = new Database(join(dir, "primary", "state.db"), { readonly: true });
  const rows = db.query<{ size: number; note: string }, []>("SELECT * FROM checkpoints");
  const first = 20;
  signed = rows
    .all()
    .filter((row) => row.size > first)
    .sort((a, b) => a.size - b.size);
  size = signed.at(-1)!.size;
  for (const [name, { note }] of Object.entries({ old: signed[0]!, new: signed.at(-1)! })) {
    writeFileSync(file(`${name}.checkpoint`), note);
  }
}, 30_000);

afterAll(() => remove(dir, ...copies));

describe("live", () => {
  test("an export is taken beside the primary, and holds what was signed", async () => {
    expect(live.export).toMatchObject({ code: 0, err: "" });
    const told = JSON.parse(live.export.out);
    expect(told.to).toBe(told.signed);
    expect(told.bytes).toBe(readFileSync(file("live.crx")).length);
    const ran = await verify("--export", file("live.crx"), "--public-key", key());
    expect(ran.code).toBe(0);
    expect(parsed(ran)).toMatchObject({ status: "ok", records: told.to, signed: told.to });
  });

  test("the Tail verifies up to a signed checkpoint", () => {
    expect(live.tail.code).toBe(0);
    const report = parsed(live.tail);
    expect(report).toMatchObject({ status: "ok", findings: [], gaps: [] });
    expect(report.not_held).toContain("the index of claims");
    expect(report.signed).toBe(report.records);
  });

  test("a token that may not read it ends with a hint, not with a verdict", () => {
    expect(live.wrongToken.code).toBe(1);
    expect(live.wrongToken.err).toContain("--token-file");
  });
});

describe("exports", () => {
  const cut = () => signed[0]!.size + 7;

  beforeAll(async () => {
    const whole = ["export", "--data", dir];
    expect((await countroom(...whole, file("all.crx"))).code).toBe(0);
    const parts = [
      ["1.crx", 1, cut()],
      ["2.crx", cut() + 1, cut() + 20],
      ["3.crx", cut() + 21, size],
    ] as const;
    for (const [name, from, to] of parts) {
      const range = ["--from", String(from), "--to", String(to)];
      expect((await countroom(...whole, ...range, "--out", file(name))).code).toBe(0);
    }
  }, 20_000);

  test("nothing is overwritten without --force, and nothing is left half written", async () => {
    const again = ["export", "--data", dir, file("all.crx")];
    const refused = await countroom(...again);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("FILE_EXISTS");
    expect((await countroom(...again, "--force")).code).toBe(0);
    expect(readdirSync(dir).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("a range that isn't there, and a folder that isn't one", async () => {
    const beyond = await countroom("export", "--data", dir, "--to", "9999", file("x.crx"));
    expect(beyond.code).toBe(2);
    expect(beyond.err).toContain("RANGE_WRONG");
    expect((await countroom("export", "--data", file("none"), file("x.crx"))).code).toBe(1);
    expect(existsSync(file("x.crx"))).toBe(false);
  });

  test("standard output takes it too", async () => {
    const { code, out } = await countroom("export", "--data", dir, "-");
    expect(code).toBe(0);
    expect(out).toContain("countroom ledger export 1");
  });

  test("it says what it is, and holds no identity", () => {
    const bytes = readFileSync(file("all.crx"));
    expect(bytes.subarray(2, 29).toString()).toContain("countroom ledger export 1");
    const hash = new Bun.CryptoHasher("sha256").update("identity 1").digest();
    expect(bytes.includes(hash)).toBe(false);
  });

  test("a whole book is proven", async () => {
    const ran = await verify("--export", file("all.crx"), "--public-key", key());
    expect(ran.code).toBe(0);
    expect(parsed(ran)).toMatchObject({ status: "ok", records: size, open_bets: 1, gaps: [] });
  });

  test("its beginning is proven by a later checkpoint", async () => {
    const ran = await verify("--export", file("1.crx"), "--public-key", key());
    expect(ran.code).toBe(0);
    expect(parsed(ran)).toMatchObject({ status: "ok", records: cut(), signed: cut() });
  });

  test("a part is proven as far as it goes, and says how far", async () => {
    const ran = await verify("--export", file("2.crx"), "--public-key", key());
    expect(ran.code).toBe(3);
    const report = parsed(ran);
    expect(report).toMatchObject({ status: "incomplete", from: cut() + 1, signed: cut() + 20 });
    expect(report.gaps.map(({ kind }: { kind: string }) => kind)).toEqual(["partial_range"]);
    expect(report.gaps[0].detail).toContain(`begins at record ${cut() + 1}`);
  });

  test("parts that follow each other are a whole, in whatever order they are named", async () => {
    const files = ["3.crx", "1.crx", "2.crx"].flatMap((name) => ["--export", file(name)]);
    const ran = await verify(...files, "--public-key", key());
    expect(ran.code).toBe(0);
    expect(parsed(ran)).toMatchObject({ status: "ok", records: size, gaps: [] });
    const apart = await verify("--export", file("1.crx"), "--export", file("3.crx"));
    expect(apart.code).toBe(2);
  });

  test("without the public key nothing is shown as proven", async () => {
    const ran = await verify("--export", file("all.crx"));
    expect(ran.code).toBe(3);
    expect(parsed(ran).gaps[0].kind).toBe("public_key_missing");
  });

  test("a checkpoint beyond it is not compared, and that is said", async () => {
    const newer = ["--checkpoint", file("new.checkpoint"), "--public-key", key()];
    const ran = await verify("--export", file("1.crx"), ...newer);
    expect(ran.code).toBe(3);
    expect(parsed(ran).gaps[0].kind).toBe("checkpoint_unreached");
  });
});

describe("a bare ledger.db", () => {
  const ledger = () => join(dir, "primary", "ledger.db");

  test("is incomplete by itself, and proven with a checkpoint", async () => {
    const alone = await verify("--ledger", ledger(), "--public-key", key());
    expect(alone.code).toBe(3);
    expect(parsed(alone).gaps[0].kind).toBe("checkpoints_missing");
    const notes = ["old", "new"].flatMap((name) => ["--checkpoint", file(`${name}.checkpoint`)]);
    const held = await verify("--ledger", ledger(), "--public-key", key(), ...notes);
    expect(held.code).toBe(0);
    expect(parsed(held)).toMatchObject({ status: "ok", signed: size });
  });

  test("must continue every checkpoint that the auditor holds", async () => {
    const copy = damage(
      dir,
      "primary/ledger.db",
      "UPDATE records_000000 SET event = CAST(event || x'1007' AS BLOB) WHERE seq = 9",
    );
    copies.push(copy);
    const flags = ["--ledger", join(copy, "primary", "ledger.db"), "--public-key", key()];
    const ran = await verify(...flags, "--checkpoint", file("old.checkpoint"));
    expect(ran.code).toBe(5);
    const kinds = parsed(ran).findings.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toContain("checkpoint_root_wrong");
  });

  test("of yesterday is told by a checkpoint of today, and by nothing else", async () => {
    const flags = ["--ledger", file("old-ledger.db"), "--public-key", key()];
    const old = ["--checkpoint", file("old.checkpoint")];
    expect([0, 3]).toContain((await verify(...flags, ...old)).code);
    const ran = await verify(...flags, ...old, "--checkpoint", file("new.checkpoint"));
    expect(ran.code).toBe(5);
    expect(parsed(ran).findings[0].kind).toBe("checkpoint_beyond_book");
  });

  test("is one source, and its key is a key", async () => {
    const two = await verify("--export", file("1.crx"), "--ledger", ledger());
    expect(two.code).toBe(2);
    const noKey = await verify("--ledger", ledger(), "--public-key", file("old.checkpoint"));
    expect(noKey.code).toBe(2);
    expect(noKey.err).toContain("PUBLIC_KEY_UNREADABLE");
  });
});
