/**
 * Events that a newcomer can post as they are, once the player reference is their own.
 *
 * @module
 */

const player = "01980a4b-5c7e-7d31-9b1f-3f0a2c9d8e71";

/** Example bodies of `POST /v1/events`, by name. */
export const EVENT_EXAMPLES = Object.freeze({
  register: {
    summary: "A player joins; the receipt names the player_ref",
    value: { idempotency_key: "register-1", player_registered: {} },
  },
  deposit: {
    summary: "25 FUN of play money",
    value: {
      idempotency_key: "deposit-1",
      player_ref: player,
      deposit_captured: { amount: { minor: "25000000", currency: "FUN" }, rail: "play" },
    },
  },
  dice: {
    summary: "5 FUN on a roll over 50.00",
    value: {
      idempotency_key: "dice-1",
      player_ref: player,
      round_id: "dice-1",
      txn_id: "dice-1",
      game_id: "dice",
      house_round: {
        stake: { minor: "5000000", currency: "FUN" },
        dice: { target_x100: 5000, over: true },
      },
    },
  },
  bet_and_settlement: {
    summary: "A bet and its win, in one request",
    value: {
      events: [
        {
          idempotency_key: "bet-1",
          player_ref: player,
          round_id: "round-1",
          txn_id: "bet-1",
          game_id: "crash",
          bet_placed: { amount: { minor: "1000000", currency: "FUN" } },
        },
        {
          idempotency_key: "win-1",
          player_ref: player,
          round_id: "round-1",
          txn_id: "win-1",
          game_id: "crash",
          round_settled: {
            bet_txn_id: "bet-1",
            win: { minor: "1500000", currency: "FUN" },
            closes_round: true,
          },
        },
      ],
    },
  },
  resettlement: {
    summary: "A settled bet was worth another win",
    value: {
      idempotency_key: "correction-1",
      txn_id: "correction-1",
      bet_resettled: {
        bet_txn_id: "bet-1",
        win: { minor: "2500000", currency: "FUN" },
        reason: "the wheel stood on red",
      },
    },
  },
  round_end: {
    summary: "A round takes no more bets; those still open are lost",
    value: { idempotency_key: "end-1", round_id: "round-1", round_closed: {} },
  },
});
