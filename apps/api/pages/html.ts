/** Text that is HTML already. Only `html` makes it, so that everything else is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[] | null | false;

/** A template whose values are escaped, unless they are templates themselves. Lists are joined; null and false are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const filled = parts.map((part, i) => (i === 0 ? part : written(values[i - 1] ?? null) + part));
  return new Html(filled.join(""));
}

/** Prose from the contract, in which what stands between backticks is code. */
export function prose(text: string): Html {
  const pieces = text.split("`").map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));
  return html`${pieces}`;
}

function written(value: Value): string {
  if (value === null || value === false) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map((item: Html) => item.text).join("");
  return String(value).replace(/[&<>"']/g, (letter) => entities[letter] as string);
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
