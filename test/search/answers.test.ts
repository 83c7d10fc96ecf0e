/**
 * Goal: what people are told is what happened: every movement once, with its balance, for their
 * own operator only; rounds and lookups agree with it; hostile questions are refused.
 * Method: random events through a real edge, and a model that knows only events and receipts.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { NOBODY, type Answer } from "../edge/deployment.ts";
import { linesOf, Model, type ModelLine } from "./model.ts";
import { Site } from "./site.ts";

const SEED = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const PLAYERS = 6;
const EVENTS = 600;

let site: Site;
let keys: { operator: string; source: string; key: string }[];
const model = new Model();
const players: string[] = [];
let mark = "";

let state = SEED;
function pick(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

let nextId = 0;
const id = (kind: string): string => `${kind}-${(nextId += 1)}`;
const money = (minor: number | bigint, currency = "FUN") => ({ minor: String(minor), currency });

/** Brings events one after the other and tells the model. */
async function bring(source: number, ...events: object[]): Promise<any[]> {
  const { key, source: name } = keys[source]!;
  const all = events.map((event) => ({ idempotency_key: id("key"), ...event }));
  const receipts = await site.post(all, key);
  for (const [index, receipt] of receipts.entries()) model.take(name, all[index], receipt);
  mark = receipts.at(-1).bookmark ?? mark;
  return receipts;
}

function randomEvent(): [source: number, event: object] {
  const player_ref = players[pick(players.length)]!;
  const source = pick(2);
  const name = keys[source]!.source;
  const mine = [...model.bets].filter(([bet]) => bet.startsWith(`${name} `));
  const [bet_txn_id = "none"] =
    mine.length === 0 ? [] : [mine[pick(mine.length)]![0].split(" ")[1]!];
  switch (pick(8)) {
    case 0:
      return [source, { player_ref, deposit_captured: { amount: money(1 + pick(5_000_000)) } }];
    case 1:
    case 2:
    case 3: {
      const round_id = `round-${pick(40)}`;
      const bet_placed = { amount: money(1 + pick(3_000_000)) };
      return [source, { player_ref, round_id, txn_id: id("bet"), bet_placed }];
    }
    case 4:
    case 5: {
      const win = money(pick(2) * pick(4_000_000));
      const round_settled = { bet_txn_id, win, closes_round: pick(6) === 0 };
      return [source, { txn_id: id("win"), round_settled }];
    }
    case 6:
      return [source, { txn_id: id("back"), bet_rolled_back: { bet_txn_id } }];
    default: {
      const dice = { target_x100: 5_000, over: true };
      const round_id = id("house");
      const stake = money(1 + pick(1_000_000));
      return [source, { player_ref, round_id, txn_id: round_id, house_round: { stake, dice } }];
    }
  }
}

beforeAll(async () => {
  console.log(`search answers: TEST_SEED=${SEED}`);
  site = await Site.open();
  keys = await Promise.all(
    [
      ["demo", "studio"],
      ["demo", "lobby"],
      ["rival", "studio"],
    ].map(async ([operator = "", source = ""]) => {
      return { operator, source, key: await site.key(operator, source) };
    }),
  );
  for (let count = 0; count < PLAYERS; count += 1) {
    const [receipt] = await bring(0, { player_registered: {} });
    players.push(receipt.player_ref);
    await bring(0, { player_ref: receipt.player_ref, deposit_captured: { amount: money(9e6) } });
  }
  for (let count = 0; count < EVENTS; count += 1) {
    const [source, event] = randomEvent();
    await bring(source, event);
  }
}, 60_000);
afterAll(() => site?.[Symbol.asyncDispose]());

/** Every page of a statement. */
async function pages(ref: string, query: string): Promise<any[]> {
  const entries: any[] = [];
  let cursor = `&at_least=${mark}`;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const { status, body } = await site.ask(`/v1/players/${ref}/statement?${query}${cursor}`);
    expect(status).toBe(200);
    entries.push(...body["entries"]);
    if (body["next_cursor"] === null) return entries;
    cursor = `&cursor=${body["next_cursor"]}`;
  }
  throw new Error("the pages don't end");
}

