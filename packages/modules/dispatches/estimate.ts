import type { dispatches as contract, Preview } from "@dais/contracts/dispatches";
import { languages } from "@dais/contracts/person";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { approvedIn, render } from "@dais/modules/dispatchRecipients";
import { carries } from "./ceilings.ts";
import { judge, linkLike } from "./judge.ts";

type Language = (typeof languages)[number];

/** Names that stand for the recipient's. */
const somebody = { en: "Name", ar: "الاسم" };

/** What a dispatch would be, without making it. @throws every problem of `judge` */
export const estimate: Handlers<typeof contract>["estimate"] = async (ctx, said) => {
  const { content, organisation, found, recipients, estimate, day } = await judge(ctx, said);
  const { ceilings, withheldContentSids } = organisation.settings.communications;
  const channels = said.policy.steps.map(({ channel }) => channel);
  const withheld = channels.filter((channel) => !carries(ctx.tenant, ceilings, channel, said.classification));
  // Undefined: nothing is said in that language.
  const approved = (language: Language) =>
    withheld.includes("whatsapp") ? approvedIn(withheldContentSids, language) : content.languages[language]?.contentSid;
  const preview = (language: Language): Preview | null => {
    if (!content.languages[language]) return null;
    const name = organisation.name[language] ?? organisation.name.en;
    const to = { language, name: somebody[language], organisation: name, link: linkLike(ctx, "…") };
    const { subject, text, short } = render(content, to);
    return { subject, text, short };
  };
  record(ctx, { resource: { type: "dispatch", id: null, classification: said.classification }, changed: false });
  return {
    ...{ recipients, leftOut: found.leftOut, estimate, day, fits: estimate.messages.most <= day.left },
    withheld,
    onlyInWindow: channels.includes("whatsapp") ? languages.filter((language) => approved(language) === null) : [],
    preview: { en: preview("en"), ar: preview("ar") },
  };
};
