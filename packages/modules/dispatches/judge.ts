import type { dispatches as contract, Dispatch, DispatchDay } from "@dais/contracts/dispatches";
import { mostRecipients } from "@dais/contracts/dispatches/values";
import type { Organisation } from "@dais/contracts/organisations";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { today } from "@dais/kernel/today";
import { unknownIn } from "@dais/modules/briefings";
import { usable } from "@dais/modules/messageTemplates";
import { organisationOf } from "@dais/modules/organisations";
import type { z } from "zod";
import { type Found, whoIsIn } from "./audience.ts";
import { carries } from "./ceilings.ts";
import { estimateOf } from "./cost.ts";
import { dayOf } from "./day.ts";
import { filled, reachable, segmentsIn, shortEnough } from "./fitting.ts";
import { aboutFits } from "./subject.ts";

/** What a caller says of a dispatch. */
export type Said = Parameters<Handlers<typeof contract>["create"]>[1];

/** What becomes of what is said, where nothing is wrong with it. */
export type Plan = {
  content: Dispatch["content"];
  audience: Dispatch["audience"];
  organisation: z.infer<typeof Organisation>;
  /** The first people, and how many there are. */
  found: Found;
  recipients: number;
  estimate: Dispatch["estimate"];
  day: DispatchDay;
};

/** How many recipients a dispatch has at once; the others follow. */
export const atOnce = 200;

/**
 * Judges everything that can be judged before something is sent, and changes nothing. A few exchanges, whoever is in the audience.
 * @throws every problem of `dispatches.estimate`
 */
export async function judge(ctx: Ctx, said: Said): Promise<Plan> {
  const { audience, classification, policy, drill } = said;
  if (!ctx.visible.includes(classification)) throw new Problem("dispatch_classification_unknown");
  const channels = policy.steps.map(({ channel }) => channel);
  const off = channels.filter((channel) => !ctx.channels.includes(channel));
  if (off.length > 0) throw new Problem("dispatch_channel_off", { channels: off });
  const [template, organisation, names] = await Promise.all([
    usable(ctx, { id: said.templateId }),
    organisationOf(ctx),
    unknownIn(ctx, audience),
  ]);
  if (!template) throw new Problem("dispatch_template_unknown");
  const content = filled(template, said.values);
  const from = { organisation: longestOf(organisation.name), link: linkLike(ctx) };
  shortEnough(content, from);
  await aboutFits(ctx, said);
  if (names.length > 0) throw new Problem("dispatch_audience_unknown", { names });
  const { ceilings, prices, dailyMessages } = organisation.settings.communications;
  reachable(ctx, audience.addressees, { channels, ceilings, classification });
  const limit = Math.max(0, atOnce - audience.addressees.length);
  const language = organisation.settings.languages[0] ?? "en";
  const [found, day] = await Promise.all([
    whoIsIn(ctx, { audience, classification, language, limit }),
    dayOf(ctx, today(ctx), dailyMessages),
  ]);
  const recipients = found.cleared + audience.addressees.length;
  if (recipients === 0) throw new Problem("dispatch_audience_empty", { leftOut: found.leftOut });
  if (recipients > mostRecipients)
    throw new Problem("dispatch_audience_too_large", { recipients, most: mostRecipients });
  const reached = { people: found.cleared, addressees: audience.addressees };
  const carried = carries(ctx.tenant, ceilings, "sms", classification);
  const estimate = estimateOf(reached, { policy, drill, prices, segments: segmentsIn(content, { ...from, carried }) });
  return { content, audience, organisation, found, recipients, estimate, day };
}

const longestOf = ({ en, ar }: { en: string; ar: string | null }): string => (ar && ar.length > en.length ? ar : en);

/** As long as every recipient's own: 43 characters, and the nine by which each attempt is told from others. */
export const linkLike = ({ publicUrl, tenant }: Pick<Ctx, "publicUrl" | "tenant">, token = "x".repeat(52)): string =>
  `${publicUrl}/r/${tenant.slug}/${token}`;
