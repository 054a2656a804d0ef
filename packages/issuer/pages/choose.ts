import type { IssuerPerson } from "../types.ts";
import { type Html, html, type Page } from "./page.ts";

type Choice = { directory: string; people: readonly IssuerPerson[]; says: string | null; leadsTo: string };

/** One button for each person of the directory: a click signs in. */
export function choosePage({ directory, people, says, leadsTo }: Choice): Page {
  return {
    title: `Sign in to ${directory}`,
    leadsTo,
    body: html`
<h1>Sign in to ${directory}</h1>
<p class="quiet">A demonstration: choose who you are. No password is asked for.</p>
${says === null ? null : html`<p class="says" role="alert">${says}</p>`}
<form method="post">
<ul class="people">${people.map(entry)}</ul>
<div class="foot"><span class="quiet">Embedded identity provider</span><button class="link" name="cancel" value="yes">Cancel</button></div>
</form>`,
  };
}

const entry = ({ oid, name, nameArabic, title }: IssuerPerson): Html => html`
<li><button name="person" value="${oid}">
<span class="initials" aria-hidden="true">${initials(name)}</span>
<span class="who"><span class="names"><span class="name" dir="auto">${name}</span>${nameArabic === undefined ? null : html`<span class="name" lang="ar" dir="rtl">${nameArabic}</span>`}</span><span class="title" dir="auto">${title}</span></span>
</button></li>`;

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return [first, last].map((word) => [...(word ?? "")][0] ?? "").join("");
}
