/**
 * Goal: imports point down only, so that a room can be understood without the rooms above it.
 * Method: scan every import of src and scripts and hold it against the picture of the rooms.
 */
import { describe, expect, test } from "bun:test";
import { type Import, importsOf, lineAt, type SourceFile, sources } from "./tree.ts";

/** From the bottom up. A room imports rooms of lower floors, never one of its own floor. */
const FLOORS: readonly (readonly string[])[] = [
  ["money"],
  ["games"],
  ["ledger"],
  ["wire"],
  ["store"],
  ["access"],
  ["primary", "publisher", "edge", "archive", "search"],
  ["bot", "providers", "cashier", "vault"],
  ["cli", "scripts"],
];

/** Beside the floors: for everyone from store upwards, in this order among themselves. */
const SHARED: readonly string[] = ["runtime", "ops", "config"];

/** Who may ask the second implementation for its opinion. */
const VERIFY_CALLERS = new Set(["archive", "cli", "scripts"]);

const PURE = new Set(["money", "games", "ledger"]);
const STORE_FLOOR = FLOORS.findIndex((rooms) => rooms.includes("store"));
const WIRE_FLOOR = STORE_FLOOR - 1;

const files = sources("src", "scripts");

/** The room of a path: its folder under src, or "scripts". */
function roomOf(path: string): string {
  const [top = "", room = ""] = path.split("/");
  return top === "src" ? room : top;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

/** Why a room may not import from another; undefined when it may. */
function objection(room: string, target: string): string | undefined {
  const other = roomOf(target);
  if (room === other) return undefined;
  if (room === "verify") {
    return target.startsWith("src/wire/gen/") ? undefined : "verify shares no code with others";
  }
  if (other === "verify") {
    return VERIFY_CALLERS.has(room) ? undefined : "verify is asked by tools, not by services";
  }
  if (SHARED.includes(room)) {
    if (SHARED.includes(other)) {
      const below = SHARED.indexOf(other) < SHARED.indexOf(room);
      return below ? undefined : `${room} lies below ${other}`;
    }
    if (room === "runtime") return "runtime imports no other room";
    return floorOf(other) <= WIRE_FLOOR ? undefined : `${room} stands beside store, not above it`;
  }
  if (SHARED.includes(other)) {
    return floorOf(room) >= STORE_FLOOR ? undefined : `${room} may not know ${other}`;
  }
  if (other === "replicas") {
    return floorOf(room) >= STORE_FLOOR ? undefined : `${room} may not know the replica schema`;
  }
  if (floorOf(room) === FLOORS.length - 1 && floorOf(other) === floorOf(room)) return undefined;
  return floorOf(other) < floorOf(room) ? undefined : `${other} doesn't lie below ${room}`;
}

/** All imports for which `judge` has an objection, as `file:line imports what (why)`. */
function offences(judge: (file: SourceFile, found: Import) => string | undefined): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((found) => {
      const why = judge(file, found);
      return why === undefined
        ? []
        : [`${file.path}:${found.line} imports ${found.specifier} (${why})`];
    }),
  );
}

describe("architecture", () => {
  test("every folder of src is a known room", () => {
    const known = new Set([...FLOORS.flat(), ...SHARED, "verify"]);
    const unknown = files.map((file) => file.path).filter((path) => !known.has(roomOf(path)));
    expect(unknown).toEqual([]);
  });

  test("imports between rooms point down", () => {
    const found = offences((file, { target }) =>
      target === undefined ? undefined : objection(roomOf(file.path), target),
    );
    expect(found).toEqual([]);
  });

  test("imports between files name the file with its extension", () => {
    const found = offences((_, { specifier, target }) =>
      target === undefined || /\.(ts|json|sql|html|css)$/.test(specifier)
        ? undefined
        : "an explicit extension is missing",
    );
    expect(found).toEqual([]);
  });

  test("pure rooms and verify take nothing from outside but node:crypto", () => {
    const found = offences((file, { specifier, target }) => {
      const room = roomOf(file.path);
      if (target !== undefined || specifier === "node:crypto") return undefined;
      if (room === "verify" && specifier === "@bufbuild/protobuf") return undefined;
      return PURE.has(room) || room === "verify" ? `${room} is pure` : undefined;
    });
    expect(found).toEqual([]);
  });

  test("an edge sees only the replica and outbox files of store", () => {
    const found = offences((file, { target }) => {
      if (roomOf(file.path) !== "edge" || target === undefined) return undefined;
      if (roomOf(target) !== "store" || /^src\/store\/(replica|outbox)/.test(target)) {
        return undefined;
      }
      return "only src/store/replica* and src/store/outbox*";
    });
    expect(found).toEqual([]);
  });

  test("Bun's modules stay in runtime, its SQLite in store", () => {
    const found = offences((file, { specifier }) => {
      const room = roomOf(file.path);
      if (!/^bun(:|$)/.test(specifier) || room === "scripts" || room === "runtime") {
        return undefined;
      }
      return room === "store" && specifier === "bun:sqlite" ? undefined : "see src/runtime";
    });
    expect(found).toEqual([]);
  });

  test("only runtime names Bun. and Deno.", () => {
    const found = files
      .filter((file) => !["runtime", "scripts"].includes(roomOf(file.path)))
      .flatMap((file) =>
        [...file.code.matchAll(/\b(?:Bun|Deno)\s*[.[]/g)].map(
          (match) => `${file.path}:${lineAt(file.text, match.index)} names ${match[0]}`,
        ),
      );
    expect(found).toEqual([]);
  });
});
