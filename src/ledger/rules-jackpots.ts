import type { EventRules } from "./event-rule.ts";

export const jackpotRules = {} satisfies Partial<EventRules<never>>;
