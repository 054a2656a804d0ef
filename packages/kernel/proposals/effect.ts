import { type IdKind, idKinds, idOf } from "@dais/contracts/kit/ids";
import type { ProposalChange, ProposalEffect } from "@dais/contracts/proposals/shape";
import { differences, type Entry } from "../audit.ts";
import type { Written } from "../context.ts";

type Json = Record<string, unknown>;

/** What a handler did, as it recorded it: in the form in which the contract shows things. `clearance`: with whose eyes. */
export const effectOf = ({ entries, events, jobs }: Written, clearance: string): ProposalEffect =>
  // As JSON has it: what is compared later has been stored.
  JSON.parse(
    JSON.stringify({
      clearance,
      changes: entries.map(changeOf),
      events: events.map(({ name }) => name),
      jobs: jobs.map(({ job }) => job.name),
    } satisfies ProposalEffect),
  );

function changeOf(entry: Entry): ProposalChange {
  const { resource, event = null, from = null, to = null, changed = true } = entry;
  const [before, after] = [(entry.before ?? null) as Json | null, (entry.after ?? null) as Json | null];
  const version = typeof before?.version === "number" ? before.version : null;
  return {
    resource: { type: resource.type, id: publicId(resource, (after ?? before)?.id), version },
    ...{ event, from, to, changed },
    changes: before && after && fieldsOf(differences(before, after)),
    after: before ? null : after,
  };
}

const fieldsOf = (differing: Record<string, [unknown, unknown]>) =>
  Object.entries(differing)
    .map(([field, [before, after]]) => ({ field, before, after }))
    .sort((a, b) => (a.field < b.field ? -1 : 1));

/** A thing shows its id itself; one that doesn't is known by the name of its kind. */
function publicId({ type, id }: Entry["resource"], shown: unknown): string | null {
  if (typeof shown === "string") return shown;
  const kind = kinds.get(type);
  return kind && id ? idOf(kind, id) : null;
}
/** `job` -> `job`, `api_key` -> `key`. */
const kinds = new Map(
  Object.entries(idKinds).map(([kind, about]) => [
    about.replace(/^an? /, "").replaceAll(" ", "_").toLowerCase(),
    kind as IdKind,
  ]),
);

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
