import { Code, ConnectError } from "@connectrpc/connect";
import type { StateResponse, TailResponse } from "./gen/countroom/v1/ledger_service_pb.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { TAIL_SILENCE_MS } from "./limits.ts";
import { TailFault } from "./tail-fault.ts";

/** The records from `fromSeq` on, then live. Never ends by itself: fails with TAIL_LOST. */
export function openTail(
  client: LedgerClient,
  request: { readonly fromSeq: number; readonly checkpoint: string },
  stop: AbortSignal,
): AsyncGenerator<TailResponse> {
  const { fromSeq, checkpoint } = request;
  return watched(stop, (signal) =>
    client.tail({ fromSeq: BigInt(fromSeq), checkpoint }, { signal }),
  );
}

/** The state at one seq: a head first, `done` last. */
export function openState(
  client: LedgerClient,
  checkpoint: string,
  stop: AbortSignal,
): AsyncGenerator<StateResponse> {
  return watched(stop, (signal) => client.state({ checkpoint }, { signal }));
}

/** A dead connection says nothing, neither does a stuck primary: both end after a silence. */
async function* watched<Message>(
  stop: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<Message>,
): AsyncGenerator<Message> {
  const silence = new AbortController();
  const cut = (): void => silence.abort(new Error(`nothing came for ${TAIL_SILENCE_MS} ms`));
  let timer = setTimeout(cut, TAIL_SILENCE_MS);
  try {
    for await (const message of open(AbortSignal.any([stop, silence.signal]))) {
      clearTimeout(timer);
      yield message;
      timer = setTimeout(cut, TAIL_SILENCE_MS);
    }
  } catch (error) {
    const beyond = ConnectError.from(error).code === Code.OutOfRange;
    if (beyond) throw new TailFault("BOOK_FORKED", "the primary has fewer records", error);
    throw new TailFault("TAIL_LOST", "the primary can't be followed", error);
  } finally {
    clearTimeout(timer);
  }
}
