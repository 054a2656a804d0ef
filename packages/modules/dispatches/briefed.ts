import type { Dispatch } from "@dais/contracts/dispatches";
import { idOf } from "@dais/contracts/kit/ids";
import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import type { Ctx } from "@dais/kernel/context";
import { moveMany } from "@dais/kernel/machine-many";
import { Problem } from "@dais/kernel/problem";
import { briefingOf } from "@dais/modules/briefings";
import { usable } from "@dais/modules/messageTemplates";
import { settingsOf } from "@dais/modules/organisations";
import { create } from "./create.ts";
import { runningAbout } from "./rows.ts";
import { workflow } from "./workflow.ts";

type Briefing = Awaited<ReturnType<typeof briefingOf>>;

/**
 * Tells those whom a briefing was distributed to, as the organisation has set it. What can't be made stays with the relay, and is made once what
 * was wrong with it is right.
 * @throws dispatch_template_unknown, and what `create` does
 */
export async function tellOf(ctx: Ctx, briefingId: string): Promise<void> {
  const { briefing: plan } = (await settingsOf(ctx)).communications;
  if (!plan) return;
  const briefing = await briefingOf(ctx, briefingId);
  if (briefing.state !== "distributed") return;
  const template = await usable(ctx, { id: plan.templateId });
  if (!template) throw new Problem("dispatch_template_unknown");
  await create(ctx, {
    ...{ templateId: plan.templateId, values: valuesFor(template, briefing) },
    ...{ subject: { type: "briefing", id: briefing.id }, attachesPaper: true, entityId: null },
    ...{ classification: briefing.classification, audience: { ...briefing.audience, addressees: [] } },
    ...{ policy: { ...plan.policy, steps: carried(ctx, plan.policy.steps) }, priority: "normal", drill: false },
  });
}

/** Sends nothing more of a briefing that was withdrawn. */
export async function tellNoMoreOf(ctx: Ctx, briefingId: string): Promise<void> {
  const each = (await runningAbout(ctx, "briefing", briefingId)).map((uuid) => ({ id: idOf("dsp", uuid) }));
  if (each.length > 0) await moveMany(ctx, workflow, each, "stop", { reason: "The briefing was withdrawn." });
}

/** The steps over what this server has a way of sending on; everybody has the portal. */
function carried({ channels }: Ctx, steps: Dispatch["policy"]["steps"]): Dispatch["policy"]["steps"] {
  const ways = steps.filter(({ channel }) => channels.includes(channel));
  return ways.length > 0 ? ways : [{ channel: "in_app", until: "delivered", waitMinutes: 0 }];
}

/** The day and the title, as far as the template names them. */
function valuesFor({ variables }: MessageTemplate, { day, title }: Briefing): Dispatch["content"]["values"] {
  const room = new Map(variables.map(({ name, maxLength }) => [name, maxLength]));
  const fitting = (said: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(said).flatMap(([name, value]) =>
        room.has(name) ? [[name, cut(value, room.get(name) ?? 0)]] : [],
      ),
    );
  const date = (language: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
  return {
    en: fitting({ day: date("en-GB"), title: title.en }),
    ar: fitting({ day: date("ar-AE"), title: title.ar ?? title.en }),
  };
}

/** Never between the two halves of a character. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1)).replace(/[\s\ud800-\udbff]+$/, "")}…`;
