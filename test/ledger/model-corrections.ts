/** Corrections: what stands of a play is derived anew from all that was accepted about it. */
import { BonusStage, Code, type Command, Funding, type PayloadOf } from "../../src/ledger/index.ts";
import { isOf, isTaken, isTakenBeside, returned } from "./model-bets.ts";
import { Deed } from "./model-deed.ts";
import { askedBy, atMost, moreWagering, NO_WIN, shares, sumOf } from "./model-stakes.ts";
import {
  betKey,
  id,
  MAX,
  No,
  ownKey,
  type Play,
  type Stake,
  txnKey,
  type Win,
  type World,
} from "./model-world.ts";

const CORRECTIONS_MAX = 64;

interface Standing {
  readonly as: "settled" | "taken" | "void";
  readonly win: Win;
  readonly seq: number;
  readonly corrections: number;
}

/** How the records about a settled play have left it. */
export function standingOf(world: World, key: string): Standing {
  const { seq, win } = world.plays.get(key)!;
  let standing: Standing = { as: "settled", win, seq, corrections: 0 };
  for (const { corrects, seq: at } of world.log) {
    if (corrects?.play !== key) continue;
    const corrections = standing.corrections + 1;
    const { to } = corrects;
    standing =
      typeof to === "string"
        ? { as: to, win: NO_WIN, seq: at, corrections }
        : { as: "settled", win: to, seq: at, corrections };
  }
  return standing;
}

function checkPlace(command: Command, ref: string | undefined, play: Play): void {
  const { roundId } = command;
  const isRound = roundId === "" || play.roundId === "" || roundId === play.roundId;
  if ((ref === undefined || ref === play.ref) && isRound) return;
  throw new No(Code.BET_MISMATCH, ref ?? play.ref, "");
}

export function voidBet(
  world: World,
  command: Command,
  { betTxnId, betSource }: PayloadOf<"bet_voided">,
  ref: string | undefined,
): Deed {
  const no = (code: Code, who = ref ?? "") => new No(code, who, "");
  const source = betSource === "" ? command.source : betSource;
  const isOwn = source === command.source;
  if (isOwn ? isTakenBeside(world, command, betTxnId) : isTaken(world, command)) {
    throw no(Code.TXN_DUPLICATE);
  }
  const key = betKey(command, betTxnId, source);
  const bet = world.plays.get(key);
  if (bet?.state === "open") {
    if (!isOf(command, ref, bet, source)) throw no(Code.BET_MISMATCH, ref ?? bet.ref);
    return returned(world, key, bet, "void");
  }
  if (bet?.state === "void") throw no(Code.BET_ALREADY_VOIDED);
  if (bet !== undefined && bet.state !== "settled") throw no(Code.BET_ROLLED_BACK);
  const own = ownKey(command, betTxnId, source);
  const found = bet === undefined ? own : key;
  const play = world.plays.get(found);
  if (play === undefined || play.kind === "jackpot") throw no(Code.BET_UNKNOWN);
  if (standingOf(world, found).as === "void") throw no(Code.BET_ALREADY_VOIDED);
  checkPlace(command, ref, play);
  return corrected(world, command, found, play, "void");
}

export function resettle(
  world: World,
  command: Command,
  { betTxnId, betSource, win }: PayloadOf<"bet_resettled">,
  ref: string | undefined,
): Deed {
  const no = (code: Code, who = ref ?? "") => new No(code, who, win.currency);
  const source = betSource === "" ? command.source : betSource;
  const isOwn = source === command.source;
  if (isOwn ? isTakenBeside(world, command, betTxnId) : isTaken(world, command)) {
    throw no(Code.TXN_DUPLICATE);
  }
  if (command.txnId !== "" && world.takenWins.has(txnKey(command))) throw no(Code.WIN_ROLLED_BACK);
  const key = betKey(command, betTxnId, source);
  const bet = world.plays.get(key);
  if (bet === undefined) throw no(Code.BET_UNKNOWN);
  if (bet.state === "open") throw no(Code.BET_OPEN);
  if (bet.state === "void") throw no(Code.BET_VOIDED);
  if (bet.state !== "settled") throw no(Code.BET_ROLLED_BACK);
  const standing = standingOf(world, key);
  if (standing.as === "void") throw no(Code.BET_VOIDED);
  const who = ref ?? bet.ref;
  if (win.currency !== "" && win.currency !== bet.currency) throw no(Code.BET_MISMATCH, who);
  checkPlace(command, ref, bet);
  if (standing.corrections >= CORRECTIONS_MAX) throw no(Code.CORRECTION_TOO_MANY, who);
  if (win.minor > world.ceiling) throw no(Code.WIN_ABOVE_CEILING, who);
  const deed = corrected(world, command, key, bet, { ...NO_WIN, minor: win.minor });
  deed.paid = key;
  return deed;
}

export function takeWin(
  world: World,
  command: Command,
  { winTxnId }: PayloadOf<"win_rolled_back">,
  ref: string | undefined,
): Deed {
  const no = (code: Code) => new No(code, ref ?? "", "");
  if (isTakenBeside(world, command, winTxnId)) throw no(Code.TXN_DUPLICATE);
  const win = txnKey({ ...command, txnId: winTxnId });
  if (world.takenWins.has(win)) throw no(Code.WIN_ALREADY_ROLLED_BACK);
  const movement = world.txns.get(win);
  const key = movement?.play;
  if (key === undefined) {
    const bet = world.plays.get(betKey(command, winTxnId))?.state;
    if (movement !== undefined || bet === "open" || bet === "settled") throw no(Code.WIN_UNKNOWN);
    world.takenWins.add(win);
    throw no(Code.WIN_TOMBSTONED);
  }
  const { as } = standingOf(world, key);
  if (as === "taken") throw no(Code.WIN_ALREADY_ROLLED_BACK);
  if (as === "void") throw no(Code.BET_VOIDED);
  const play = world.plays.get(key)!;
  checkPlace(command, ref, play);
  const deed = corrected(world, command, key, play, "taken");
  world.takenWins.add(win);
  return deed;
}

