import type { ProposalChange, ProposalEffect } from "@dais/contracts/proposals/shape";
import type { Entry } from "../audit.ts";
import { differences } from "../changes.ts";
import type { Written } from "../context.ts";
import { publicIdOf } from "../kinds.ts";

type Json = Record<string, unknown>;

/**
 * What a handler did with an input, as it recorded it: in the form in which the contract shows things. `clearance`: with whose eyes.
 */
export function effectOf({ entries, events, jobs }: Written, input: Json, clearance: string): ProposalEffect {
  const told = new Map(events.map(({ resource, payload }) => [resource.id, String(payload.id)]));
  const effect: ProposalEffect = {
    clearance,
    changes: entries.map((entry) => changeOf(entry, told, input)),
    events: events.map(({ name }) => name),
    jobs: jobs.map(({ job }) => job.name),
  };
  // As JSON has it: what is compared later has been stored.
  return JSON.parse(JSON.stringify(effect));
}

function changeOf(entry: Entry, told: ReadonlyMap<string, string>, input: Json): ProposalChange {
  const { resource, event = null, from = null, to = null, changed = true } = entry;
  const [before, after] = [(entry.before ?? null) as Json | null, (entry.after ?? null) as Json | null];
  const id = publicId(resource, (after ?? before)?.id ?? told.get(resource.id ?? ""));
  // Of what shows no version of its own, the caller said which one it saw.
  const version = before?.version ?? (before && id === input.id ? input.version : null);
  return {
    resource: { type: resource.type, id, version: typeof version === "number" ? version : null },
    ...{ event, from, to, changed },
    changes: before && after && fieldsOf(differences(before, after)),
    after: before ? null : after,
  };
}

const fieldsOf = (differing: Record<string, [unknown, unknown]>) =>
  Object.entries(differing)
    .map(([field, [before, after]]) => ({ field, before, after }))
    .sort((a, b) => (a.field < b.field ? -1 : 1));

/** A thing shows its id itself, or an event tells it; one that has neither is known by the name of its kind. */
function publicId({ type, id }: Entry["resource"], shown: unknown): string | null {
  if (typeof shown === "string") return shown;
  return publicIdOf(type, id);
}
/**
 * The highest level of what a handler touched, before and after. What has no level is taken for as high as whoever looked: nobody else
 * can tell how much of what they saw went into it.
 */
export function levelOf({ entries }: Written, levels: readonly string[], clearance: string): string {
  const named = entries.flatMap(({ resource, before, after }) => [
    resource.classification ?? clearance,
    ...[before, after].flatMap((side) => ((side as Json | null)?.classification as string | undefined) ?? []),
  ]);
  return levels[Math.max(0, ...named.map((level) => levels.indexOf(level)))] ?? "";
}