describe("statements", () => {
  test("every movement once, in order, with the balance behind it", async () => {
    for (const ref of players) {
      const wanted = model.lines.get(ref)!;
      const asc = linesOf(await pages(ref, `order=asc&limit=7`));
      expect(asc).toEqual(wanted);
      const desc = linesOf(await pages(ref, "limit=50"));
      expect(desc).toEqual(wanted.toReversed());
    }
  }, 30_000);

  test("refusals are told on request, in their places", async () => {
    for (const ref of players) {
      const entries = await pages(ref, "include=refusals&limit=11");
      const seqs = entries.filter(({ refused }) => refused).map(({ seq }) => seq);
      expect(seqs).toEqual((model.refusals.get(ref) ?? []).toReversed());
      expect(linesOf(entries)).toEqual(model.lines.get(ref)!.toReversed());
      const order = entries.map(({ seq }) => Number(seq));
      expect(order).toEqual(order.toSorted((a, b) => b - a));
    }
    expect([...model.refusals.values()].flat().length).toBeGreaterThan(10);
  });

  test("a page's opening and closing balances enclose its lines", async () => {
    const { body } = await site.ask(`/v1/players/${players[0]}/statement?limit=20&order=asc`);
    const told = body["balances"] as any[];
    expect(told.length).toBeGreaterThan(0);
    for (const { bucket, opening, closing } of told) {
      const moved = linesOf(body["entries"])
        .filter((line) => line.bucket === bucket)
        .reduce((sum, { amount }) => sum + amount, 0n);
      expect(BigInt(closing) - BigInt(opening)).toBe(moved);
      expect(opening).toBe("0");
    }
  });

  test("type, currency and times narrow it down", async () => {
    const ref = players[0]!;
    const all = model.lines.get(ref)!;
    const of = async (query: string): Promise<ModelLine[]> => linesOf(await pages(ref, query));
    const bets = all.filter(({ type }) => type === "bet_placed");
    expect(await of("type=bet_placed&order=asc")).toEqual(bets);
    expect(await of("currency=EUR")).toEqual([]);
    expect(await of("type=never_heard_of")).toEqual([]);
    const { body } = await site.ask(`/v1/players/${ref}/statement?order=asc`);
    const middle = body["entries"][20];
    const from = await of(`from=${middle.recorded_at}&order=asc&limit=9`);
    expect(from).toEqual(all.filter(({ seq }) => Number(seq) >= Number(middle.seq)));
    const to = await of(`to=${middle.recorded_at}&limit=9`);
    expect(to.toReversed()).toEqual(all.filter(({ seq }) => Number(seq) < Number(middle.seq)));
    expect(await of("from=2000-01-01&order=asc")).toEqual(all);
    expect(await of("to=2000-01-01T00:00:00Z")).toEqual([]);
    expect(await of("from=2100-01-01T00:00:00%2B04:00")).toEqual([]);
  });

  test("pages neither repeat nor lose anything while more arrives", async () => {
    const ref = players[1]!;
    const arriving = (async () => {
      for (let count = 0; count < 40; count += 1) {
        await bring(0, { player_ref: ref, deposit_captured: { amount: money(1 + count) } });
      }
    })();
    const [asc, desc] = await Promise.all([pages(ref, "order=asc&limit=3"), pages(ref, "limit=3")]);
    await arriving;
    const all = model.lines.get(ref)!;
    expect(linesOf(asc)).toEqual(all.slice(0, asc.length));
    const start = all.findLastIndex(({ seq }) => seq === desc[0].seq);
    expect(linesOf(desc)).toEqual(all.slice(0, start + 1).toReversed());
  }, 20_000);

  test("CSV has the same lines, and nothing a spreadsheet would run", async () => {
    const evil = '=HYPERLINK("http://x","a,b")';
    const player_ref = players[2]!;
    await bring(0, { player_ref, round_id: "@r", txn_id: evil, bet_placed: { amount: money(1) } });
    const target = `/v1/players/${player_ref}/statement?order=asc&limit=5000&at_least=${mark}`;
    const { status, headers, body } = await site.ask(target, undefined, { accept: "text/csv" });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toStartWith("text/csv");
    expect(headers.get("countroom-next-cursor")).toBeNull();
    expect(headers.get("countroom-bookmark")).toMatch(/^1-\d+$/);
    const text = body["text"] as string;
    const rows = text.trimEnd().split("\r\n");
    expect(rows[0]).toStartWith("seq,line,time,type,code,source,currency,bucket,amount,balance");
    expect(rows.length - 1).toBe(model.lines.get(player_ref)!.length);
    expect(rows.at(-1)).toEndWith(`,"'=HYPERLINK(""http://x"",""a,b"")","'@r"`);
    expect(rows.at(-1)).toContain(',"FUN","escrow",0.000001,');
    const others: [txn: string, cell: string][] = [
      [";=1", '";=1"'],
      ["＝1", `"'＝1"`],
      ["＋1", `"'＋1"`],
      ["－1", `"'－1"`],
      ["＠1", `"'＠1"`],
    ];
    for (const [txn_id] of others) {
      await bring(0, { player_ref, round_id: "r", txn_id, bet_placed: { amount: money(1) } });
    }
    const newest = `/v1/players/${player_ref}/statement?limit=10&order=desc&at_least=${mark}`;
    const again = await site.ask(newest, undefined, { accept: "text/csv" });
    for (const [, cell] of others) expect(again.body["text"]).toContain(`,${cell},"r"\r\n`);
    const few = await site.ask(`${target}&limit=2`, undefined, { accept: "text/csv" });
    expect(few.status).toBe(400);
    const json = await site.ask(target, undefined, { accept: "text/html, */*" });
    expect(json.status).toBe(400);
  });
});

