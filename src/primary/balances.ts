/**
 * GetBalance: one player's rows from the writer's own memory, and the judgement of bookmarks.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { Code, identityKey, type LedgerState, type Player } from "../ledger/index.ts";
import {
  GetBalanceResponseSchema,
  type GetBalanceRequest,
  type GetBalanceResponse,
} from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import { parseBookmark } from "../wire/index.ts";
import type { LedgerLog } from "./log.ts";

/** What the answers are made of. */
export interface BalancesOptions {
  readonly state: LedgerState;
  readonly log: LedgerLog;
  readonly epoch: number;
}

/** Answers from committed state only: what is still being made durable is not seen. */
export function getBalance(
  request: GetBalanceRequest,
  { state, log, epoch }: BalancesOptions,
): GetBalanceResponse {
  const head = state.head();
  const response = create(GetBalanceResponseSchema);
  response.epoch = BigInt(epoch);
  response.headSeq = BigInt(head.seq);
  response.recordedAt = BigInt(head.recordedAt);
  response.playerRef = request.playerRef;
  const player = playerOf(request, state);
  const judged = judgeBookmark(request.bookmark, head.seq, epoch, log);
  response.code = judged !== Code.OK || player !== undefined ? judged : Code.PLAYER_UNKNOWN;
  if (player === undefined) return response;
  response.playerRef = player.ref;
  response.status = player.status;
  let rowSeq = 0;
  for (const { currency, available, bonus, held, version, seq } of player.accounts) {
    if (seq > rowSeq) rowSeq = seq;
    response.balances.push({
      $typeName: "countroom.v1.Balance",
      currency,
      available,
      bonus,
      held,
      version: BigInt(version),
    });
  }
  response.rowSeq = BigInt(rowSeq);
  return response;
}

/**
 * A bookmark beyond the head was never given out; one beyond the end of a closed epoch was, and
 * what it names is lost.
 */
export function judgeBookmark(
  text: string,
  headSeq: number,
  epoch: number,
  log: Pick<LedgerLog, "epoch">,
): Code {
  if (text === "") return Code.OK;
  const bookmark = parseBookmark(text);
  if (bookmark === undefined) return Code.BOOKMARK_MALFORMED;
  if (bookmark.epoch > epoch) return Code.BOOKMARK_UNKNOWN;
  if (bookmark.epoch === epoch) {
    return bookmark.seq > headSeq ? Code.BOOKMARK_UNKNOWN : Code.OK;
  }
  const closed = log.epoch(bookmark.epoch);
  if (closed === undefined) return Code.BOOKMARK_UNKNOWN;
  return bookmark.seq > (closed.lastSeq ?? headSeq) ? Code.BOOKMARK_LOST : Code.OK;
}

function playerOf(request: GetBalanceRequest, state: LedgerState): Player | undefined {
  const { operatorId, identity } = request;
  let ref: string | undefined = request.playerRef;
  if (ref === "" && identity !== undefined) {
    const hash = Buffer.from(identity.hash).toString("hex");
    ref = state.identity(identityKey(operatorId, identity.keyId, hash));
  }
  const player = ref === undefined ? undefined : state.player(ref);
  if (player === undefined) return undefined;
  return operatorId === "" || player.operatorId === operatorId ? player : undefined;
}
