import type { Channel } from "@dais/contracts/dispatches/values";
import type { Ctx } from "@dais/kernel/context";
import type { Message } from "@dais/kernel/couriers/port";
import { render, withheld } from "@dais/modules/dispatchRecipients";
import { keyOf, type NewAttempt } from "./attempts.ts";
import type { Due, DueDispatch, Standing } from "./take.ts";

export type Writing = {
  /** Where a recipient acknowledges. */
  linkOf(tenant: { id: string; slug: string }, recipientId: string): string;
  /** Where a vendor says what becomes of a message, or null. */
  callbackOf(vendor: string, tenant: { id: string; slug: string }): string | null;
};

/** A message with all that handing it over needs, but for what only the outside knows. */
export type Letter = {
  tenantId: string;
  attemptId: string;
  recipientId: string;
  dispatchId: string;
  personId: string | null;
  classification: string;
  channel: Channel;
  vendor: string;
  startedAt: Date;
  asks: number;
  /** The briefing whose paper goes along, or null. */
  paperOf: string | null;
  message: Message;
};

export type Attempting = {
  id: string;
  channel: Channel;
  vendor: string;
  address: string;
  withheld: boolean;
  startedAt: Date;
  asks: number;
};

/** A message that is begun with, and its line in the ledger: what became of it is for the caller to say. */
export function begunWith(
  ctx: Ctx,
  writing: Writing,
  { rung, vendor, ...of }: { due: Due; dispatch: DueDispatch; standing: Standing; rung: Rung; vendor: string },
): { letter: Letter; line: Omit<NewAttempt, "state" | "status"> } {
  const { step, channel, address, withheld, overrode } = rung;
  const { id: recipientId, dispatchId } = of.due;
  const id = ctx.newId();
  const attempt = { id, channel, vendor, address, withheld, asks: 0, startedAt: ctx.now };
  return {
    letter: letterOf(ctx, writing, { ...of, attempt }),
    line: { id, dispatchId, recipientId, step, channel, vendor, address, withheld, overrode },
  };
}
type Rung = Pick<NewAttempt, "step" | "channel" | "address" | "withheld" | "overrode">;

/** Makes it, the same each time: a vendor who is asked again gets the same to the letter. */
export function letterOf(
  ctx: Ctx,
  { linkOf, callbackOf }: Writing,
  { due, dispatch, standing, attempt }: { due: Due; dispatch: DueDispatch; standing: Standing; attempt: Attempting },
): Letter {
  // Also the link is of this attempt alone: by it the vendor's list of messages is searched.
  const marker = attempt.id.slice(-8);
  const link = `${linkOf(ctx.tenant, due.id)}?${marker}`;
  const { language } = due;
  const to = { language, name: nameOf(due), organisation: inLanguage(standing.name, language), link };
  const said = attempt.withheld ? withheld(to, standing.approved) : render(dispatch.content, to);
  const brief = attempt.channel === "whatsapp" || attempt.channel === "sms";
  const template = attempt.channel === "whatsapp" ? said.contentSid : null;
  return {
    ...{ tenantId: ctx.tenant.id, attemptId: attempt.id, recipientId: due.id, dispatchId: due.dispatchId },
    ...{ personId: due.personId, classification: dispatch.classification, channel: attempt.channel },
    ...{ vendor: attempt.vendor, startedAt: attempt.startedAt, asks: attempt.asks },
    paperOf: attempt.withheld ? null : paperOf(dispatch, attempt.channel),
    message: {
      ...{ key: keyOf(attempt.id), to: attempt.address, language: said.language, marker },
      ...{ text: brief ? said.short : said.text, insideWindow: false, attachments: [] },
      ...{ subject: brief ? null : said.subject, html: brief ? null : said.html },
      template: template ? { contentSid: template, variables: said.variables } : null,
      callbackUrl: callbackOf(attempt.vendor, ctx.tenant),
    },
  };
}

/** Mails have the briefing's document with them, where that was asked for: its id, or null. */
export const paperOf = ({ attachesPaper, subjectType, subjectId }: DueDispatch, channel: Channel): string | null =>
  attachesPaper && channel === "email" && subjectType === "briefing" ? subjectId : null;

const inLanguage = ({ en, ar }: { en: string; ar: string | null }, language: "en" | "ar"): string =>
  language === "ar" ? (ar ?? en) : en;

const nameOf = ({ name, person, language }: Due): string =>
  name ?? (person ? inLanguage({ en: person.nameEn, ar: person.nameAr }, language) : "");