describe("rounds", () => {
  test("bets, what became of them, and sums are the model's, source by source", async () => {
    const rounds = new Set([...model.bets.values()].map(({ round }) => round));
    let ambiguous = 0;
    for (const round of rounds) {
      const { status, body } = await site.ask(
        `/v1/rounds/${encodeURIComponent(round)}?at_least=${mark}`,
      );
      expect(status).toBe(200);
      const told = body["rounds"] as any[];
      if (told.length > 1) ambiguous += 1;
      const own = [...model.bets].filter(([, bet]) => bet.round === round);
      expect(told.flatMap(({ bets }) => bets).length).toBe(own.length);
      for (const { source, bets, sums, state } of told) {
        const mine = own.filter(([name]) => name.startsWith(`${source} `));
        for (const bet of bets) {
          const wanted = model.bets.get(Model.bet(source, bet.txn_id))!;
          expect(bet).toMatchObject({
            state: wanted.state,
            stake: String(wanted.stake),
            won: String(wanted.won),
            open: wanted.state === "open" ? String(wanted.stake) : "0",
          });
          expect(bet.resolutions.length).toBe(wanted.state === "open" ? 0 : 1);
        }
        const sum = (of: (bet: (typeof mine)[number][1]) => bigint): string =>
          String(mine.reduce((total, [, bet]) => total + of(bet), 0n));
        expect(sums).toEqual([
          {
            currency: "FUN",
            exponent: 6,
            bets: String(mine.length),
            staked: sum(({ stake }) => stake),
            open: sum((bet) => (bet.state === "open" ? bet.stake : 0n)),
            won: sum(({ won }) => won),
          },
        ]);
        const open = mine.some(([, bet]) => bet.state === "open");
        if (state !== "closed") expect(state).toBe(open ? "open" : "settled");
        else expect(open).toBe(false);
      }
    }
    expect(ambiguous).toBeGreaterThan(0);
  }, 20_000);

  test("one source is named; a house round ends with its record; others are unknown", async () => {
    const both = await site.ask("/v1/rounds/round-1?source=lobby");
    expect(both.body["rounds"].map(({ source }: any) => source)).toEqual(["lobby"]);
    const round_id = id("house");
    const dice = { target_x100: 5_000, over: true };
    const player_ref = players[3]!;
    const [receipt] = await bring(0, {
      player_ref,
      round_id,
      txn_id: round_id,
      game_id: "dice",
      house_round: { stake: money(10), dice },
    });
    const { body } = await site.ask(`/v1/rounds/${round_id}?at_least=${receipt.bookmark}`);
    expect(body["rounds"]).toMatchObject([
      { state: "closed", game_id: "dice", player_ref, closed_seq: receipt.seq },
    ]);
    expect(body["rounds"][0].bets[0]).toMatchObject({
      state: "settled",
      stake: "10",
      won: receipt.house_round.win,
    });
    const unknown = await site.ask("/v1/rounds/never");
    expect(unknown).toMatchObject({ status: 404, body: { code: "ROUND_UNKNOWN" } });
    expect(unknown.body["freshness"].seq).toBeGreaterThan(0);
    expect((await site.ask("/v1/rounds/round-1?source=nobody")).status).toBe(404);
  });
});

