/**
 * Goal: a start gives back exactly the book that was left, whatever has happened to the state
 * beside it; what can't be trusted is rebuilt, and what can't be rebuilt is refused with a hint.
 * Method: one book with every kind of record; before each start something is done to its files.
 * The signed state digest is the measure.
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../src/wire/index.ts";
import { bet, deposit, dice, FUN, registration, settlement } from "./events.ts";
import { makeFolder, startIn, type Folder, type Started } from "./folder.ts";
import { countroom } from "./process.ts";

async function checkpoint(folder: Folder, { primary }: Started) {
  const note = await (await fetch(`${primary.url}/v1/checkpoint`)).text();
  return openCheckpoint(note, folder.keys.signingPublic);
}

/** A folder with a book that has open and settled bets, rounds, refusals and identities. */
async function bookFolder(): Promise<Folder & { player: string }> {
  const folder = await makeFolder();
  const started = await startIn(folder);
  const access = await folder.credential("bot");
  const send = (...events: Uint8Array[]) =>
    started.primary.append(events.map((one) => ({ event: one, access })));
  const identity = { keyId: "k1", hash: new Uint8Array(32).fill(1) };
  const [first] = await started.primary.append([{ event: registration(), access, identity }]);
  const player = first!.playerRef;
  const play = await folder.credential("api-play");
  const round = { roundId: "one" };
  await started.primary.append(
    [
      deposit(player, 100n * FUN),
      bet(player, FUN, "a", round),
      bet(player, 2n * FUN, "b", round),
      bet(player, 3n * FUN, "c"),
      settlement("c", 5n * FUN),
      bet(player, 1_000n * FUN, "d"),
      dice(player, FUN),
    ].map((event) => ({ event, access: play })),
  );
  await send(dice(player, FUN), registration());
  await started.primary.stop();
  expect(started.fatal).toEqual([]);
  return Object.assign(folder, { player });
}

