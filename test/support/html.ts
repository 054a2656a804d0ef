/** What a form sends. No action: the page's own address. */
export type Submission = { method: string; action: string | null; fields: [string, string][] };

/** The form whose button says this (or has it as its value), filled in; undefined where there is none. */
export function formOf(page: string, label: string, fill: Record<string, string>): Submission | undefined {
  const found = elements(page, "form").flatMap(({ attributes, inner }) =>
    elements(inner, "button").map((button) => ({ attributes, inner, button, says: textOf(button.inner) })),
  );
  const fits =
    found.find(({ says }) => says === label) ??
    found.find(({ button }) => attribute(button.attributes, "value") === label) ??
    found.find(({ says }) => says.includes(label));
  if (!fits) return undefined;
  const name = attribute(fits.button.attributes, "name");
  const pressed: [string, string][] = name === null ? [] : [[name, attribute(fits.button.attributes, "value") ?? ""]];
  return { ...targetOf(fits.attributes), fields: [...inputsOf(fits.inner, fill), ...pressed] };
}

/** The form that a script of the page submits at once. */
export function submitsItself(page: string): Submission | undefined {
  if (!/document\.forms\[0\]\.submit\(\)/.test(page)) return undefined;
  const [form] = elements(page, "form");
  return form && { ...targetOf(form.attributes), fields: inputsOf(form.inner, {}) };
}

/** Where the page goes on by itself. */
export function goesOnTo(page: string): string | null {
  const content = /<meta http-equiv="refresh" content="([^"]*)">/i.exec(page)?.[1];
  return content === undefined ? null : decoded(content.slice(content.indexOf("url=") + 4));
}

export const framesOf = (page: string): string[] =>
  [...page.matchAll(/<iframe ([^>]*)>/g)].flatMap(([, attributes = ""]) => attribute(attributes, "src") ?? []);

/** The address of the link that says this. */
export function linkOf(page: string, label: string): string | null {
  const link = elements(page, "a").find(({ inner }) => textOf(inner).includes(label));
  return link ? attribute(link.attributes, "href") : null;
}

/** What a reader sees. */
export const textOf = (html: string): string =>
  decoded(html.replace(/<(script|style)[\s\S]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " "))
    .replace(/\s+/g, " ")
    .trim();

type Element = { attributes: string; inner: string };

const elements = (html: string, tag: string): Element[] =>
  [...html.matchAll(new RegExp(`<${tag}\\b([^>]*)>([\\s\\S]*?)</${tag}>`, "g"))].map(([, attributes, inner]) => ({
    attributes: attributes ?? "",
    inner: inner ?? "",
  }));

function targetOf(attributes: string): Pick<Submission, "method" | "action"> {
  return { method: (attribute(attributes, "method") ?? "get").toUpperCase(), action: attribute(attributes, "action") };
}

function inputsOf(form: string, fill: Record<string, string>): [string, string][] {
  return [...form.matchAll(/<input\b([^>]*)>/g)].flatMap(([, attributes = ""]) => {
    const name = attribute(attributes, "name");
    return name === null ? [] : [[name, fill[name] ?? attribute(attributes, "value") ?? ""] as [string, string]];
  });
}

function attribute(attributes: string, name: string): string | null {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? null : decoded(value);
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };
const decoded = (text: string) => text.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);
