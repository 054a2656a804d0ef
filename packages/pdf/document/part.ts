import { read } from "@dais/markdown/read";
import type { Inline } from "@dais/markdown/tree";
import { type Element, within } from "../file/tags.ts";
import { type DocumentInput, inLanguage, type Language, type Name } from "../input.ts";
import { blocks } from "../page/blocks.ts";
import { type Flow, place, type Slice } from "../page/flow.ts";
import type { Notes } from "../page/inlines.ts";
import { table } from "../page/table.ts";
import { text, wholeWidth } from "../page/text.ts";
import { inks, style, type Theme, themes } from "../page/theme.ts";
import { clean, oneLine } from "../text/clean.ts";
import { timeInWords, words } from "../words.ts";

/** Everything in one language: the sections, the sources, the approval. */
export function part(flow: Flow, parent: Element, input: DocumentInput, language: Language): void {
  const theme = themes[language];
  const frame = wholeWidth(theme.rtl);
  for (const { heading, body } of input.sections) {
    const notes: Notes = new Map();
    const section = within(parent, "Sect");
    const head = headed(section, inLanguage(heading, language), theme);
    place(flow, [...head, ...blocks(read(inLanguage(body, language)), frame, section, { theme, notes })]);
    place(flow, noted(section, notes, theme));
  }
  place(flow, sources(within(parent, "Sect"), input, theme));
  place(flow, approval(within(parent, "Sect"), input, theme));
}

/** The heading of a section. */
export function headed(section: Element, heading: string, theme: Theme): Slice[] {
  const look = style(theme, { scale: 1.7, weight: 600, ink: inks.accent });
  const spans = [{ text: oneLine(heading), style: look }];
  return text(within(section, "H2"), spans, wholeWidth(theme.rtl), theme, { leading: 1.4, gap: 30, keep: true });
}

/** Where the links of a section lead. */
function noted(section: Element, notes: Notes, theme: Theme): Slice[] {
  return [...notes.keys()].flatMap((url, index) => {
    const look = style(theme, { scale: 0.8, ink: inks.muted });
    const spans = [{ text: `[${index + 1}] ${clean(url)}`, style: look }];
    const frame = { ...wholeWidth(theme.rtl), rtl: false };
    return text(within(section, "Note"), spans, frame, theme, { leading: 1.45, gap: index === 0 ? 12 : 1 });
  });
}

function sources(section: Element, input: DocumentInput, theme: Theme): Slice[] {
  const say = words[theme.language];
  const frame = wholeWidth(theme.rtl);
  const head = headed(section, say.sources, theme);
  if (input.sources.length === 0)
    return [
      ...head,
      ...text(within(section, "P"), [{ text: say.noSources, style: style(theme) }], frame, theme, { leading: 1.5 }),
    ];
  const rows = input.sources.map(({ title, source, confidence, at }) => [
    title,
    source,
    confidence,
    timeInWords(at, theme.language),
  ]);
  return [
    ...head,
    ...plainTable([say.source.title, say.source.source, say.source.confidence, say.source.at], rows, section, theme),
  ];
}

function approval(section: Element, { approval }: DocumentInput, theme: Theme): Slice[] {
  const { language } = theme;
  const say = words[language];
  const named = (name: Name) => inLanguage(name, language);
  const rows = [
    [say.submitted, named(approval.submittedBy), timeInWords(approval.submittedAt, language), approval.submitOperation],
    [say.approved, named(approval.by), timeInWords(approval.at, language), approval.operation],
  ];
  const header = [say.step.what, say.step.by, say.step.at, say.step.operation];
  return [...headed(section, say.approval, theme), ...plainTable(header, rows, section, theme)];
}

function plainTable(header: string[], rows: string[][], parent: Element, theme: Theme): Slice[] {
  const cell = (said: string): Inline[] => [{ type: "text", text: oneLine(said) }];
  const cells = { header: header.map(cell), rows: rows.map((row) => row.map(cell)), align: [] };
  return table(cells, { frame: wholeWidth(theme.rtl), parent, theme, notes: new Map(), gap: 8 });
}
