import { encode, type Fonts, fourDigits } from "../file/fonts.ts";
import type { Element } from "../file/tags.ts";
import type { Ink, Line, Seat } from "../text/lines.ts";
import { type Placed, tiled } from "../text/shape.ts";

/** One page while it is drawn. Lengths are points, counted from its upper left corner. */
export type Sheet = {
  fonts: Fonts;
  /** Whether most of it is read from right to left. */
  rtl: boolean;
  operators: string[];
  /** Which element each marked piece of content belongs to, by its number. */
  owners: Element[];
};

/** A4. */
export const paper = { width: 595.28, height: 841.89 } as const;

/** Draws something that is part of what an element says. */
export function tagged(sheet: Sheet, page: number, element: Element, draw: () => void): void {
  const mcid = sheet.owners.push(element) - 1;
  element.kids.push({ page, mcid });
  sheet.operators.push(`/${element.type} <</MCID ${mcid}>> BDC`);
  draw();
  sheet.operators.push("EMC");
}

/** Draws something that says nothing: lines, shades, what stands on each page. */
export function artifact(sheet: Sheet, draw: () => void, type: "Layout" | "Pagination" = "Layout"): void {
  sheet.operators.push(`/Artifact <</Type /${type}>> BDC`);
  draw();
  sheet.operators.push("EMC");
}

export function box(sheet: Sheet, ink: Ink, x: number, y: number, width: number, height: number): void {
  sheet.operators.push(`${inked(ink)} rg ${n(x)} ${n(paper.height - y - height)} ${n(width)} ${n(height)} re f`);
}

/** Draws a line of text with its base line at `y`. */
export function write(sheet: Sheet, line: Line, x: number, y: number): void {
  const mixed = sheet.rtl || line.pieces.some(({ rtl }) => rtl);
  const up = paper.height - y;
  sheet.operators.push("BT");
  for (const [index, set] of line.pieces.entries())
    shown(sheet, set, mixed ? marked(line.pieces, index, sheet.rtl) : set.piece.glyphs, x + set.x, up);
  sheet.operators.push("ET");
}

/**
 * Where a direction ends and no letter says so, a mark does that a reader of the file sees and nobody else: readers would take a bracket, a
 * percent sign or a space to the wrong side. It has half of the place of its neighbour, because what has none counts as a double.
 */
function marked(pieces: Seat[], index: number, page: boolean): Placed[] {
  const { piece, rtl } = pieces[index] as Seat;
  const [first, ...rest] = piece.glyphs;
  if (!first) return [];
  const begins = index === 0 || pieces[index - 1]?.rtl !== rtl;
  const ends = index === pieces.length - 1 || pieces[index + 1]?.rtl !== rtl;
  const last = rest.at(-1) ?? first;
  const between = rest.slice(0, -1);
  const before = !rtl && begins && page ? ["\u200f"] : [];
  const after = ends && (rtl ? !page : page && !leftward.test(last.text)) ? ["\u200e"] : [];
  if (rest.length === 0) return tiled(first, [...before, first.text, ...after]);
  return [...tiled(first, [...before, first.text]), ...between, ...tiled(last, [last.text, ...after])];
}

const leftward = /^[\p{L}--\p{Script=Arabic}]/v;

function shown(sheet: Sheet, { style }: Seat, glyphs: Placed[], x: number, y: number): void {
  const { size, ink, rise = 0 } = style;
  let font = "";
  let level = 0;
  let pen = 0;
  let string = "";
  const flush = () => {
    if (string) sheet.operators.push(`[${string}] TJ`);
    string = "";
  };
  for (const glyph of glyphs) {
    const { font: used, code } = encode(sheet.fonts, glyph);
    if (used.name !== font || glyph.y !== level) {
      flush();
      font = used.name;
      level = glyph.y;
      pen = glyph.x;
      const at = `${n(x + (glyph.x * size) / 1000)} ${n(y + rise + (glyph.y * size) / 1000)}`;
      sheet.operators.push(`/${font} ${n(size)} Tf ${inked(ink)} rg 1 0 0 1 ${at} Tm`);
    }
    const back = Math.round(pen - glyph.x);
    if (back !== 0) string += `${back}`;
    string += `<${fourDigits(code)}>`;
    pen = glyph.x + Math.round(glyph.width) + (pen - glyph.x - back);
  }
  flush();
}

const inked = (ink: Ink): string => ink.map((part) => n(part)).join(" ");
/** A number as it stands in the file: the same on every machine. */
export const n = (value: number): string => String(Math.round(value * 1000) / 1000);
