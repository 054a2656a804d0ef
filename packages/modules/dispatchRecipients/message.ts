import type { Dispatch } from "@dais/contracts/dispatches";
import type { dispatchRecipients as contract } from "@dais/contracts/dispatchRecipients";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { render } from "./render.ts";

/**
 * What one was told, or will be, as it is written in one's language, whatever a channel could carry of it. Nobody else's exists here, whatever they may.
 * @throws dispatch_recipient_not_found
 */
export const message: Handlers<typeof contract>["message"] = async (ctx, { id }) => {
  const found = ctx.actor.kind === "user" ? await own(ctx, uuidOf(id)) : null;
  if (!found) throw new Problem("dispatch_recipient_not_found");
  const { dispatchId, content, language, classification, name, organisation, acknowledgedAt, createdAt } = found;
  const link = ctx.linkOf(uuidOf(id));
  const from = (language === "ar" ? organisation.ar : null) ?? organisation.en;
  const written = render(content, { language, name: name ?? "", organisation: from, link });
  return {
    ...{ id, dispatchId: idOf("dsp", dispatchId), language: written.language, classification },
    ...{ title: written.subject, body: written.text, link },
    acknowledgedAt: acknowledgedAt && new Date(acknowledgedAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
  };
};

type Found = Pick<Dispatch, "content" | "classification"> & {
  dispatchId: string;
  language: "en" | "ar";
  name: string | null;
  organisation: { en: string; ar: string | null };
  acknowledgedAt: string | null;
  createdAt: string;
};

const own = async (ctx: Ctx, id: string): Promise<Found | null> => {
  const [row] = await ctx.send(text, [ctx.tenant.id, id, uuidOf(ctx.actor.id), arrayOf(ctx.visible)]);
  return (row?.it as Found | undefined) ?? null;
};

/** A rehearsal tells nobody anything, and neither does what was taken back before anything of it was sent. */
const text = `
  select json_build_object('dispatchId', d.id, 'content', d.content, 'classification', r.classification, 'language', r.language, 'name', r.name,
    'organisation', json_build_object('en', o.name_en, 'ar', o.name_ar), 'acknowledgedAt', r.acknowledged_at, 'createdAt', r.created_at) as it
  from dispatch_recipients r
    join dispatches d on d.tenant_id = r.tenant_id and d.id = r.dispatch_id
    join organisations o on o.id = r.tenant_id
  where r.tenant_id = $1 and r.id = $2 and r.person_id = $3 and r.classification = any ($4::text[]) and not d.drill
    and (r.state <> 'recalled' or exists (
      select from dispatch_attempts a where a.tenant_id = $1 and a.recipient_id = r.id and a.state in ('taken', 'unknown', 'undetermined')))`;
