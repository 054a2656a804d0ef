import type { Dispatch } from "@dais/contracts/dispatches";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { classificationsOf as briefingsOf } from "@dais/modules/briefings";
import { classificationsOf as postureOf } from "@dais/modules/posture";
import { classificationsOf as signalsOf } from "@dais/modules/signals";

type Subject = NonNullable<Dispatch["subject"]>;
const kinds = { briefing: "brf", signal: "sig", posture: "pos", action: "act" } as const;

/**
 * Sees to it that what a dispatch is about is there for the caller, and classified no higher; and that there is a paper, where one goes along: only
 * what was distributed goes out.
 * @throws dispatch_subject_unknown, dispatch_below_subject, dispatch_paper_missing
 */
export async function aboutFits(
  ctx: Ctx,
  { subject, attachesPaper, classification }: Pick<Dispatch, "subject" | "attachesPaper" | "classification">,
): Promise<void> {
  if (!subject) {
    if (attachesPaper) throw new Problem("dispatch_paper_missing");
    return;
  }
  const level = subject.id.startsWith(`${kinds[subject.type]}_`) ? await levelOf(ctx, subject) : null;
  if (level === null) throw new Problem("dispatch_subject_unknown");
  const { levels } = ctx.tenant;
  if (levels.indexOf(level) > levels.indexOf(classification)) throw new Problem("dispatch_below_subject");
  if (attachesPaper && !(subject.type === "briefing" && (await isDistributed(ctx, subject.id))))
    throw new Problem("dispatch_paper_missing");
}

/** How it is classified; null where it isn't there for the caller. */
async function levelOf(ctx: Ctx, { type, id }: Subject): Promise<string | null> {
  if (type === "briefing") return (await briefingsOf(ctx, [id])).get(id) ?? null;
  if (type === "signal") return (await signalsOf(ctx, [id])).get(id) ?? null;
  if (type === "posture") return (await postureOf(ctx, [id])).get(id) ?? null;
  if (ctx.actor.kind !== "system" && !ctx.actor.permissions.has("action.read")) return null;
  const [row] = await ctx.send(action, [ctx.tenant.id, uuidOf(id), arrayOf(ctx.visible)]);
  return (row?.classification as string | undefined) ?? null;
}

const action =
  "select classification from actions where tenant_id = $1 and id = $2 and classification = any ($3::text[])";

const isDistributed = async (ctx: Ctx, id: string): Promise<boolean> =>
  (
    await ctx.send("select from briefings where tenant_id = $1 and id = $2 and state = 'distributed'", [
      ctx.tenant.id,
      uuidOf(id),
    ])
  ).length > 0;
