import type { Element } from "../file/tags.ts";
import { directionOf, hasLetters, type Line, lines, type Span } from "../text/lines.ts";
import type { Slice } from "./flow.ts";
import { paper, type Sheet, tagged, write } from "./sheet.ts";
import { margins, type Theme } from "./theme.ts";

/** A column of a page: text goes here, in this direction. */
export type Frame = { x: number; width: number; rtl: boolean };

export const wholeWidth = (rtl: boolean): Frame => ({ x: margins.side, width: paper.width - 2 * margins.side, rtl });

/** No frame becomes narrower by being inset, in points: what lies deeper stands where the one around it does, and not off the page. */
const narrowest = 120;

/** A frame that is narrower on the side where lines begin, as far as there is room. */
export function inset(frame: Frame, start: number): Frame {
  const room = Math.max(0, Math.min(start, frame.width - narrowest));
  return { ...frame, x: frame.rtl ? frame.x : frame.x + room, width: frame.width - room };
}

export type Align = "start" | "center" | "end";
export type Look = {
  leading: number;
  align?: Align;
  gap?: number;
  keep?: boolean;
  /** Drawn with each line, below it. */
  behind?: (sheet: Sheet, top: number, height: number, ends: { first: boolean; last: boolean }) => void;
};

/** A text in lines, to be read as one element. Its first two lines stay together, and its last two. */
export function text(element: Element, spans: Span[], frame: Frame, theme: Theme, look: Look): Slice[] {
  const set = setIn(spans, frame);
  if (set.rtl) element.actual = set.lines.map(({ text }) => text.trimEnd()).join(" ");
  const height = heightOf(spans, theme, look.leading);
  return set.lines.map((line, index) => ({
    height,
    gap: index === 0 ? (look.gap ?? 0) : 0,
    keep: index < set.lines.length - 1 ? index === 0 || index === set.lines.length - 2 : look.keep,
    draw(sheet, page, top) {
      const base = baseOf(top, height, spans, theme);
      look.behind?.(sheet, top, height, { first: index === 0, last: index === set.lines.length - 1 });
      tagged(sheet, page, element, () => write(sheet, line, xOf(line, frame, set.fromRight, look.align), base));
    },
  }));
}

/** Text set in the direction that it has in a frame. `fromRight`: its lines begin on the right. */
export function setIn(spans: Span[], frame: Frame): { lines: Line[]; rtl: boolean; fromRight: boolean } {
  const all = spans.map(({ text }) => text).join("");
  const rtl = directionOf(all, frame.rtl);
  return { lines: lines(spans, { width: frame.width, rtl }), rtl, fromRight: hasLetters(all) ? rtl : frame.rtl };
}

export function heightOf(spans: Span[], theme: Theme, leading = theme.leading): number {
  return Math.max(theme.body * 0.5, ...spans.map(({ style }) => style.size)) * leading;
}

/** Where letters stand in a line: Arabic ones reach further below it. */
export function baseOf(top: number, height: number, spans: Span[], { rtl }: Theme): number {
  const size = Math.max(0, ...spans.map(({ style }) => style.size));
  return top + height / 2 + size * (rtl ? 0.28 : 0.34);
}

/** The left edge of a line in its frame. */
export function xOf(line: Line, frame: Frame, fromRight: boolean, align: Align = "start"): number {
  const right = frame.x + frame.width - line.width;
  if (align === "center") return frame.x + (frame.width - line.width) / 2;
  return (align === "end") === fromRight ? frame.x : right;
}
