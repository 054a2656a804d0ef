import { createHmac } from "node:crypto";
import { canonical } from "./canonical.ts";
import { must } from "./flaw.ts";
import type { Json } from "./json.ts";

type Members = Record<string, Json>;
export type Half = "facts" | "content";

const is: Record<string, (value: Json) => boolean> = {
  text: (value) => typeof value === "string",
  "text?": (value) => value === null || typeof value === "string",
  "count?": (value) => value === null || Number.isSafeInteger(value),
  flag: (value) => typeof value === "boolean",
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  "members?": (value) => value === null || (typeof value === "object" && !Array.isArray(value)),
  uuid: (value) => typeof value === "string" && uuid.test(value),
  "uuid?": (value) => value === null || (typeof value === "string" && uuid.test(value)),
  moment: (value) => typeof value === "string" && moment.test(value) && !Number.isNaN(Date.parse(value)),
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What an entry says, in its two halves: the facts stay for ever, the content may be erased by law. */
export const halves: Record<Half, Record<string, keyof typeof is>> = {
  facts: {
    id: "uuid",
    tenantId: "uuid",
    at: "moment",
    outcome: "text",
    actorKind: "text",
    actorId: "text",
    onBehalfOf: "text?",
    persons: "texts",
    agentModel: "text?",
    agentVersion: "text?",
    operation: "text",
    action: "text",
    resourceType: "text",
    resourceId: "uuid?",
    resourceVersion: "count?",
    classification: "text?",
    event: "text?",
    fromState: "text?",
    toState: "text?",
    changed: "flag",
    problem: "text?",
    requestId: "text",
  },
  content: {
    sessionId: "text?",
    address: "text?",
    beforeDigest: "text?",
    afterDigest: "text?",
    changes: "members?",
    reason: "text?",
    decision: "members?",
    traceId: "text?",
    idempotencyKey: "text?",
  },
};

/** @throws Flaw unless it is an object with exactly these members. */
export function exactly(value: Json | undefined, names: readonly string[], what: string): Members {
  must(value !== null && typeof value === "object" && !Array.isArray(value), `${what} is no object`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  must(unknown === undefined, `${what} has a member ${JSON.stringify(unknown)} that the format doesn't know`);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  must(missing === undefined, `${what} has no member ${JSON.stringify(missing)}`);
  return value;
}

/** A half with exactly its members, each of its kind. @throws Flaw */
export function readHalf(half: Half, value: Json | undefined): Members {
  const members = exactly(value, Object.keys(halves[half]), `"${half}"`);
  for (const [name, kind] of Object.entries(halves[half])) {
    must(is[kind]?.(members[name] as Json) === true, `"${half}" has a "${name}" of the wrong kind`);
  }
  return members;
}

/** What a leaf holds of a half: it tells nothing without the salt, and fits nothing but this half. */
export const commitment = (salt: Uint8Array, half: Json): Buffer =>
  createHmac("sha256", salt).update(canonical(half)).digest();
