import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import type { Organisation } from "@dais/contracts/organisations";
import type { z } from "zod";
import { approvedForWithheld, approvedTexts } from "./approved-texts.ts";
import type { Caller } from "./calls.ts";

type Page = { items: MessageTemplate[] };
const [english = null, arabic = null] = Object.keys(approvedTexts);

/** What the leadership is sent when its briefing is there. The short texts are those that WhatsApp has approved. */
const template = {
  key: "daily-briefing",
  name: { en: "The day's briefing", ar: "إحاطة اليوم" },
  category: "briefing",
  variables: [
    { name: "day", about: "The briefing's day, as people write it.", maxLength: 60 },
    { name: "title", about: "What the briefing is called.", maxLength: 200 },
  ],
  languages: {
    en: {
      subject: "{{title}}, {{day}}",
      body: "Dear {{name}},\n\nthe briefing “{{title}}” of {{day}} is ready to be read.\n\nPlease confirm that it has reached you: {{link}}\n\n{{organisation}}",
      short: approvedTexts[english ?? ""],
      contentSid: english,
    },
    ar: {
      subject: "{{title}}، {{day}}",
      body: "عزيزي/عزيزتي {{name}}،\n\nإحاطة «{{title}}» ليوم {{day}} جاهزة للقراءة.\n\nيُرجى تأكيد وصولها إليكم: {{link}}\n\n{{organisation}}",
      short: approvedTexts[arabic ?? ""],
      contentSid: arabic,
    },
  },
};

/**
 * A distributed briefing goes out by WhatsApp, then by SMS, then by mail with its PDF, within minutes, so that whoever looks on sees it fall
 * from one to the next. Once: where there is such a template, nothing is changed.
 * @param author May write templates. @param administrator May change the organisation's settings
 */
export async function setCommunications(author: Caller, administrator: Caller): Promise<void> {
  const { items } = await author.call<Page>("messageTemplates.list", { key: template.key });
  if (items.length > 0) return;
  const { id: templateId } = await author.call<MessageTemplate>("messageTemplates.create", template);
  const step = (channel: string, until: string, waitMinutes: number) => ({ channel, until, waitMinutes });
  const steps = [step("whatsapp", "read", 3), step("sms", "acknowledged", 5), step("email", "acknowledged", 60)];
  const { id, version } = await administrator.call<z.infer<typeof Organisation>>("organisations.current", {});
  await administrator.call("organisations.update", {
    ...{ id, version },
    communications: {
      ceilings: { whatsapp: "internal", email: "internal" },
      withheldContentSids: approvedForWithheld,
      quietEndsAt: "high",
      briefing: { templateId, policy: { steps, escalateAfterMinutes: 90 } },
    },
  });
}
