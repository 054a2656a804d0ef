import type { Actor } from "./actors.ts";
import { clock, knock, type Met } from "./doors.ts";
import type { World } from "./world.ts";

/** What came of a revocation: what was met at all doors, and when its command was answered, in milliseconds since 1970. */
export type Shut = { actor: Actor; met: readonly Met[]; answeredAt: number };
type Options = {
  /** For how long after the answer all doors are tried in any case, and for how long at most until they are shut. */
  triedForMs: number;
  patienceMs?: number;
};

/** Shuts somebody out while they knock at every door, each of which has let them in before. @throws Error where a door isn't shut in time */
export async function shutOut(of: World, actor: Actor, { triedForMs, patienceMs = 20_000 }: Options): Promise<Shut> {
  const knocking = knock(of, actor);
  try {
    await until(() => knocking.all.every(({ accepted }) => accepted.length > 0), patienceMs, "open", knocking.all);
    await actor.revoke();
    const answeredAt = clock();
    await until(() => clock() > answeredAt + triedForMs, patienceMs, "tried", knocking.all);
    const ending = knocking.all.filter((met) => actor.ends || !isStream(met));
    await until(() => ending.every(({ refused }) => refused.length > 0), patienceMs, "shut", knocking.all);
    return { actor, met: knocking.all, answeredAt };
  } finally {
    await knocking.stop();
  }
}

export const isStream = ({ door }: Met): boolean => ["SSE", "tRPC subscription"].includes(door);

/** How long after `from` a door was shut: at the first refusal, or, of a stream that goes on, with the last that it told. */
export function shutAfter({ actor }: Pick<Shut, "actor">, met: Met, from: number): number {
  const goesOn = isStream(met) && !actor.ends;
  const at = goesOn ? (met.accepted.at(-1) ?? from) : (met.refused[0]?.at ?? Number.POSITIVE_INFINITY);
  return Math.max(0, at - from);
}

/** Calls that were sent, and accepted, after a door had refused, and those later than `ms` after `from`. */
export function letIn({ accepted, refused }: Met, from: number, ms: number): number {
  const first = refused[0]?.at ?? Number.POSITIVE_INFINITY;
  return accepted.filter((at) => at > first || at > from + ms).length;
}

async function until(so: () => boolean, ms: number, what: string, met: readonly Met[]): Promise<void> {
  for (const end = performance.now() + ms; !so(); ) {
    if (performance.now() > end) throw new Error(`Not ${what} after ${ms} ms: ${JSON.stringify(met.map(brief))}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const brief = ({ door, accepted, refused }: Met) => [door, accepted.length, refused.slice(0, 3)];