/** Starts, settles something that needs the whole state, and stops. */
async function proveAlive(folder: Folder & { player: string }): Promise<Started> {
  const started = await startIn(folder);
  try {
    const before = await checkpoint(folder, started);
    expect(before.size).toBeGreaterThanOrEqual(11);
    const access = await folder.credential("api-play");
    const events = [settlement("a", FUN), settlement("b", 0n), dice(folder.player, FUN)];
    const receipts = await started.primary.append(events.map((event) => ({ event, access })));
    expect(receipts.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(receipts[2]!.detail).toMatchObject({ case: "houseRound", value: { nonce: 2n } });
    expect(receipts[2]!.balances[0]).toMatchObject({ held: 0n });
  } finally {
    await started.primary.stop();
  }
  return started;
}

const warned = ({ lines }: Started, text: string): boolean =>
  lines.some(({ message }) => String(message).includes(text));

describe("a start", () => {
  test("goes on where a clean stop ended, without applying anything again", async () => {
    await using folder = await bookFolder();
    const started = await proveAlive(folder);
    expect(warned(started, "rebuilt")).toBe(false);
    expect(warned(started, "applied the records")).toBe(false);
  });

  test("rebuilds a state.db that is gone, and arrives at the same digest", async () => {
    await using folder = await bookFolder();
    const first = await startIn(folder);
    const before = await checkpoint(folder, first);
    await first.primary.stop();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(folder.paths.state + suffix, { force: true });
    const again = await startIn(folder);
    const after = await checkpoint(folder, again);
    await again.primary.stop();
    expect(warned(again, "state.db is missing")).toBe(true);
    expect(after).toEqual(before);
    await proveAlive(folder);
  });

  test("finds every kind of damage in state.db, and rebuilds it", async () => {
    const damages: Readonly<Record<string, string>> = {
      "a balance": "UPDATE wallets SET available = available + 1",
      "a version": "UPDATE wallets SET version = version + 1",
      "a lost wallet": "DELETE FROM wallets WHERE available = 0",
      "a nonce": "UPDATE players SET nonce = 0",
      "a status": "UPDATE players SET status = 2",
      "a lost bet": "DELETE FROM bets WHERE key LIKE '%a'",
      "an amount of a bet": "UPDATE bets SET amount = 1",
      "a round": "UPDATE rounds SET open_bets = 7",
      "a house account": "UPDATE house_accounts SET minor = '1'",
      "a lost house account": "DELETE FROM house_accounts",
      "an identity": "UPDATE identities SET player_ref = 'x'",
      "the head's seq": "UPDATE head SET seq = seq - 1",
      "the head's time": "UPDATE head SET recorded_at = recorded_at + 1",
      "the edge": "UPDATE head SET edge = x''",
      "the checkpoint": "UPDATE head SET checkpoint = replace(checkpoint, '1', '2')",
    };
    await using folder = await bookFolder();
    await proveAlive(folder);
    for (const [what, damage] of Object.entries(damages)) {
      const state = new Database(folder.paths.state);
      state.run("UPDATE rounds SET open_bets = open_bets");
      const { changes } = state.run(damage);
      state.close();
      const started = await startIn(folder);
      await started.primary.stop();
      const rebuilt = warned(started, "can't be relied on");
      expect([what, changes > 0 ? rebuilt : !rebuilt]).toEqual([what, true]);
    }
  }, 60_000);

  test("rebuilds a state.db that is no database, or cut short", async () => {
    await using folder = await bookFolder();
    writeFileSync(folder.paths.state, "nothing like a database ".repeat(200));
    expect(warned(await proveAlive(folder), "can't be relied on")).toBe(true);
    truncateSync(folder.paths.state, Math.floor(statSync(folder.paths.state).size / 2));
    const started = await startIn(folder);
    await started.primary.stop();
    expect(warned(started, "can't be relied on")).toBe(true);
  });

});

describe("a start is refused", () => {
  const refused = async (folder: Folder): Promise<unknown> => {
    try {
      await (await startIn(folder)).primary.stop();
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
    return "started";
  };

  test("beside another primary, and not after it", async () => {
    await using folder = await makeFolder();
    const first = await startIn(folder);
    const second = await countroom("primary", "--data", folder.dir, "--port", "0");
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("DATA_LOCKED");
    expect(second.stderr).toContain("hint:");
    await first.primary.stop();
    expect(await refused(folder)).toBe("started");
  });

  test("on a sealed, a foreign or a torn ledger, and on a state without one", async () => {
    await using folder = await bookFolder();
    const { ledger, dir } = folder.paths;
    const good = join(folder.dir, "good");
    cpSync(dir, good, { recursive: true });
    const restore = (): void => {
      rmSync(dir, { recursive: true });
      cpSync(good, dir, { recursive: true });
    };

    const vandal = new Database(ledger);
    vandal.run("UPDATE epochs SET last_seq = 1");
    vandal.close();
    expect(await refused(folder)).toBe("LEDGER_SEALED");

    restore();
    writeFileSync(ledger, "not a database at all ".repeat(300));
    expect(await refused(folder)).toBe("DATABASE_FOREIGN");

    restore();
    truncateSync(ledger, 3 * 4096);
    expect(["DATABASE_DAMAGED", "LEDGER_DAMAGED"]).toContain(String(await refused(folder)));

    restore();
    rmSync(ledger);
    expect(await refused(folder)).toBe("LEDGER_MISSING");

    restore();
    expect(await refused(folder)).toBe("started");
    expect(readdirSync(dir)).toContain("ledger.db");
  });

  test("on a ledger that lost acknowledged records, and leaves the proof alone", async () => {
    await using folder = await bookFolder();
    const old = join(folder.dir, "old-ledger.db");
    cpSync(folder.paths.ledger, old);
    await proveAlive(folder);
    const proof = readFileSync(folder.paths.state);
    const { ledger } = folder.paths;
    for (const replace of [() => cpSync(old, ledger), () => writeFileSync(ledger, "")]) {
      for (const suffix of ["", "-wal", "-shm"]) {
        rmSync(folder.paths.ledger + suffix, { force: true });
      }
      replace();
      expect(["LEDGER_BEHIND_STATE", "LEDGER_MISSING"]).toContain(String(await refused(folder)));
      expect(readFileSync(folder.paths.state).equals(proof)).toBe(true);
    }
  });

  test("when a record, the edge or a root was changed in the ledger", async () => {
    await using folder = await bookFolder();
    const { ledger, dir, state } = folder.paths;
    const good = join(folder.dir, "good");
    cpSync(dir, good, { recursive: true });
    const damages = [
      "UPDATE records_000000 SET outcome = zeroblob(length(outcome)) WHERE seq = 3",
      `UPDATE records_000000 SET event = (SELECT event FROM records_000000 WHERE seq = 6)
         WHERE seq = 5`,
      "DELETE FROM records_000000 WHERE seq = 4",
      "UPDATE tree SET edge = zeroblob(length(edge))",
      "UPDATE commits SET root = zeroblob(32)",
    ];
    for (const damage of damages) {
      const vandal = new Database(ledger);
      vandal.run("DROP TRIGGER records_000000_no_update");
      vandal.run("DROP TRIGGER records_000000_no_delete");
      vandal.run("DROP TRIGGER commits_no_update");
      vandal.run(damage);
      vandal.close();
      rmSync(state);
      expect([damage, await refused(folder)]).toEqual([damage, "LEDGER_DAMAGED"]);
      rmSync(dir, { recursive: true });
      cpSync(good, dir, { recursive: true });
    }
  });
});

test("no key and no identity is in the log", async () => {
  await using folder = await bookFolder();
  const started = await startIn(folder);
  await started.primary.stop();
  const text = JSON.stringify(started.lines);
  for (const name of ["signing.key", "games.key", "api-play.jwt"]) {
    const secret = readFileSync(join(folder.dir, "keys", name), "utf8").trim();
    expect(text).not.toContain(secret.slice(30, 60));
  }
});
