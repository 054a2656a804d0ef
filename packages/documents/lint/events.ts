import { isDeepStrictEqual } from "node:util";
import { type EventSpec, eventsOf } from "@dais/contracts/kit/event";
import type { Capability } from "@dais/contracts/kit/operation";
import type { Schema } from "../openapi/json.ts";
import { convert } from "../schema.ts";
import { nounsOf } from "./names.ts";
import { optional, unbounded, walk } from "./shapes.ts";

/** Two capabilities never tell of the same event. */
export function uniqueEvents(capabilities: readonly Capability[]): string[] {
  const names = capabilities.flatMap(({ events }) => Object.keys(events ?? {}));
  const twice = names.filter((name, i) => names.indexOf(name) < i);
  return twice.map((name) => `${name}: another capability declares this event already`);
}

/** What every event has: a name in the past tense, somebody to hear it, and a payload that is small, bounded and in the open. */
export function eventRules(capabilities: readonly Capability[]): string[] {
  const permissions = new Set(capabilities.flatMap((capability) => Object.keys(capability.permissions)));
  return capabilities.flatMap((capability) =>
    [...eventsOf([capability]).values()].flatMap((event) =>
      [...names(event, nounsOf(capability)), ...words(event), ...hearers(event, permissions), ...payload(event)].map(
        (finding) => `${event.name}: ${finding}`,
      ),
    ),
  );
}

function names({ name }: EventSpec, nouns: readonly string[]): string[] {
  const [noun = "", verb = ""] = name.split(".");
  const findings: string[] = [];
  if (!/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(name)) findings.push("its name is not noun.verbed");
  if (!nouns.includes(noun)) findings.push(`its name doesn't begin with ${nouns.join(" or ")}`);
  if (!verb.split("_").some(isPast)) findings.push(`${verb} is not in the past tense`);
  return findings;
}

/** `deputies_set`, `signed_in`, `member_added`; `fell_back`. */
const isPast = (word: string) => /..ed$/.test(word) || irregular.has(word);
const irregular = new Set([
  "back",
  "begun",
  "held",
  "left",
  "lost",
  "made",
  "overdue",
  "put",
  "read",
  "sent",
  "set",
  "split",
  "withdrawn",
  "woken",
]);

function words({ about, version }: EventSpec): string[] {
  const findings: string[] = [];
  if (!/^[A-Z`].*\.$/.test(about)) findings.push("it is not described by sentences on one line");
  if (!Number.isInteger(version) || version < 1 || version > 1000) findings.push("its version is not 1 to 1000");
  return findings;
}

function hearers({ permission, own, payload }: EventSpec, permissions: ReadonlySet<string>): string[] {
  if (own && !("personId" in payload.shape)) return ["it is somebody's own, and doesn't say whose in `personId`"];
  if (permission === null || permission === "nobody" || permissions.has(permission)) return [];
  return [`nobody declares the permission ${permission}`];
}

function payload({ payload: schema, example }: EventSpec): string[] {
  const json = convert(schema, "output") as Schema;
  if (json.type !== "object") return ["its payload is not an object"];
  const findings = [...walk(json, "its payload", unbounded), ...walk(json, "its payload", optional)];
  if (JSON.stringify(json).includes('"x-dais-secret"')) findings.push("its payload tells a secret");
  if (!/^\^[a-z]{3}_/.test(json.properties?.id?.pattern as string)) findings.push("its payload has no `id` of a thing");
  // As strictly as the kernel takes it.
  const parsed = schema.strict().safeParse(example);
  if (!parsed.success || !isDeepStrictEqual(parsed.data, example)) findings.push("its example doesn't fit its payload");
  return findings;
}
