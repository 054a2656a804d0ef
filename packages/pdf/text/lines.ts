import LineBreaker from "linebreak";
import type { Weight } from "./faces.ts";
import { bidi, type Piece, shape } from "./shape.ts";

export type Ink = readonly [red: number, green: number, blue: number];
export type Style = { size: number; weight: Weight; ink: Ink; underline?: boolean; rise?: number };
export type Span = { text: string; style: Style };

/** A piece on its line: `x` in points from the line's left edge. */
export type Seat = { piece: Piece; style: Style; x: number; rtl: boolean; text: string };
export type Line = { pieces: Seat[]; width: number; text: string };

/**
 * Breaks text into lines by Unicode's rules and puts each into the order in which it is seen.
 * @param width In points. A word that is wider is cut.
 * @param rtl The direction of the paragraph, which decides on which side its points and figures stand.
 * @see UAX #9 (bidirectional algorithm), UAX #14 (line breaking)
 */
export function lines(spans: Span[], { width, rtl }: { width: number; rtl: boolean }): Line[] {
  return paragraphs(spans).flatMap((paragraph) => filled(words(paragraph, rtl, width), width));
}

/** How wide text is that is not broken, and its widest word: what a column of a table wants, and what it needs. */
export function measure(spans: Span[], rtl: boolean): { wants: number; needs: number } {
  let wants = 0;
  let needs = 0;
  for (const paragraph of paragraphs(spans)) {
    const all = words(paragraph, rtl, Number.POSITIVE_INFINITY);
    wants = Math.max(wants, sum(all.map((word) => word.width)));
    needs = Math.max(needs, ...all.map((word) => word.width - word.trailing));
  }
  return { wants, needs };
}

/**
 * The direction to set text in: that of its surroundings, unless all of it runs the other way. What has no letter is a number, and
 * those run from left to right in every script.
 */
export function directionOf(text: string, around: boolean): boolean {
  return rightwards.test(text) && (around || !leftwards.test(text));
}

export const hasLetters = (text: string): boolean => rightwards.test(text) || leftwards.test(text);

const rightwards = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const leftwards = /(?![\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}])\p{L}/u;

type Part = { piece: Piece; style: Style; level: number; width: number; text: string };
type Word = { parts: Part[]; width: number; trailing: number };

function paragraphs(spans: Span[]): Span[][] {
  const made: Span[][] = [[]];
  for (const { text, style } of spans)
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) made.push([]);
      if (part) made.at(-1)?.push({ text: part, style });
    }
  return made;
}

/** Cuts a paragraph where a line may break, and each word where its level or style changes. */
function words(spans: Span[], rtl: boolean, width: number): Word[] {
  const text = spans.map((span) => span.text).join("");
  const { levels } = bidi.getEmbeddingLevels(text, rtl ? "rtl" : "ltr");
  const styles = spans.flatMap(({ text, style }) => new Array<Style>(text.length).fill(style));
  const made: Word[] = [];
  let from = 0;
  const take = (to: number) => {
    const parts: Part[] = [];
    for (let at = from; at < to; ) {
      let end = at + 1;
      const space = text[at] === " ";
      while (end < to && levels[end] === levels[at] && styles[end] === styles[at] && (text[end] === " ") === space)
        end++;
      const style = styles[at] as Style;
      const level = levels[at] as number;
      for (const cut of cuts(text.slice(at, end), style, level % 2 === 1, width)) parts.push(part(cut, style, level));
      at = end;
    }
    from = to;
    if (parts.length > 0) made.push(...whole(parts, width));
  };
  const breaker = new LineBreaker(text);
  for (let found = breaker.nextBreak(); found; found = breaker.nextBreak()) take(found.position);
  take(text.length);
  return made;
}

function part(text: string, style: Style, level: number): Part {
  const piece = shape(text, { weight: style.weight, rtl: level % 2 === 1 });
  return { piece, style, level, width: (piece.width * style.size) / 1000, text };
}

/** The parts of one word together, or each as a word of its own where together they don't fit a line. */
function whole(parts: Part[], width: number): Word[] {
  const total = sum(parts.map((part) => part.width));
  const spaces = parts.slice(parts.findLastIndex((part) => part.text.trim()) + 1);
  const trailing = sum(spaces.map((part) => part.width));
  if (total - trailing <= width) return [{ parts, width: total, trailing }];
  return parts.map((part) => ({ parts: [part], width: part.width, trailing: part.text.trim() ? 0 : part.width }));
}

/** No shaper is asked for more than this at once: no word is so long, and time must not grow with its square. */
const longest = 64;

function cuts(text: string, style: Style, rtl: boolean, width: number): string[] {
  if (text.length <= longest && part(text, style, rtl ? 1 : 0).width <= width) return [text];
  const made: string[] = [];
  let wide = 0;
  let count = 0;
  for (const character of text) {
    const own = mark.test(character) ? 0 : part(character, style, rtl ? 1 : 0).width;
    if (made.length === 0 || ((wide + own > width || count >= longest) && (own > 0 || count >= 2 * longest))) {
      made.push("");
      wide = count = 0;
    }
    made[made.length - 1] += character;
    wide += own;
    count++;
  }
  return made;
}

const mark = /^(?:\p{M}|\p{Default_Ignorable_Code_Point})$/u;

function filled(words: Word[], width: number): Line[] {
  const made: Word[][] = [[]];
  let used = 0;
  for (const word of words) {
    // A hair's breadth, for sums of fractions.
    if (used + word.width - word.trailing > width + 0.01 && (made.at(-1) as Word[]).length > 0) {
      made.push([]);
      used = 0;
    }
    made.at(-1)?.push(word);
    used += word.width;
  }
  return made.map((line) => ordered(line.flatMap((word) => word.parts)));
}

/** Rules L1 and L2: the end of a line is bare, and what runs the other way is turned around, from the deepest level up. */
function ordered(parts: Part[]): Line {
  const seen = parts.slice(0, parts.findLastIndex((part) => part.text.trim()) + 1);
  const text = seen.map((part) => part.text).join("");
  const deepest = Math.max(0, ...seen.map((part) => part.level));
  for (let level = deepest; level > 0; level--)
    for (let from = 0; from < seen.length; from++) {
      let to = from;
      while (to < seen.length && (seen[to] as Part).level >= level) to++;
      if (to > from + 1) seen.splice(from, to - from, ...seen.slice(from, to).reverse());
      from = Math.max(from, to);
    }
  let x = 0;
  const pieces = seen.map(({ piece, style, level, width, text }) => {
    const set = { piece, style, x, rtl: level % 2 === 1, text };
    x += width;
    return set;
  });
  return { pieces, width: x, text };
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
