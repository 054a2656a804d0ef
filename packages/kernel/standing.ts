import { type IdKind, idOf } from "@dais/contracts/kit/ids";

/** A key, or what stands behind it, as the function `key_line` tells it. Null permissions or clearance: it takes nothing away. */
export type Link = {
  kind: IdKind;
  /** uuid */
  id: string;
  permissions: string[] | null;
  clearance: string | null;
  endsAt: string | null;
  over: boolean;
};

/** What a key is good for now. */
export type Standing = {
  permissions: readonly string[];
  clearance: string;
  /** In milliseconds since 1970, or null. */
  endsAt: number | null;
  /** It is good for nothing: it, or something that it depends on, was revoked, has expired, or is shut out. */
  over: boolean;
  /** Public ids of all that it depends on. */
  behind: string[];
};

/**
 * What a key is good for now: never more than what stands behind it. Behind a key stands who made it, a person or another key with what
 * stands behind that; behind an agent's key stand the agent and its owner. `line`: the key first.
 */
export function standingOf(levels: readonly string[], line: readonly Link[], now: Date): Standing {
  const ends = line.flatMap(({ endsAt }) => (endsAt === null ? [] : [new Date(endsAt).getTime()]));
  const endsAt = ends.length === 0 ? null : Math.min(...ends);
  const [own, ...behind] = line;
  return {
    permissions: (own?.permissions ?? []).filter((one) =>
      behind.every(({ permissions }) => permissions?.includes(one) ?? true),
    ),
    clearance: lowest(
      levels,
      line.flatMap(({ clearance }) => (clearance === null ? [] : [clearance])),
    ),
    endsAt,
    over: line.length === 0 || line.some(({ over }) => over) || (endsAt !== null && endsAt <= now.getTime()),
    behind: behind.map(({ kind, id }) => idOf(kind, id)),
  };
}

/** The lowest of some clearances; one that is no level of the tenant's sees nothing, and is the lowest of all. */
export function lowest(levels: readonly string[], clearances: readonly string[]): string {
  const [first = "", ...rest] = clearances;
  return rest.reduce((low, one) => (levels.indexOf(one) < levels.indexOf(low) ? one : low), first);
}
