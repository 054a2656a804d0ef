import type { Message } from "@dais/contracts/dispatches";
import type { Asset } from "./asset.ts";
import { html } from "./html.ts";
import { page, type Side, sidesOf } from "./plain.ts";

const words = {
  en: { confirm: "Confirm receipt", confirmed: "Receipt is confirmed" },
  ar: { confirm: "تأكيد الاستلام", confirmed: "تم تأكيد الاستلام" },
} as const;

/** What somebody was told: nothing but text, in its own direction, and the way to confirm that it came. */
export function messagePage({ language, title, body, link, acknowledgedAt }: Message): Asset {
  const { pathname } = new URL(link);
  const way = ([one, dir]: Side) =>
    acknowledgedAt === null
      ? html`<a href="${pathname}" lang="${one}" dir="${dir}">${words[one].confirm}</a>`
      : html`<span lang="${one}" dir="${dir}">${words[one].confirmed}</span>`;
  return page(
    language,
    title,
    html`<article lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}"><h1>${title}</h1>${paragraphs(body)}</article>
<nav>${sidesOf(language).map(way)}</nav>`,
  );
}

/** Each turns to the side that its own first letter asks for. */
const paragraphs = (text: string) => text.split(/\n{2,}/).map((one) => html`<p dir="auto">${one}</p>`);
