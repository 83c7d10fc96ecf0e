/**
 * The source tree as text, for the tests that guard its shape: which files there are, what is
 * code in them and what is comment or string, and what they import.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";

/** The checkout's top folder. */
export const ROOT = dirname(import.meta.dirname);

/** A source file in three views of equal length, so that offsets and lines agree. */
export interface SourceFile {
  /** From the top folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Comments blanked. */
  readonly uncommented: string;
  /** Comments, strings and regular expressions blanked. */
  readonly code: string;
}

/** One import of a file. */
export interface Import {
  readonly specifier: string;
  /** The file meant, from the top folder; undefined for packages. */
  readonly target: string | undefined;
  readonly line: number;
  /** Fetched while running, by `import()`. */
  readonly dynamic: boolean;
}

/** Paths of all files under a folder, from the top folder, sorted. */
export function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split("\\").join("/"))
    .sort();
}

/** The TypeScript files under some folders, without generated ones. */
export function sources(...folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap(filesUnder)
    .filter((path) => path.endsWith(".ts") && !path.includes("/gen/"))
    .map(readSource);
}

/** Reads one source file. */
export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, ...mask(text) };
}

/** Number of the line, from 1, on which an offset lies. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Where the text may stop being code: comments, strings, templates, regular expressions. */
const LITERAL = new RegExp(
  [
    /\/\/[^\n]*/, // comment to the end of the line
    /\/\*[^]*?\*\//, // comment
    /"(?:\\.|[^"\\\n])*"/,
    /'(?:\\.|[^'\\\n])*'/,
    /`|\$\{|[{}]/, // templates, and the braces that end their substitutions
    /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/, // regular expression, or two divisions
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** Words and signs after which a slash begins a regular expression and doesn't divide. */
const BEFORE_REGEX =
  /(?:^|[=(,;:!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void))\s*$/;

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** Blanks what isn't code. Template literals are strings, their substitutions are code. */
export function mask(text: string): { uncommented: string; code: string } {
  let uncommented = "";
  let code = "";
  let position = 0;
  const braces: ("brace" | "substitution")[] = [];
  const copy = (end: number, inString = false): void => {
    const piece = text.slice(position, end);
    uncommented += piece;
    code += inString ? blank(piece) : piece;
    position = end;
  };
  const copyTemplate = (): void => {
    const end = /(?:\\[^]|[^`\\$]|\$(?!\{))*/y;
    end.lastIndex = position;
    copy(position + (end.exec(text)?.[0].length ?? 0), true);
    if (text.startsWith("${", position)) {
      copy(position + 2);
      braces.push("substitution");
    } else copy(position + 1);
  };
  for (;;) {
    LITERAL.lastIndex = position;
    const match = LITERAL.exec(text);
    if (match === null) break;
    const token = match[0];
    if (token.startsWith("//") || token.startsWith("/*")) {
      copy(match.index);
      uncommented += blank(token);
      code += blank(token);
      position += token.length;
    } else if (token.startsWith("/")) {
      const regex = BEFORE_REGEX.test(text.slice(Math.max(0, match.index - 80), match.index));
      copy(match.index + (regex ? 0 : 1));
      if (regex) copy(match.index + token.length, true);
    } else if (token === "`") {
      copy(match.index + 1);
      copyTemplate();
    } else if (token === "}") {
      copy(match.index + 1);
      if (braces.pop() === "substitution") copyTemplate();
    } else if (token === "{" || token === "${") {
      copy(match.index + token.length);
      braces.push("brace");
    } else {
      copy(match.index + 1);
      copy(match.index + token.length - 1, true);
      copy(match.index + token.length);
    }
  }
  copy(text.length);
  return { uncommented, code };
}

const IMPORT = new RegExp(
  [
    /\b(?:import|export)\b[\w\s{},*$]*?\bfrom\s*["']([^"'\n]+)["']/,
    /\bimport\s*(\(?)\s*["']([^"'\n]+)["']/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** What a file imports and re-exports. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  for (const match of file.uncommented.matchAll(IMPORT)) {
    const inString = file.code[match.index] === " ";
    const specifier = match[1] ?? match[3];
    if (inString || specifier === undefined) continue;
    const target = specifier.startsWith(".")
      ? posix.normalize(posix.join(posix.dirname(file.path), specifier))
      : undefined;
    const line = lineAt(file.text, match.index);
    found.push({ specifier, target, line, dynamic: match[2] === "(" });
  }
  return found;
}
