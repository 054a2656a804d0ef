import QRCode from "qrcode";
import { type Element, within } from "../file/tags.ts";
import { type DocumentInput, languagesOf } from "../input.ts";
import { type Flow, place, type Slice } from "../page/flow.ts";
import { box, paper, tagged } from "../page/sheet.ts";
import { text, wholeWidth } from "../page/text.ts";
import { inks, margins, style, themes } from "../page/theme.ts";
import { clean } from "../text/clean.ts";
import { words } from "../words.ts";
import { headed } from "./part.ts";

/** What the approval is proved by: told in each language, and once the address, its code and the checkpoint. */
export function proof(flow: Flow, parent: Element, input: DocumentInput): void {
  const languages = languagesOf(input);
  const told = languages.flatMap((language): Slice[] => {
    const theme = themes[language];
    const section = within(parent, "Sect", { lang: language });
    const spans = [{ text: words[language].proofTold, style: style(theme) }];
    const { leading } = theme;
    const look = { leading, gap: 4, keep: true };
    return [
      ...headed(section, words[language].proof, theme),
      ...text(within(section, "P"), spans, wholeWidth(theme.rtl), theme, look),
    ];
  });
  const section = within(parent, "Sect", { lang: "en" });
  const label = languages.map((language) => words[language].code).join(" / ");
  const theme = { ...themes.en, rtl: flow.rtl };
  const small = style(theme, { scale: 0.78 });
  const lined = (said: string, gap: number) =>
    text(within(section, "P"), [{ text: clean(said), style: small }], { ...wholeWidth(flow.rtl), rtl: false }, theme, {
      leading: 1.45,
      gap,
    });
  const all = [
    ...told,
    code(within(section, "Figure", { alt: `${label}: ${input.proof.url}` }), input.proof.url, flow.rtl),
    ...lined(input.proof.url, 8),
    ...lined(input.proof.checkpoint.trimEnd(), 10),
  ];
  // On one page, where one holds it.
  place(
    flow,
    all.map((slice) => ({ ...slice, keep: true })),
  );
}

/** A QR code in squares, with the quiet zone around it that readers want. @see ISO/IEC 18004 */
function code(figure: Element, url: string, rtl: boolean): Slice {
  const { modules } = QRCode.create(url, { errorCorrectionLevel: "M" });
  const side = 112;
  const unit = side / (modules.size + 8);
  const x = rtl ? paper.width - margins.side - side + 4 * unit : margins.side - 4 * unit;
  return {
    height: side - 4 * unit,
    gap: 10,
    keep: true,
    draw: (sheet, page, top) =>
      tagged(sheet, page, figure, () => {
        for (let row = 0; row < modules.size; row++)
          for (let from = 0; from < modules.size; from++) {
            let to = from;
            while (to < modules.size && modules.get(row, to)) to++;
            // A hair wider and higher, so that no light comes through between squares.
            if (to > from)
              box(
                sheet,
                inks.text,
                x + (from + 4) * unit,
                top + (row + 4) * unit,
                (to - from) * unit + 0.02,
                unit + 0.02,
              );
            from = to;
          }
      }),
  };
}
