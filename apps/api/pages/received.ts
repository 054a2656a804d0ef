import type { Asset } from "./asset.ts";
import { html } from "./html.ts";
import { type Language, page, type Side, section, sidesOf } from "./plain.ts";

/** What the page knows: who sent something, when it was acknowledged, and in which language it was sent. */
export type Received = {
  organisation: { en: string; ar: string | null };
  timeZone: string;
  language: Language;
  acknowledgedAt: Date | null;
  /** Whether this request was the one. */
  justNow: boolean;
  /** Where the message itself is read, signed in; null where nobody can sign in. */
  signIn: string | null;
};

const words = {
  en: {
    ...{ ask: "Please confirm receipt", button: "I have received it", thanks: "Thank you", again: "Already received" },
    about: (from: string) => `${from} has sent you a message, and asks whether it reached you. You need not sign in.`,
    done: (when: string) => `Received on ${when}.`,
    before: (when: string) => `This was received on ${when} already. Nothing more is needed.`,
    signIn: "Sign in to read it",
    none: "This link is not valid",
    why: "It is incomplete, was made for something else, or has ended. Open it again from the message, or ask whoever sent it.",
  },
  ar: {
    ...{ ask: "يُرجى تأكيد الاستلام", button: "نعم، استلمت الرسالة", thanks: "شكرًا لكم", again: "سبق تأكيد الاستلام" },
    about: (from: string) => `أرسلت إليكم ${from} رسالة وتسأل عن وصولها. لا حاجة إلى تسجيل الدخول.`,
    done: (when: string) => `سُجِّل الاستلام في ${when}.`,
    before: (when: string) => `سُجِّل الاستلام من قبل في ${when}. لا يلزم أي إجراء آخر.`,
    signIn: "تسجيل الدخول لقراءتها",
    none: "هذا الرابط غير صالح",
    why: "الرابط ناقص أو أُعدّ لغير هذا الغرض أو انتهت صلاحيته. افتحوه من الرسالة مرة أخرى أو راجعوا المُرسِل.",
  },
} as const;

/** Asks whether a message came, or says that it did: in the reader's language first, and in the other. Nothing of the message is on it. */
export function receivedPage(of: Received): Asset {
  const title = of.acknowledgedAt === null ? "ask" : of.justNow ? "thanks" : "again";
  const button = ([language, dir]: Side) =>
    html`<span lang="${language}" dir="${dir}">${words[language].button}</span>`;
  const side = (one: Side) => section(one, words[one[0]][title], html`<p>${saying(of, one[0])}</p>`);
  const sides = sidesOf(of.language);
  const link = ([language, dir]: Side) =>
    html`<a href="${of.signIn ?? ""}" lang="${language}" dir="${dir}">${words[language].signIn}</a>`;
  return page(
    of.language,
    words[of.language][title],
    html`${title === "ask" ? null : tick}${sides.map(side)}
${title === "ask" ? html`<form method="post"><button>${sides.map(button)}</button></form>` : null}
${of.signIn === null ? null : html`<nav>${sides.map(link)}</nav>`}`,
  );
}

/** For every link that doesn't lead to somebody, whatever is wrong with it. */
export const noLinkPage = (): Asset =>
  page(
    "en",
    words.en.none,
    html`${sidesOf("en").map((one) => section(one, words[one[0]].none, html`<p>${words[one[0]].why}</p>`))}`,
  );

function saying({ organisation, timeZone, acknowledgedAt, justNow }: Received, language: Language): string {
  const { about, done, before } = words[language];
  if (acknowledgedAt === null) return about((language === "ar" ? organisation.ar : null) ?? organisation.en);
  const when = new Intl.DateTimeFormat(language === "ar" ? "ar-AE" : "en-GB", {
    ...{ dateStyle: "long", timeStyle: "short", timeZone },
  }).format(acknowledgedAt);
  return justNow ? done(when) : before(when);
}

const tick = html`<svg viewBox="0 0 48 48" width="48" height="48" role="img" aria-label="✓"><circle cx="24" cy="24" r="22"/><path d="M14 25l7 7 13-15"/></svg>`;
