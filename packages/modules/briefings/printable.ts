import type { Briefing } from "@dais/contracts/briefings";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { find } from "./rows.ts";
import { show } from "./workflow.ts";

type Text = { en: string; ar: string | null };

/** A briefing with all that stands on its page beside the content. */
export type Printable = {
  briefing: Briefing;
  /** `name` is null where it was nobody whom the organisation knows by one. */
  approval: { by: string; name: Text | null; at: string; contentSha256: string };
  /** In the briefing's order, without those that lie above it, or above the caller, by now. */
  sources: (Briefing["sources"][number] & { title: string; severity: string; source: string; occurredAt: string })[];
};

/**
 * An approved or distributed briefing as it is printed: the content that was approved, by whom and when, and what it is made of. For whoever
 * may read it. Two exchanges.
 * @throws briefing_not_found, briefing_wrong_state where nobody has approved it
 */
export async function printable(ctx: Ctx, id: string): Promise<Printable> {
  const row = await find(ctx, id);
  const { approvedBy: by, approvedAt: at, contentSha256, state } = row;
  if (by === null || at === null || (state !== "approved" && state !== "distributed"))
    throw new Problem("briefing_wrong_state", { state, event: "print" });
  const [names, signals] = await Promise.all([
    ctx.send("select name_en, name_ar from people where tenant_id = $1 and id = uuid_of($2)", [ctx.tenant.id, by]),
    ctx.send(
      `select id, title, severity, source, ${occurred} as occurred_at from signals
        where tenant_id = $1 and id = any ($2::uuid[]) and classification = any ($3::text[])`,
      [
        ctx.tenant.id,
        arrayOf(row.sources.map(({ signalId }) => uuidOf(signalId))),
        arrayOf(upTo(ctx, row.classification)),
      ],
    ),
  ]);
  const known = new Map(signals.map((one) => [idOf("sig", one.id as string), one]));
  const [person] = names;
  return {
    briefing: show(row),
    approval: {
      ...{ by, at: at.toISOString(), contentSha256 },
      name: person ? { en: person.name_en as string, ar: person.name_ar as string | null } : null,
    },
    sources: row.sources.flatMap((one) => {
      const signal = known.get(one.signalId);
      if (!signal) return [];
      const { title, severity, source, occurred_at: occurredAt } = signal as Its;
      return [{ ...one, title, severity, source, occurredAt }];
    }),
  };
}

type Its = Record<"title" | "severity" | "source" | "occurred_at", string>;
const occurred = `to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What may stand in a document of this level. */
const upTo = ({ visible }: Ctx, level: string): readonly string[] => visible.slice(0, visible.indexOf(level) + 1);
