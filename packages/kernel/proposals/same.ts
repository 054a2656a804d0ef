import type { ProposalEffect } from "@dais/contracts/proposals/shape";
import { digest } from "../canonical.ts";

/** When it was shown and when it is done, in milliseconds since 1970, and who does it now instead of the agent. */
export type Since = { shownAt: number; doneAt: number; agentId: string; actorId: string };

type Json = Record<string, unknown>;

/**
 * Whether a command did what was shown, whose SHA-256 is `hash`. Of what it writes, moments may lie later by as much as the clock went on,
 * and a field `by` or `…By` may name who does it instead of the agent; what it found must be the same to the letter.
 */
export const sameEffect = (shown: ProposalEffect, hash: string, had: ProposalEffect, since: Since): boolean =>
  digest({ ...had, changes: had.changes.map((change, n) => asShown(shown.changes[n], change, since)) }) === hash;

type Change = ProposalEffect["changes"][number];

function asShown(shown: Change | undefined, had: Change, since: Since): Change {
  const fields = new Map(shown?.changes?.map(({ field, after }) => [field, after]));
  const changes = had.changes?.map((one) => ({
    ...one,
    after: back(fields.get(one.field), one.after, one.field, since),
  }));
  return {
    ...had,
    changes: changes?.filter((one) => fields.has(one.field) || !onlyTheClock(one, since)) ?? null,
    after: back(shown?.after, had.after, "", since) as Change["after"],
  };
}

/** What became the moment of the call was that already when it was shown, to the millisecond: so nothing was shown of it. */
const onlyTheClock = ({ before, after }: { before: unknown; after: unknown }, { shownAt, doneAt }: Since): boolean =>
  before === new Date(shownAt).toISOString() && after === new Date(doneAt).toISOString();

/** The value as it was shown, where it differs from that only by when it is and who does it. */
function back(shown: unknown, had: unknown, field: string, since: Since): unknown {
  if (Array.isArray(had)) return had.map((one, n) => back(Array.isArray(shown) ? shown[n] : null, one, field, since));
  if (typeof had === "object" && had !== null)
    return Object.fromEntries(
      Object.entries(had).map(([name, one]) => [name, back((shown as Json | null)?.[name], one, name, since)]),
    );
  if (typeof shown !== "string" || typeof had !== "string") return had;
  if (/(^b|B)y$/.test(field) && shown === since.agentId && had === since.actorId) return shown;
  return isInstant(shown) && isInstant(had) && Date.parse(had) - Date.parse(shown) === since.doneAt - since.shownAt
    ? shown
    : had;
}

const isInstant = (text: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);
