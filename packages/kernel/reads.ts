import type { Operation } from "@dais/contracts/kit/derive";
import type { Envelope } from "@dais/contracts/kit/envelope";
import { type Provenance, readRow } from "./audit.ts";
import type { Tenant, Written } from "./context.ts";
import { Problem } from "./problem.ts";
import { type Found, finding, note, tellerOf } from "./told.ts";
import type { Row, Trail } from "./trail.ts";

/**
 * Keeps a trace of who was told what is classified: one entry for each call whose answer has something at or above the level that the
 * organisation says. Of its highest level no answer goes out before the entry is committed.
 */
export function reads(trail: () => Trail) {
  const listening = new Map<string, { of: Provenance; found: Found }>();

  /** @throws unavailable where something of the highest level was read, and that can't be put on record */
  async function kept(
    of: Provenance,
    { items, count, highest, always = false, sha256 }: NonNullable<Written["tells"]>,
    tenant: Tenant,
  ): Promise<void> {
    const row = () =>
      readRow(of, {
        items,
        count,
        classification: tenant.levels[highest] ?? null,
        id: items.length === 1 ? items[0]?.id : null,
        sha256,
      });
    if (always || highest === tenant.levels.length - 1) await trail().sure(row()).catch(unavailable);
    else await trail().later(row());
  }

  return {
    /** Puts on record what a read's answer tells of, where it has to be. Nothing is made of any other. */
    answered(
      { output: schema }: Pick<Operation, "output">,
      output: unknown,
      { tells }: Pick<Written, "tells">,
      tenant: Tenant,
      of: () => Provenance,
    ): Promise<void> | undefined {
      const visit = tells ? null : tellerOf(schema);
      if (!tells && !visit) return;
      const { found, add } = finding(tenant);
      visit?.(output, add);
      const told = tells ?? found;
      if (told.count === 0 && !tells?.always) return;
      return kept(of(), told, tenant);
    },

    /** The same of an event that a stream is about to tell. Of one stream, those of half a second are one entry. */
    heard(data: Envelope, tenant: Tenant, of: () => Provenance): Promise<void> | undefined {
      const { classification } = data;
      if (classification === null || rankOf(tenant, classification) < tenant.readsFrom) return;
      const told = { id: data.subject, classification };
      if (rankOf(tenant, classification) === tenant.levels.length - 1) {
        const { found, add } = finding(tenant);
        add(told);
        return kept(of(), found, tenant);
      }
      const { requestId } = of();
      const one = listening.get(requestId) ?? { of: of(), found: finding(tenant).found };
      listening.set(requestId, one);
      note(one.found, told, rankOf(tenant, classification));
      return;
    },

    /** What streams have told since the last time, as rows. */
    gather(): Row[] {
      const rows = [...listening.values()].map(({ of, found: { items, count } }) =>
        readRow(of, { items, count, classification: items[0]?.classification ?? null, id: null }),
      );
      listening.clear();
      return rows;
    },
  };
}
export type Reads = ReturnType<typeof reads>;

const rankOf = ({ levels }: Tenant, level: string): number => levels.indexOf(level);

const unavailable = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 2 });
};
