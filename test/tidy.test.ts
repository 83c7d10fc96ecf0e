/**
 * Goal: the tree stays readable, and mistakes that cost money or data in such systems can't come
 * back: floats and wall clocks in the wrong place, file access to live databases, dead files.
 * Method: the sources as text; lengths of functions through the linter, which parses them.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CONFIG_FIELDS } from "../src/config/index.ts";
import { filesUnder, importsOf, lineAt, mask, readSource, ROOT, sources } from "./tree.ts";

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

const production = sources("src", "scripts");
const everything = [...production, ...sources("test", "replicas")];

/** Every place where a pattern occurs in code, as `file:line what`. */
function places(files: typeof production, pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...file.code.matchAll(pattern)].map((match) => {
      const line = lineAt(file.text, match.index);
      return `${file.path}:${line} ${file.text.split("\n")[line - 1]?.trim()}`;
    }),
  );
}

const inRoom = (...rooms: readonly string[]) =>
  production.filter((file) => rooms.some((room) => file.path.startsWith(`src/${room}/`)));

describe("the scanner", () => {
  test("tells code from comments, strings, templates and regular expressions", () => {
    const text = 'a("//b"); /* c */ d(`e ${f("g")} h`); // i\nj(k / l, /m"\\/n/g) / 2;';
    expect(mask(text).code.replace(/\s+/g, " ")).toBe('a(" "); d(` ${f(" ")} `); j(k / l, ) / 2;');
    expect(mask(text).uncommented).toContain('a("//b")');
  });
});

describe("sizes", () => {
  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = production
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > FILE_LINES_MAX);
    expect(long).toEqual([]);
  });

  test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    const rule = ["warn", { max: FUNCTION_LINES_MAX, IIFEs: true }];
    const config = {
      categories: { correctness: "off" },
      rules: { "max-lines-per-function": rule },
      ignorePatterns: ["**/gen/**"],
    };
    const tool = join("node_modules", "oxlint", "bin", "oxlint");
    const linter = Bun.spawnSync(
      [process.execPath, tool, "-c", "/dev/stdin", "--format=unix", "src", "scripts"],
      { cwd: ROOT, stdin: Buffer.from(JSON.stringify(config)) },
    );
    expect(linter.stderr.toString()).toBe("");
    expect(linter.stdout.toString().trim().split("\n").filter(Boolean)).toEqual([]);
  });

  test(`lines have at most ${COLUMNS_MAX} columns`, () => {
    const wide = everything.flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) =>
          [...line].length > COLUMNS_MAX ? [`${path}:${index + 1} (${[...line].length})`] : [],
        ),
    );
    expect(wide, "`bun fmt FILES` breaks most of them").toEqual([]);
  });
});

describe("banned", () => {
  test("time and chance come from src/runtime", () => {
    const files = production.filter(({ path }) => !path.startsWith("src/runtime/"));
    const pattern = /\b(?:Date\.now|Math\.random|performance\.now)\b|\bnew Date\(\s*\)/g;
    expect(places(files, pattern)).toEqual([]);
  });

  test("no float touches money: no Number() in the pure rooms", () => {
    // A number that is no amount says so: `// not money` on its line or the line before.
    const excused = (place: string): boolean => {
      const [path = "", line = "0"] = place.split(/[: ]/);
      const lines = readSource(path).text.split("\n");
      return [lines[Number(line) - 1], lines[Number(line) - 2]].some(
        (text) => text?.includes("not money") === true,
      );
    };
    const found = places(inRoom("money", "games", "ledger"), /\b(?:Number|parseFloat)\(/g);
    expect(found.filter((place) => !excused(place))).toEqual([]);
  });

  test("live databases are opened by SQLite alone", () => {
    const verb = "(?:read|write|append|copy)File|open|cp|truncate";
    const call = new RegExp(
      `\\b(?:(?:${verb})(?:Sync)?|create(?:Read|Write)Stream|Bun\\.file)\\(`,
      "g",
    );
    const database = /\.db\b|\b(?:db|database)(?:Path|File)\b/i;
    const found = production.flatMap((file) =>
      [...file.code.matchAll(call)].flatMap((match) => {
        const rest = file.uncommented.slice(match.index).split("\n", 1)[0] ?? "";
        return database.test(rest)
          ? [`${file.path}:${lineAt(file.text, match.index)} ${rest}`]
          : [];
      }),
    );
    expect(found).toEqual([]);
  });

  test("no traces of where and when the work was done", () => {
    const words = /\/work\/|\bissues? #?\d+\b|\bregistry\.[a-z]+\.[a-z]{2,}\b/gi;
    const folders = [".ci", "proto", "replicas", "scripts", "src", "test"];
    const tops = ["package.json", "bunfig.toml", "bun.lock", "README.md", ".gitignore"];
    const found = tops
      .filter((path) => existsSync(join(ROOT, path)))
      .concat(folders.flatMap(filesUnder))
      .filter((path) => !path.endsWith(".binpb") && path !== "test/tidy.test.ts")
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), "utf8");
        return [...text.matchAll(words)].map(
          (match) => `${path}:${lineAt(text, match.index)} ${match[0]}`,
        );
      });
    expect(found).toEqual([]);
  });
});

