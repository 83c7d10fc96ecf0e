/**
 * Helper: the smallest server of the same Connect service. It answers an Append at once, with a
 * receipt such as a bet gets, and keeps nothing.
 */
import { create } from "@bufbuild/protobuf";
import { serve } from "../../../src/runtime/index.ts";
import {
  type AppendResponse,
  AppendResponseSchema,
  LedgerService,
} from "../../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import { connectFetch } from "../../../src/wire/index.ts";
import { serveCalls } from "../child.ts";

const answer: AppendResponse = create(AppendResponseSchema, {
  receipts: [
    {
      status: 1,
      code: 1,
      message: "Accepted.",
      eventId: "0198d3a0-0000-7000-8000-000000000000",
      idempotencyKey: "b-000000000000000000001",
      playerRef: "0198d3a0-0000-7000-8000-000000000001",
      seq: 1_000_000n,
      epoch: 1n,
      recordedAt: 1_790_000_000_000_000n,
      bookmark: "1-1000000",
      balances: [{ currency: "FUN", available: 1_000_000n, held: 1_000_000n, version: 7n }],
    },
  ],
});

serveCalls({
  begin(): string {
    const handle = connectFetch({
      routes: (router) => router.service(LedgerService, { append: () => answer }),
    });
    const notFound = new Response(null, { status: 404 });
    return serve({ port: 0, fetch: (request) => handle(request) ?? notFound }).url;
  },
});
