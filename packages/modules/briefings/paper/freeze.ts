import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import type { Paper, Printing } from "@dais/kernel/print";
import { firstProofOf, ofFacts } from "@dais/modules/audit";
import { type Printable, printable } from "../printable.ts";
import { namesOf } from "./names.ts";

/** A paper as a job has it between its steps. `size`: of the checkpoint that its proof leads to. */
export type Frozen = { paper: Paper; languages: Printing["languages"]; approvedAt: string; size: number };

type Step = { id: string; at: string; by: string };

/**
 * All that is printed of an approved briefing, as it is at this moment, with the proof of its approval under the first checkpoint that covers
 * it, of the facts alone: every holder of the paper has it. Null until there is one. Four exchanges.
 * @throws briefing_not_found, briefing_wrong_state
 */
export async function freeze(ctx: Ctx, id: string, briefingId: string, version: number): Promise<Frozen | null> {
  const [page, { approve, submit }, about] = await Promise.all([
    printable(ctx, id),
    stepsOf(ctx, briefingId, version),
    aboutOf(ctx),
  ]);
  const proof = await firstProofOf(ctx, approve.id);
  if (!proof) return null;
  const [by, submittedBy] = await Promise.all([namesOf(ctx, approve.by), namesOf(ctx, submit.by)]);
  const { briefing } = page;
  return {
    languages: languagesOf(briefing),
    approvedAt: page.approval.at,
    size: proof.size,
    paper: {
      ...{ title: briefing.title, organisation: about.name, day: briefing.day },
      classification: about.labelOf(briefing.classification),
      sections: briefing.sections.map(({ heading, body }) => ({ heading, body })),
      sources: page.sources.map(sourceOf),
      approval: {
        ...{ submittedBy, submittedAt: submit.at, submitOperation: submit.id },
        ...{ by, at: approve.at, operation: approve.id },
      },
      distributionId: `${briefing.id} / ${briefing.edition}`,
      proof: {
        bundleJson: `${JSON.stringify(ofFacts(proof.bundle), null, 2)}\n`,
        checkpoint: proof.note,
        url: `${ctx.publicUrl}/v1/audit/${approve.id}/proof?size=${proof.size}`,
      },
      madeAt: proof.madeAt,
    },
  };
}

/** The entries of the approval that made this version, and of the submission before it. */
async function stepsOf(ctx: Ctx, briefingId: string, version: number): Promise<{ approve: Step; submit: Step }> {
  const rows = await ctx.send(moves, [ctx.tenant.id, briefingId, version]);
  const of = (event: string): Step => {
    const row = rows.find((one) => one.event === event);
    if (!row) throw new Error(`a briefing without an entry of its ${event}`);
    return { id: idOf("aud", row.id as string), at: row.at as string, by: row.actor_id as string };
  };
  return { approve: of("approve"), submit: of("submit") };
}

const moves = `
  select id, event, actor_id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from audit
  where tenant_id = $1 and resource_id = $2 and outcome = 'done' and event in ('submit', 'approve') and resource_version <= $3::int
  order by seq desc limit 2`;

type Label = { key: string; name: { en: string; ar: string | null } };

async function aboutOf(ctx: Ctx) {
  const [row] = await ctx.send(
    "select name_en, name_ar, settings -> 'classifications' as levels from organisations where id = $1",
    [ctx.tenant.id],
  );
  const levels = (row?.levels ?? []) as Label[];
  return {
    name: { en: row?.name_en as string, ar: row?.name_ar as string | null },
    labelOf(key: string) {
      const { en, ar } = levels.find((one) => one.key === key)?.name ?? { en: key, ar: null };
      return { en: en.toUpperCase(), ar: ar ?? en.toUpperCase() };
    },
  };
}

const sourceOf = ({ title, source, confidence, occurredAt }: Printable["sources"][number]) => ({
  ...{ title, source, at: occurredAt },
  confidence: confidence === null ? "–" : `${Math.round(confidence * 100)}%`,
});

/** Both, where anything is written in Arabic. */
const languagesOf = ({ title, sections }: Printable["briefing"]): Printing["languages"] =>
  [title, ...sections.flatMap(({ heading, body }) => [heading, body])].some(({ ar }) => ar) ? "both" : "en";
