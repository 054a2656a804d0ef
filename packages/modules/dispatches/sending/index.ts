export { apply, type Status } from "./apply.ts";
export { asking, type Question } from "./ask.ts";
export { leaseMs } from "./attempts.ts";
export { mostAskedMs } from "./backoff.ts";
export { type BeginOptions, beginning } from "./begin.ts";
export {
  type About,
  attemptsByVendor,
  type Ended,
  endCallbacks,
  type Heard,
  lastSentTo,
  pruneCallbacks,
  takeCallbacks,
  tenantsOfAddress,
  wroteSince,
} from "./callbacks.ts";
export { chooseChannel } from "./choose.ts";
export { calledOff, couriersWaiting, endings, type TenantDue, tenantsAsking, tenantsDue, tenantsLate } from "./due.ts";
export { escalate } from "./escalate.ts";
export { finish } from "./finish.ts";
export type { Letter, Writing } from "./letter.ts";
export { quietUntil } from "./quiet.ts";
export { recall } from "./recall.ts";
export { rouse } from "./roused.ts";
export { seenInApp } from "./seen.ts";
export { type Outcome, settle } from "./settle.ts";
export { acknowledges } from "./words.ts";
