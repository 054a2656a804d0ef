import type { dispatches as contract, Preview } from "@dais/contracts/dispatches";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { render } from "@dais/modules/dispatchRecipients";
import { carries } from "./ceilings.ts";
import { judge, linkLike } from "./judge.ts";

/** Names that stand for the recipient's. */
const somebody = { en: "Name", ar: "الاسم" };

/** What a dispatch would be, without making it. @throws every problem of `judge` */
export const estimate: Handlers<typeof contract>["estimate"] = async (ctx, said) => {
  const { content, organisation, found, recipients, estimate, day } = await judge(ctx, said);
  const { ceilings } = organisation.settings.communications;
  const channels = said.policy.steps.map(({ channel }) => channel);
  const preview = (language: "en" | "ar"): Preview | null => {
    if (!content.languages[language]) return null;
    const name = organisation.name[language] ?? organisation.name.en;
    const to = { language, name: somebody[language], organisation: name, link: linkLike(ctx, "…") };
    const { subject, text, short } = render(content, to);
    return { subject, text, short };
  };
  record(ctx, { resource: { type: "dispatch", id: null, classification: said.classification }, changed: false });
  return {
    ...{ recipients, leftOut: found.leftOut, estimate, day, fits: estimate.messages.most <= day.left },
    withheld: channels.filter((channel) => !carries(ctx.tenant, ceilings, channel, said.classification)),
    preview: { en: preview("en"), ar: preview("ar") },
  };
};
