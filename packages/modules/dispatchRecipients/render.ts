import type { Dispatch } from "@dais/contracts/dispatches";
import { pieces } from "@dais/modules/messageTemplates";

type Content = Dispatch["content"];
type Language = "en" | "ar";
/** For whom it is rendered; `link` is where they acknowledge, and theirs alone. */
export type To = { language: Language; name: string; organisation: string; link: string };

/** What somebody reads: `text` of mails, notifications and Teams, `short` of WhatsApp and SMS, both with the link. */
export type Rendered = {
  language: Language;
  subject: string;
  text: string;
  short: string;
  html: string;
  /** Of the template that WhatsApp has approved, by their names: those that `short` has and no others, each one line. */
  variables: Record<string, string>;
  contentSid: string | null;
};

export const longestSubject = 200;

/**
 * Puts values in the place of variables, once: what a value says is never read as a template. Pure, so that what was shown before a dispatch was
 * made is what is sent. Texts that don't name the link have it at their end.
 */
export function render(content: Content, to: To): Rendered {
  const language = content.languages[to.language] ? to.language : other(to.language);
  const texts = content.languages[language];
  if (!texts) throw new Error(`${content.templateKey} has a text in no language`);
  const known = valuesIn(content, language, to);
  const said = (text: string) => written(text, known);
  const short = linked(texts.short);
  return {
    language,
    subject: oneLine(said(texts.subject)).slice(0, longestSubject),
    text: said(linked(texts.body)),
    short: said(short),
    html: page(linked(texts.body), known, language),
    variables: namedIn(short, known),
    contentSid: texts.contentSid,
  };
}

/** What WhatsApp has approved beforehand, by languages. */
export type Approved = Record<Language, string | null>;
/** What it has for somebody: of their language, or else of the other. */
export const approvedIn = (approved: Approved, language: Language): string | null =>
  approved[language] ?? approved[other(language)];

/** What is said where the channel may not carry the content: nothing of it, in both languages. */
export function withheld(
  { language, organisation, link }: Pick<To, "language" | "organisation" | "link">,
  approved: Approved,
): Rendered {
  const lines = [
    `${organisation} has a message for you. Sign in to read it.`,
    `لديك رسالة من ${organisation}. سجّل الدخول لقراءتها.`,
  ];
  const text = [...(language === "ar" ? lines.reverse() : lines), link].join("\n\n");
  return {
    language,
    subject: oneLine(language === "ar" ? `رسالة من ${organisation}` : `A message from ${organisation}`).slice(
      0,
      longestSubject,
    ),
    text,
    short: text,
    html: page(text.replace(link, "{{link}}"), new Map([["link", link]]), language),
    variables: { organisation: oneLine(organisation), link },
    contentSid: approvedIn(approved, language),
  };
}

const other = (language: Language): Language => (language === "en" ? "ar" : "en");

/** Each variable's value in this language, or else in the other, and the server's own. */
function valuesIn({ variables, values }: Content, language: Language, to: To): Map<string, string> {
  const saidOf = (name: string): string => {
    const where = [values[language], values[other(language)]].find((some) => Object.hasOwn(some, name));
    return where?.[name] ?? "";
  };
  return new Map([
    ...variables.map(({ name }) => [name, saidOf(name)] as const),
    ...(["name", "organisation", "link"] as const).map((name) => [name, to[name]] as const),
  ]);
}

const linked = (text: string): string =>
  pieces(text).some(({ variable }) => variable === "link") ? text : `${text.trimEnd()}\n\n{{link}}`;

/**
 * The values of what a text names. The vendor refuses variables that the approved text doesn't have, as it does those that are missing.
 * @see https://www.twilio.com/docs/api/errors/63028
 */
const namedIn = (text: string, known: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    pieces(text).flatMap(({ variable }) => {
      const value = variable === null ? undefined : known.get(variable);
      return variable === null || value === undefined ? [] : [[variable, oneLine(value)]];
    }),
  );

const written = (text: string, known: ReadonlyMap<string, string>): string =>
  pieces(text)
    .map((piece) => (piece.variable === null ? piece.text : (known.get(piece.variable) ?? piece.text)))
    .join("");

/** No line breaks, no control characters, and nothing that turns the direction of what follows: nobody's value becomes a header or looks like another. */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/ {2,}/g, " ")
    .trim();

/** The same as a page: everything is text, and only the server's own link is one. */
function page(text: string, known: ReadonlyMap<string, string>, language: Language): string {
  const inner = pieces(text)
    .map(({ text, variable }) => {
      const said = escaped(variable === null ? text : (known.get(variable) ?? text));
      return variable === "link" ? `<a href="${said}">${said}</a>` : said;
    })
    .join("");
  const paragraphs = inner
    .replace(/\r\n?/g, "\n")
    .split(/\n{2,}/)
    .map((one) => `<p>${one.replaceAll("\n", "<br>")}</p>`);
  const direction = language === "ar" ? "rtl" : "ltr";
  return `<!doctype html><html lang="${language}" dir="${direction}"><meta charset="utf-8"><body>${paragraphs.join("")}</body></html>`;
}

const signs: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => signs[sign] as string);
