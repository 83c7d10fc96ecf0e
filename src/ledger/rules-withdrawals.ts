import type { EventRules } from "./event-rule.ts";

export const withdrawalRules = {} satisfies Partial<EventRules<never>>;