test("corrections by another desk, and bets that a closing round takes along", async () => {
  const desk = await site.key("demo", "desk", ["bet_voided", "bet_resettled", "round_closed"]);
  const studio = await site.key("demo", "shop", ["win_rolled_back"]);
  const round_id = id("corrected");
  const [won, open, again, lost] = ["w", "o", "a", "l"].map((kind) => id(kind));
  const correct = async (key: string, ...events: object[]): Promise<any> => {
    const receipts = await site.post(
      events.map((event) => ({ idempotency_key: id("key"), txn_id: id("txn"), ...event })),
      key,
    );
    expect(receipts.map(({ code }) => code)).toEqual(events.map(() => "OK"));
    return receipts.at(-1);
  };
  const of = { bet_source: "shop", reason: "because" };
  const win_txn_id = id("win");
  const deposit_captured = { amount: money(100) };
  const [registered] = await site.post(
    [{ idempotency_key: id("key"), player_registered: {} }],
    studio,
  );
  const { player_ref } = registered;
  const bets = [won, open, again, lost].map((txn_id) => {
    return { player_ref, round_id, txn_id, bet_placed: { amount: money(10) } };
  });
  await correct(studio, { player_ref, deposit_captured }, ...bets);
  await correct(
    studio,
    { txn_id: win_txn_id, round_settled: { bet_txn_id: won, win: money(25) } },
    { win_rolled_back: { win_txn_id } },
    { round_settled: { bet_txn_id: again, win: money(5) } },
  );
  const { bookmark, seq } = await correct(
    desk,
    { bet_voided: { bet_txn_id: open, ...of } },
    { bet_resettled: { bet_txn_id: again, win: money(40), ...of } },
    { round_id, round_closed: { round_source: "shop" } },
  );
  const { body } = await site.ask(`/v1/rounds/${round_id}?at_least=${bookmark}`);
  expect(body["rounds"]).toMatchObject([
    {
      source: "shop",
      state: "closed",
      closed_seq: seq,
      sums: [{ bets: "4", staked: "40", open: "0", won: "40" }],
    },
  ]);
  const told = (body["rounds"][0].bets as any[]).map(({ txn_id, state, won: sum, resolutions }) => {
    return [txn_id, state, sum, ...resolutions.map(({ type }: any) => type)];
  });
  expect(told).toEqual([
    [won, "settled", "0", "round_settled", "win_rolled_back"],
    [open, "returned", "0", "bet_voided"],
    [again, "settled", "40", "round_settled", "bet_resettled"],
    [lost, "settled", "0", "round_closed"],
  ]);
  const statement = await site.ask(`/v1/players/${player_ref}/statement?limit=1`);
  expect(statement.body["entries"][0]).toMatchObject({ seq, bucket: "escrow" });
});

describe("records", () => {
  const admin = () => site.keys.token("api-admin");

  test("are found by every id they carry", async () => {
    const trace_id = "0af7651916cd43dd8448eb211c80319c";
    const [receipt] = await bring(0, {
      player_ref: players[0],
      round_id: "find-me",
      txn_id: "0190f5fe-7c00-7a00-8000-0123456789ab",
      trace_id,
      bet_placed: { amount: money(1) },
    });
    const { event_id, seq, bookmark } = receipt;
    for (const query of [
      "txn=0190f5fe-7c00-7a00-8000-0123456789ab",
      `trace=${trace_id}`,
      "round=find-me",
      `event=${event_id}`,
      `player=${players[0]}&limit=1`,
    ]) {
      const { status, body } = await site.ask(`/v1/records?${query}&at_least=${bookmark}`, admin());
      expect(status).toBe(200);
      expect(body["records"]).toMatchObject([
        { seq, event_id, trace_id, round_id: "find-me", player_ref: players[0], bet_seq: seq },
      ]);
    }
    const all: any[] = [];
    for (let cursor = ""; ;) {
      const target = `/v1/records?player=${players[0]}&limit=13&order=asc${cursor}`;
      const { body } = await site.ask(target, admin());
      all.push(...body["records"]);
      if (body["next_cursor"] === null) break;
      cursor = `&cursor=${body["next_cursor"]}`;
    }
    const seqs = all.map((record) => Number(record.seq));
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    const own = (await site.records()).filter(
      ({ outcome: { playerRef, operatorId } }) => playerRef === players[0] && operatorId === "demo",
    );
    expect(seqs).toEqual(own.map(({ outcome }) => outcome.seq));
  }, 15_000);

  test("are for admin keys", async () => {
    const play = await site.ask("/v1/records?txn=a", site.keys.token("api-play"));
    expect(play).toMatchObject({ status: 403, body: { code: "ACCESS_SCOPE" } });
  });
});

