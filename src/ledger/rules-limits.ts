import type { EventRules } from "./event-rule.ts";

export const limitRules = {} satisfies Partial<EventRules<never>>;