describe("nothing is left lying about", () => {
  test("every file is reached from a command, a script or a test", () => {
    const paths = new Set(everything.map(({ path }) => path));
    const entry = /^(?:src\/cli\/main|scripts\/[^/]+|replicas\/[^/]+|test\/.*\.test)\.ts$/;
    const live = new Set<string>();
    const visit = (path: string): void => {
      if (live.has(path) || !paths.has(path)) return;
      live.add(path);
      const file = readSource(path);
      for (const { target } of importsOf(file)) if (target !== undefined) visit(target);
      // Workers and child processes are named by a string.
      for (const [, name] of file.uncommented.matchAll(/["'`/]([\w.-]+\.ts)["'`]/g)) {
        for (const other of paths) if (basename(other) === name) visit(other);
      }
    };
    // A test keeps no production code alive.
    const entries = [...paths].filter((path) => entry.test(path));
    for (const path of entries.filter((candidate) => !candidate.startsWith("test/"))) visit(path);
    const kept = new Set(live);
    for (const path of entries) visit(path);
    const dead = [...paths].filter((path) => !(path.startsWith("test/") ? live : kept).has(path));
    expect(dead).toEqual([]);
  });
});

/** A doc comment ends right before the declaration; undefined when the name is none of these. */
function isDocumented(text: string, name: string): boolean | undefined {
  const kind = "(?:async function\\*?|function\\*?|abstract class|class|interface)";
  const declaration = new RegExp(`^(?:export )?(?:declare )?${kind} ${name}\\b`, "m").exec(text);
  if (declaration === null) return undefined;
  return /\*\/\s*$/.test(text.slice(0, declaration.index));
}

describe("front doors", () => {
  const doors = production.filter(({ path }) => /^src\/[^/]+\/index\.ts$/.test(path));

  test("each says what its room is for", () => {
    const silent = doors.filter(({ text }) => !text.trimStart().startsWith("/**"));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test("everything they offer has a doc comment where it is declared", () => {
    const bare: string[] = [];
    for (const door of doors) {
      for (const match of door.code.matchAll(/\bexport\s+(?:type\s+)?\{([^}]*)\}/g)) {
        const line = lineAt(door.text, match.index);
        const from = importsOf(door).find((found) => found.line === line)?.target;
        if (from === undefined || from.includes("/gen/") || !existsSync(join(ROOT, from))) continue;
        const { text } = readSource(from);
        for (const item of (match[1] ?? "").split(",")) {
          const name =
            item
              .trim()
              .replace(/^type /, "")
              .split(/ as /)[0] ?? "";
          if (name !== "" && isDocumented(text, name) === false) bare.push(`${from} ${name}`);
        }
      }
      for (const [, name = ""] of door.code.matchAll(
        /^export (?:async )?(?:function|class|interface) (\w+)/gm,
      )) {
        if (isDocumented(door.text, name) === false) bare.push(`${door.path} ${name}`);
      }
    }
    expect(bare).toEqual([]);
  });
});

describe("README", () => {
  const readme = join(ROOT, "README.md");

  test.if(existsSync(readme))("has the configuration table that the code has", () => {
    const rows = readFileSync(readme, "utf8")
      .split("\n")
      .filter((line) => /^\| `(?:COUNTROOM|TELEGRAM)_[A-Z_]+` \|/.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim().replace(/^–$/, "")),
      );
    const wanted = CONFIG_FIELDS.map((one) => [`\`${one.name}\``, one.default, one.meaning]);
    expect(rows).toEqual(wanted);
  });
});