/** Where money of a play lies now: in cash, in bonuses that stand, or nowhere any more. */
interface Places {
  readonly cash: bigint;
  readonly bonuses: ReadonlyMap<string, bigint>;
  readonly gone: bigint;
}

function placed(
  world: World,
  { operatorId }: Command,
  { cash, parts }: { cash: bigint; parts: Stake["parts"] },
): Places {
  const bonuses = new Map<string, bigint>();
  let [all, gone] = [cash, 0n];
  for (const { bonus: key, minor } of parts) {
    const { stage, conversionMax } = world.bonuses.get(id(operatorId, key))!;
    if (stage === BonusStage.ACTIVE) bonuses.set(key, minor);
    else if (stage === BonusStage.CONVERTED && conversionMax === 0n) all += minor;
    else gone += minor;
  }
  return { cash: all, bonuses, gone };
}

/** Takes back what stands, and gives what is to stand instead. */
function corrected(
  world: World,
  command: Command,
  key: string,
  play: Play,
  to: "void" | "taken" | Win,
): Deed {
  const { stake, currency, ref } = play;
  const { win: stands, seq } = standingOf(world, key);
  const isFree = stake.funding === Funding.FREE;
  const ofStake = { cash: stake.amount - sumOf(stake.parts), parts: stake.parts };
  const nothing: Places = { cash: 0n, bonuses: new Map(), gone: 0n };
  const gives =
    to === "taken" || (to === "void" && isFree)
      ? nothing
      : placed(world, command, to === "void" ? ofStake : shares(stake, to.minor));
  const takes = placed(world, command, shares(stake, stands.minor));
  const deed = new Deed(ref);
  const post = (kind: Parameters<Deed["post"]>[0], minor: bigint, qualifier = ""): void => {
    deed.post(kind, minor, currency, qualifier);
  };
  if (to !== "taken") {
    if (play.kind === "bet") post("ROUND_ESCROW", stake.amount);
    post("REV_BETS", -stake.amount);
    if (play.kind === "bet") post("ROUND_ESCROW", -stake.amount);
    if (to !== "void") post("REV_BETS", stake.amount);
  }
  post("LIAB_JACKPOT", stands.jackpot, stands.pool);
  post("REV_WINS", stands.minor - stands.jackpot);
  if (typeof to !== "string") post("REV_WINS", -to.minor);
  let due = takes.cash;
  for (const before of world.standing(ref, currency)) {
    const [takesHere, givesHere] = [takes, gives].map((one) => one.bonuses.get(before.key) ?? 0n);
    const minor = atMost(takesHere!, before.remaining + givesHere!);
    due += takesHere! - minor;
    post("PLAYER_BONUS", -minor, before.key);
    post("PLAYER_BONUS", givesHere!, before.key);
    const free = isFree && to === "void" ? partOf(stake, before.key) : 0n;
    const asked = isFree ? before.wageringLeft - askedBy(before, takesHere!) : before.wageringLeft;
    const left = { ...before, wageringLeft: asked < 0n ? 0n : asked };
    const again = isFree ? askedBy(before, givesHere!) : 0n;
    deed.put({
      ...left,
      remaining: before.remaining - minor + givesHere!,
      freeLeft: before.freeLeft + free,
      wageringLeft: moreWagering(left, again),
    });
  }
  post("EXP_BONUS", -takes.gone);
  post("EXP_BONUS", gives.gone);
  if (to === "void" && isFree) post("EXP_FREEBETS", stake.amount);
  const cash = atMost(due, world.row(ref, currency).available + gives.cash);
  post("PLAYER_CASH", -cash);
  post("PLAYER_CASH", gives.cash);
  owe(world, deed, currency, due - cash);
  if (to === "void" && !isFree) wagerAgain(world, deed, play);
  for (const before of world.standing(ref, currency)) {
    const after = deed.bonus(before);
    const isSame =
      after.remaining === before.remaining &&
      after.freeLeft === before.freeLeft &&
      after.wageringLeft === before.wageringLeft;
    if (isSame) deed.forget(before);
  }
  const { available, bonus, held } = world.row(ref, currency);
  const more = deed.net("PLAYER_CASH", currency) + deed.net("PLAYER_BONUS", currency);
  const isTooMuch = available + bonus + held + more > MAX;
  if (isTooMuch || world.owed(ref, currency) + due - cash > MAX) {
    throw new No(Code.BALANCE_OVERFLOW, ref, currency);
  }
  deed.correctionOf = seq;
  deed.corrects = { play: key, to };
  deed.told.add(currency);
  return deed;
}

function partOf({ parts }: Stake, key: string): bigint {
  return parts.find(({ bonus }) => bonus === key)?.minor ?? 0n;
}

/** What can't be taken is owed. */
export function owe(world: World, deed: Deed, currency: string, minor: bigint): void {
  if (minor === 0n) return;
  deed.post("ASSET_PLAYER_DEBT", -minor, currency);
  const owed = world.owed(deed.ref, currency) + minor;
  deed.put({ object: "debt", ref: deed.ref, currency, owed });
}

function wagerAgain(world: World, deed: Deed, { stake, bonuses, currency }: Play): void {
  const first = world.standing(deed.ref, currency).find(({ key }) => bonuses.includes(key));
  if (first === undefined) return;
  const bonus = deed.bonus(first);
  deed.put({ ...bonus, wageringLeft: moreWagering(bonus, stake.amount) });
}
