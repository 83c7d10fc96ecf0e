// The chat page of the Telegram stand-in: no framework, nothing from elsewhere.

const $ = (id) => document.getElementById(id);
const QUICK = ["/start", "/balance", "/deposit 100", "/play dice 5 over 50", "/help"];
const BALANCE_EVERY_MS = 500;
const AFTER_ACTION_MS = [40, 80, 120, 200, 300];
const RETRY_MS = 1000;

let chatId = readPlayer();
let entries = [];
let seen = new Map();

function readPlayer() {
  const asked = new URLSearchParams(location.search).get("player");
  const saved = asked ?? localStorage.getItem("player") ?? "";
  return /^[1-9][0-9]{0,14}$/.test(saved) ? saved : newPlayer();
}

function newPlayer() {
  return String(100000 + crypto.getRandomValues(new Uint32Array(1))[0] % 900000);
}

function setPlayer(id) {
  chatId = id;
  localStorage.setItem("player", id);
  $("player").value = id;
  entries = [];
  seen = new Map();
  drawTalk();
  void followChat(id);
  void readBalances();
}

async function api(path, body) {
  const response = await fetch(`/sim/${path}`, body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error((await response.json()).description);
  return response.json();
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// --- the chat -------------------------------------------------------------------------------

async function followChat(id) {
  let after;
  while (id === chatId) {
    try {
      const chat = await api(`chat?chat_id=${id}${after === undefined ? "" : `&after=${after}`}`);
      if (id !== chatId) return;
      if (chat.last !== after) {
        entries = chat.entries;
        drawTalk();
      }
      after = chat.last;
    } catch {
      await sleep(RETRY_MS);
    }
  }
}

/** Later edits of a message replace its text and buttons. */
function messages() {
  const shown = [];
  const byId = new Map();
  for (const entry of entries) {
    if (entry.method === "sendChatAction") continue;
    if (entry.method === "answerCallbackQuery" && entry.text === "") continue;
    if (entry.method.startsWith("edit")) {
      const target = byId.get(entry.message_id);
      if (target) Object.assign(target, { text: entry.text, reply_markup: entry.reply_markup });
      continue;
    }
    const copy = { ...entry };
    if (entry.method === "sendMessage") byId.set(entry.message_id, copy);
    shown.push(copy);
  }
  return shown;
}

function drawTalk() {
  const talk = $("talk");
  const items = messages().map(drawEntry);
  if (items.length === 0) {
    items.push(element("li", "empty", "Nothing said yet. Begin with /start."));
  }
  talk.replaceChildren(...items);
  talk.scrollTop = talk.scrollHeight;
}

function drawEntry(entry) {
  if (entry.method === "press") return element("li", "press", `You pressed “${entry.text}”`);
  if (entry.method === "answerCallbackQuery") return element("li", "press", entry.text);
  const item = element("li", entry.from);
  const bubble = element("div", "bubble", entry.text);
  const time = element("time", "", new Date(entry.at).toLocaleTimeString([], { timeStyle: "short" }));
  time.title = entry.at;
  bubble.append(time);
  item.append(bubble);
  const rows = entry.reply_markup?.inline_keyboard ?? [];
  if (rows.length > 0) item.append(drawKeys(entry, rows));
  return item;
}

function drawKeys(entry, rows) {
  const keys = element("div", "keys");
  for (const row of rows) {
    const line = element("div");
    for (const { text, callback_data: data } of row) {
      const button = element("button", "", text);
      button.type = "button";
      button.addEventListener("click", () =>
        act("press", { message_id: entry.message_id, data }));
      line.append(button);
    }
    keys.append(line);
  }
  return keys;
}

function element(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

async function act(what, body) {
  try {
    await api(what, { chat_id: Number(chatId), edge: $("via").value, ...body });
  } catch (error) {
    $("talk").append(element("li", "press", `Not sent: ${error.message}`));
  }
  for (const ms of AFTER_ACTION_MS) {
    await sleep(ms);
    await readBalances();
  }
}

// --- the balances ---------------------------------------------------------------------------

async function readBalances() {
  const id = chatId;
  try {
    const answer = await api(`balance?chat_id=${id}`);
    if (id !== chatId) return;
    $("ref").textContent = answer.player_ref ?? "– (nobody yet: send /start)";
    $("edges").replaceChildren(...answer.edges.map(drawEdge));
    drawVerdict(answer.edges);
  } catch {
    $("verdict").textContent = "The stand-in doesn't answer.";
    $("verdict").className = "verdict";
  }
}

function drawVerdict(edges) {
  const read = edges.filter((edge) => edge.state === "ok");
  const verdict = $("verdict");
  const values = new Set(read.map((edge) => JSON.stringify(edge.balances)));
  const same = read.length > 1 && values.size === 1;
  verdict.className = same ? "verdict same" : "verdict";
  verdict.textContent = read.length === 0
    ? "No balance yet."
    : same
    ? `${read.length === 2 ? "Both" : `All ${read.length}`} edges say the same.`
    : read.length === 1 ? "One edge answers." : "An edge is catching up.";
}

function drawEdge(edge) {
  const fun = edge.balances?.find((balance) => balance.currency === "FUN") ?? edge.balances?.[0];
  const card = element("article", `edge ${edge.state}`);
  const title = element("h3", "", edge.region);
  const source = edge.freshness?.source;
  const asked = source === undefined ? "" : source === "replica" ? "its replica" : "the primary";
  title.append(element("span", "", `${new URL(edge.url).host}${asked && ` · ${asked}`}`));
  const output = element("output", "", fun ? amount(fun.available, fun.exponent) : "–");
  if (fun) output.append(element("small", "", ` ${fun.currency}`));
  const words = { ok: "", unknown: "not known here yet", down: "no answer" };
  if (!fun) output.append(element("small", "", ` ${words[edge.state]}`));
  const mark = fun ? `${fun.version}` : "";
  if (fun && seen.has(edge.region) && seen.get(edge.region) !== mark) card.classList.add("fresh");
  if (fun) seen.set(edge.region, mark);
  card.append(title, output, facts(edge, fun));
  return card;
}

function facts(edge, fun) {
  const list = element("dl");
  const age = edge.freshness?.age_ms;
  const rows = [
    ["read in", edge.ms === undefined ? "–" : `${edge.ms.toFixed(2)} ms`],
    ["fresh to", age === undefined ? "–" : `${Math.round(age)} ms`],
    ["at record", edge.freshness?.seq === undefined ? "–" : `#${edge.freshness.seq}`],
    ["held", fun ? amount(fun.held, fun.exponent) : "–"],
  ];
  for (const [name, value] of rows) {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    list.append(pair);
  }
  return list;
}

/** Minor units to text, in integers. */
function amount(minor, exponent) {
  const digits = minor.replace("-", "").padStart(exponent + 1, "0");
  const whole = digits.slice(0, -exponent).replace(/\B(?=(\d{3})+$)/g, " ");
  const part = digits.slice(-exponent).replace(/0+$/, "");
  const cents = part === "" ? "" : `.${part.padEnd(2, "0")}`;
  return `${minor.startsWith("-") ? "−" : ""}${whole}${cents}`;
}

// --- beginning ------------------------------------------------------------------------------

async function begin() {
  const edges = await api("edges").catch(() => []);
  const any = element("option", "", "any edge");
  any.value = "";
  $("via").replaceChildren(any, ...edges.map(({ region }) => element("option", "", region)));
  $("quick").replaceChildren(...QUICK.map((text) => {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => act("send", { text }));
    return button;
  }));
  $("compose").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("text").value;
    if (text.trim() === "") return;
    $("text").value = "";
    void act("send", { text });
  });
  $("player").addEventListener("change", () => {
    const id = $("player").value.trim();
    setPlayer(/^[1-9][0-9]{0,14}$/.test(id) ? id : chatId);
  });
  $("another").addEventListener("click", () => setPlayer(newPlayer()));
  setPlayer(chatId);
  for (;;) {
    await sleep(BALANCE_EVERY_MS);
    if (!document.hidden) await readBalances();
  }
}

void begin();
