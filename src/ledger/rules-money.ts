import type { EventRules } from "./event-rule.ts";

export const moneyRules = {} satisfies Partial<EventRules<never>>;