describe("strangers", () => {
  test("another operator's players, rounds and records are unknown", async () => {
    const rival = keys[2]!.key;
    const [own] = await site.post([{ idempotency_key: id("key"), player_registered: {} }], rival);
    const { player_ref: theirs, bookmark } = own;
    // A refusal that names a stranger's player doesn't make the player known.
    await site.post(
      [
        {
          idempotency_key: id("key"),
          player_ref: players[0],
          round_id: "round-1",
          txn_id: id("bet"),
          bet_placed: { amount: money(1) },
        },
      ],
      rival,
    );
    const at = `at_least=${bookmark}`;
    const cases: [string, string][] = [
      [`/v1/players/${players[0]}/statement?${at}`, rival],
      [`/v1/players/${theirs}/statement?${at}`, site.keys.token("api-read")],
      [`/v1/rounds/round-1?${at}`, rival],
    ];
    for (const [target, key] of cases) expect((await site.ask(target, key)).status).toBe(404);
    const mine = await site.ask(`/v1/players/${theirs}/statement?${at}`, rival);
    expect(mine).toMatchObject({ status: 200, body: { entries: [] } });
    const found = await site.ask(`/v1/records?round=round-2&${at}`, rival);
    expect(found.body["records"]).toEqual([]);
    const named = "/v1/rounds/round-1?operator=demo";
    expect((await site.ask(named, rival)).status).toBe(400);
    const headed = await site.ask("/v1/rounds/round-1", rival, { "countroom-operator": "demo" });
    expect(headed.status).toBe(404);
  });

  test("API keys don't reach search itself", async () => {
    for (const name of ["api-admin", "api-read", "bot", "publisher", "search"]) {
      const authorization = `Bearer ${site.keys.token(name)}`;
      expect((await site.askSearch("/v1/rounds/round-1", { authorization })).status).toBe(403);
    }
    expect((await site.askSearch("/v1/rounds/round-1", { authorization: "x" })).status).toBe(401);
    expect((await site.askSearch("/v1/rounds/round-1")).status).toBe(200);
    const nobody = await site.askSearch("/v1/rounds/round-1", { "countroom-operator": "" });
    expect(nobody.status).toBe(400);
    const other = await site.askSearch("/v1/rounds/round-1", { "countroom-operator": "nobody" });
    expect(other.status).toBe(404);
    // Search's own token follows the Tail, and that is all.
    const token = site.keys.token("search");
    const balance = await fetch(`${site.primary.url}/countroom.v1.LedgerService/GetBalance`, {
      method: "POST",
      body: "{}",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    expect(balance.status).toBe(403);
  });
});

describe("hostile questions", () => {
  const problem = (answer: Answer, status: number, code: string): void => {
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get("content-type")).toStartWith("application/problem+json");
  };

  test("parameters that make no sense are refused by name", async () => {
    const statement = `/v1/players/${players[0]}/statement`;
    const cases: Record<string, string[]> = {
      cursor: ["x", "0-0", "1", "1-", "-1-1", "1-1-1", "99999999999999999-0", "1.5-0", "%00"],
      limit: ["0", "-1", "201", "1e3", "x", "", "99999999999"],
      from: ["yesterday", "2026-13-45", "-1", "1.5", "2026-11-21T10:00:00", "12345678901234567"],
      to: ["x", "2026-02-30T25:00:00Z", "2026-02-30", "2026-02-29T00:00:00Z", "2026-04-31"],
      order: ["up", ""],
      currency: ["fun", "F", "';--"],
      type: ["Bet", "bet placed", "%27"],
      include: ["everything"],
      nonsense: ["1"],
      ["__proto__"]: ["1"],
      constructor: ["1"],
    };
    for (const [name, values] of Object.entries(cases)) {
      for (const value of values) {
        const answer = await site.ask(`${statement}?${name}=${value}`);
        problem(answer, 400, "REQUEST_INVALID");
        expect(answer.body["field"]).toBe(name);
      }
    }
    problem(await site.ask(`${statement}?limit=1&limit=2`), 400, "REQUEST_INVALID");
    problem(await site.ask(`${statement}?at_least=soon`), 400, "BOOKMARK_MALFORMED");
    problem(await site.ask(`${statement}?__proto__=1&__proto__=2`), 400, "REQUEST_INVALID");
    problem(await site.ask("/v1/rounds/"), 404, "ROUTE_UNKNOWN");
    expect((await site.ask(`${statement}?from=2024-02-29&to=2024-12-31`)).status).toBe(200);
    problem(await site.ask("/v1/players/nobody/statement"), 400, "REQUEST_INVALID");
    problem(await site.ask(`/v1/players/${NOBODY}/statement`), 404, "PLAYER_UNKNOWN");
    problem(await site.ask(`/v1/rounds/${"r".repeat(129)}`), 400, "REQUEST_INVALID");
    problem(await site.ask(`/v1/rounds/a?source=${"r".repeat(5_000)}`), 413, "REQUEST_TOO_LARGE");
    const admin = site.keys.token("api-admin");
    for (const query of ["", "txn=a&round=b", "trace=xyz", "player=me", "event=1", "txn="]) {
      problem(await site.ask(`/v1/records?${query}`, admin), 400, "REQUEST_INVALID");
    }
    problem(await site.ask(statement, "not-a-key"), 401, "ACCESS_UNAUTHENTICATED");
  }, 20_000);

  test("ids that look like SQL, paths or controls are ids", async () => {
    const player_ref = players[4]!;
    const names = [
      "' OR 1=1 --",
      '"; DROP TABLE records; --',
      "%' UNION SELECT * FROM names",
      "../../../x",
      "a/b?c#d",
      "0",
      "-1",
      "NULL",
      "🎲 ünï",
      "a".repeat(128),
    ];
    const bets = names.map((round_id) => {
      return { player_ref, round_id, txn_id: round_id, bet_placed: { amount: money(1) } };
    });
    const receipts = await bring(1, ...bets);
    for (const [index, round_id] of names.entries()) {
      const { code, seq } = receipts[index];
      expect(code).toBe("OK");
      const written = encodeURIComponent(round_id);
      const { status, body } = await site.ask(`/v1/rounds/${written}?at_least=${mark}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ round_id, rounds: [{ bets: [{ txn_id: round_id }] }] });
      const found = await site.ask(`/v1/records?txn=${written}`, site.keys.token("api-admin"));
      expect(found.body["records"].map((record: any) => record.seq)).toEqual([seq]);
    }
  }, 20_000);

  test("a bookmark that nobody gave out is told as such, as with balances", async () => {
    const statement = `/v1/players/${players[0]}/statement`;
    const head = (await site.records()).length;
    for (const [bookmark, waits] of [
      ["1-999999999", false],
      ["2-1", false],
      ["0-1", false],
      [`1-${head + 1000}`, true],
    ] as const) {
      const began = performance.now();
      const answer = await site.ask(`${statement}?at_least=${bookmark}`);
      problem(answer, 400, "BOOKMARK_UNKNOWN");
      expect(performance.now() - began > 900).toBe(waits);
      const balance = await site.ask(`/v1/players/${players[0]}/balance?at_least=${bookmark}`);
      expect(balance.body["code"]).toBe("BOOKMARK_UNKNOWN");
    }
    const { body } = await site.ask(`${statement}?limit=1`);
    expect(body["freshness"]).toMatchObject({ epoch: 1, source: "search" });
    expect(body["freshness"].age_ms).toBeGreaterThanOrEqual(0);
  });
});
