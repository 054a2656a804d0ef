import type { ProposalEffect } from "@dais/contracts/proposals/shape";
import { digest } from "../canonical.ts";

/** How far the clock went on, in milliseconds, and who does it now instead of the agent. */
export type Since = { ms: number; agentId: string; actorId: string };

type Json = Record<string, unknown>;

/**
 * Whether a command did what was shown, whose SHA-256 is `hash`. Of what it writes, moments may lie later by as much as the clock went on,
 * and a field `…By` may name who does it instead of the agent; what it found must be the same to the letter.
 */
export const sameEffect = (shown: ProposalEffect, hash: string, had: ProposalEffect, since: Since): boolean =>
  digest({ ...had, changes: had.changes.map((change, n) => asShown(shown.changes[n], change, since)) }) === hash;

type Change = ProposalEffect["changes"][number];

function asShown(shown: Change | undefined, had: Change, since: Since): Change {
  const of = (one: unknown, other: unknown, field: string) => back(one, other, field, since);
  return {
    ...had,
    changes:
      had.changes?.map((one, n) => ({ ...one, after: of(shown?.changes?.[n]?.after, one.after, one.field) })) ?? null,
    after: of(shown?.after, had.after, "") as Change["after"],
  };
}

/** The value as it was shown, where it differs from that only by when it is and who does it. */
function back(shown: unknown, had: unknown, field: string, since: Since): unknown {
  if (Array.isArray(had)) return had.map((one, n) => back(Array.isArray(shown) ? shown[n] : null, one, field, since));
  if (typeof had === "object" && had !== null)
    return Object.fromEntries(
      Object.entries(had).map(([name, one]) => [name, back((shown as Json | null)?.[name], one, name, since)]),
    );
  if (typeof shown !== "string" || typeof had !== "string") return had;
  if (field.endsWith("By") && shown === since.agentId && had === since.actorId) return shown;
  return isInstant(shown) && isInstant(had) && Date.parse(had) - Date.parse(shown) === since.ms ? shown : had;
}

const isInstant = (text: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);
