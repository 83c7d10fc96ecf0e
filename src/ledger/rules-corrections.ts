import type { EventRules } from "./event-rule.ts";

export const correctionRules = {} satisfies Partial<EventRules<never>>;
