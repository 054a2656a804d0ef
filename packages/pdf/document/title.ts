import { type Element, within } from "../file/tags.ts";
import { type DocumentInput, inLanguage, type Language, languagesOf } from "../input.ts";
import { type Flow, place, type Slice } from "../page/flow.ts";
import { artifact, box, paper, type Sheet, tagged, write } from "../page/sheet.ts";
import { setIn, text, wholeWidth, xOf } from "../page/text.ts";
import { inks, margins, style, themes } from "../page/theme.ts";
import { oneLine } from "../text/clean.ts";
import { dayInWords, timeInWords, words } from "../words.ts";

/** Whose it is, what it is, of which day, how it is classified, who approved it and whose copy it is; in each language. */
export function titlePage(flow: Flow, parent: Element, input: DocumentInput): void {
  const sheet = flow.sheets.at(-1) as Sheet;
  artifact(sheet, () => box(sheet, inks.accent, 0, 0, paper.width, 9));
  const languages = languagesOf(input);
  flow.y = languages.length > 1 ? 120 : 190;
  for (const [index, language] of languages.entries()) {
    if (index > 0) {
      flow.y += 34;
      artifact(sheet, () => box(sheet, inks.rule, margins.side, flow.y, paper.width - 2 * margins.side, 0.75));
      flow.y += 34;
    }
    place(flow, inOne(within(parent, "Sect", { lang: language }), input, language));
  }
}

function inOne(parent: Element, input: DocumentInput, language: Language): Slice[] {
  const theme = themes[language];
  const say = words[language];
  const frame = wholeWidth(theme.rtl);
  const line = (type: Element["type"], said: string, look: Parameters<typeof style>[1], gap: number, leading = 1.3) =>
    text(within(parent, type), [{ text: oneLine(said), style: style(theme, look) }], frame, theme, { leading, gap });
  const { approval, classification } = input;
  const title = inLanguage(input.title, language);
  return [
    ...line("P", inLanguage(input.organisation, language), { scale: 1.25, weight: 600, ink: inks.accent }, 0),
    ...line("H1", title, { scale: title.length > 120 ? 1.9 : 2.7, weight: 600 }, 18, theme.rtl ? 1.45 : 1.22),
    ...line("P", dayInWords(input.day, language), { scale: 1.25, ink: inks.muted }, 10),
    badge(within(parent, "P"), classification[language], language),
    ...line(
      "P",
      say.approvedBy(inLanguage(approval.by, language), timeInWords(approval.at, language)),
      { ink: inks.text },
      22,
      1.5,
    ),
    ...line("P", `${say.distribution}: ${input.distributionId}`, { scale: 0.9, ink: inks.muted }, 5, 1.5),
    ...(input.mark ? line("P", `${say.copy}: ${input.mark}`, { scale: 0.9, ink: inks.muted }, 5, 1.5) : []),
  ];
}

/** The classification in a frame of its own colour. */
function badge(element: Element, label: string, language: Language): Slice {
  const theme = themes[language];
  const frame = wholeWidth(theme.rtl);
  const spans = [{ text: oneLine(label), style: style(theme, { weight: 600, ink: inks.white, scale: 1.05 }) }];
  const set = setIn(spans, { ...frame, width: frame.width - 24 });
  const [line] = set.lines;
  const height = 25;
  return {
    height,
    gap: 20,
    draw(sheet, page, top) {
      if (!line) return;
      const x = xOf(line, { ...frame, x: frame.x + 12, width: frame.width - 24 }, theme.rtl);
      artifact(sheet, () => box(sheet, inks.accent, x - 12, top, line.width + 24, height));
      tagged(sheet, page, element, () =>
        write(sheet, line, x, top + height / 2 + theme.body * (theme.rtl ? 0.3 : 0.37)),
      );
    },
  };
}
