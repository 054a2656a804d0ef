import { type DocumentInput, inLanguage, type Language, languagesOf } from "../input.ts";
import type { Flow } from "../page/flow.ts";
import { artifact, box, paper, type Sheet, write } from "../page/sheet.ts";
import { type Align, type Frame, setIn, wholeWidth, xOf } from "../page/text.ts";
import { inks, margins, style, themes } from "../page/theme.ts";
import { oneLine } from "../text/clean.ts";
import { type Line, lines } from "../text/lines.ts";
import { words } from "../words.ts";

/** Draws what stands on each page: the classification above and below, what it is, which page, and whose copy. */
export function furnish(flow: Flow, input: DocumentInput): void {
  const labels = languagesOf(input).map((language) => input.classification[language]);
  for (const [index, sheet] of flow.sheets.entries())
    artifact(sheet, () => furnished(sheet, index + 1, flow.sheets.length, labels, input), "Pagination");
}

function furnished(sheet: Sheet, page: number, pages: number, labels: string[], input: DocumentInput): void {
  const language: Language = sheet.rtl ? "ar" : "en";
  const say = words[language];
  const frame = wholeWidth(sheet.rtl);
  const small = { scale: 0.76, ink: inks.muted };
  const bold = { scale: 0.86, weight: 600, ink: inks.accent } as const;
  const put = (said: string, look: Parameters<typeof style>[1], at: { y: number; align: Align; width?: number }) => {
    const line = fitted(oneLine(said), look, { ...frame, width: at.width ?? frame.width }, language);
    if (line) write(sheet, line, xOf(line, frame, sheet.rtl, at.align), at.y);
  };
  const label = labels.join("  |  ");
  put(label, bold, { y: 36, align: "center" });
  const half = frame.width / 2 - 10;
  if (page > 1) {
    put(inLanguage(input.organisation, language), small, { y: 56, align: "start", width: half });
    put(inLanguage(input.title, language), small, { y: 56, align: "end", width: half });
    box(sheet, inks.rule, margins.side, 63, frame.width, 0.6);
  }
  const low = paper.height - 62;
  box(sheet, inks.rule, margins.side, low, frame.width, 0.6);
  put(`${say.distribution}: ${input.distributionId}`, small, { y: low + 15, align: "start", width: frame.width * 0.7 });
  put(say.of(page, pages), small, { y: low + 15, align: "end" });
  if (input.mark) put(`${say.copy}: ${input.mark}`, small, { y: low + 29, align: "start", width: half });
  put(label, bold, { y: low + 29 + (input.mark ? 13 : 6), align: "center" });
}

/** One line of a text, ended by … where it doesn't fit. */
function fitted(said: string, look: Parameters<typeof style>[1], frame: Frame, language: Language): Line | undefined {
  const own = style(themes[language], look);
  const { lines: made, rtl } = setIn([{ text: said, style: own }], frame);
  const [first] = made;
  if (!first || made.length === 1) return first;
  const short = `${first.text.trimEnd().replace(/\s+\S*$/u, "")}…`;
  return lines([{ text: short, style: own }], { width: frame.width, rtl })[0];
}
