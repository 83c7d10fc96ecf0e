import type { EventRules } from "./event-rule.ts";

export const bonusRules = {} satisfies Partial<EventRules<never>>;
