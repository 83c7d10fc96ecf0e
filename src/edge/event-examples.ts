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
  card_deposit: {
    summary: "12.50 EUR arrived by a card; the same payment is captured once",
    value: {
      idempotency_key: "card-1",
      player_ref: player,
      deposit_captured: {
        amount: { minor: "12500000", currency: "EUR" },
        rail: "test-card",
        external_id: "payment-1",
      },
    },
  },
  withdrawal: {
    summary: "A player asks for 5 EUR: they are held under the txn_id until they are paid out",
    value: {
      idempotency_key: "withdrawal-1",
      player_ref: player,
      txn_id: "withdrawal-1",
      withdrawal_requested: {
        amount: { minor: "5000000", currency: "EUR" },
        rail: "test-card",
      },
    },
  },
  payout: {
    summary: "The rail takes what is held on its way, and reports that it arrived",
    value: {
      events: [
        {
          idempotency_key: "payout-1",
          withdrawal_submitted: { withdrawal_id: "withdrawal-1", spend_id: "payout-1" },
        },
        {
          idempotency_key: "payout-2",
          withdrawal_settled: { withdrawal_id: "withdrawal-1", network_fee_minor: "10000" },
        },
      ],
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
  limit: {
    summary: "At most 100 FUN staked in 24 hours, from now on",
    value: {
      idempotency_key: "limit-1",
      player_ref: player,
      limit_set: {
        kind: "LIMIT_KIND_WAGER",
        period: "LIMIT_PERIOD_DAY",
        amount: { minor: "100000000", currency: "FUN" },
      },
    },
  },
  self_exclusion: {
    summary: "The player may neither bet nor deposit until that is revoked",
    value: { idempotency_key: "exclusion-1", player_ref: player, self_excluded: {} },
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
