import type { Font } from "fontkit";

/** A glyph and what sits on it, in units of the font from its own place. */
export type Sitting = { glyph: number; x: number; y: number };
type Point = { x: number; y: number; on: boolean };

/**
 * Several glyphs as one of a TrueType font: a letter with its marks is drawn by one glyph, as sharp as all others.
 * @see https://learn.microsoft.com/typography/opentype/spec/glyf (simple glyph description)
 */
export function together(font: Font, all: readonly Sitting[]): { bytes: Uint8Array; bearing: number } {
  const contours = all.flatMap(({ glyph, x, y }) =>
    contoursOf(font, glyph).map((points) =>
      points.map((point) => ({ ...point, x: held(point.x + x), y: held(point.y + y) })),
    ),
  );
  const points = contours.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const size = 10 + 2 * contours.length + 2 + 5 * points.length;
  // Each glyph begins at a multiple of four.
  const bytes = Buffer.alloc(Math.ceil(size / 4) * 4);
  let at = 0;
  const put = (value: number) => {
    at = bytes.writeInt16BE(value, at);
  };
  put(contours.length);
  for (const edge of [Math.min(0, ...xs), Math.min(0, ...ys), Math.max(0, ...xs), Math.max(0, ...ys)]) put(edge);
  let ends = -1;
  for (const contour of contours) {
    ends += contour.length;
    put(ends);
  }
  put(0);
  for (const { on } of points) at = bytes.writeUInt8(on ? 1 : 0, at);
  for (const line of [xs, ys]) for (const [n, value] of line.entries()) put(value - (line[n - 1] ?? 0));
  return { bytes, bearing: Math.min(0, ...xs) };
}

/** The points of a glyph, contour by contour. A point on the curve that lies in the middle of two beside it goes without saying. */
function contoursOf(font: Font, glyph: number): Point[][] {
  const contours: Point[][] = [];
  for (const { command, args } of font.getGlyph(glyph).path.commands) {
    if (command === "moveTo") contours.push([]);
    const contour = contours.at(-1) as Point[];
    for (let n = 0; n < args.length; n += 2)
      contour.push({ x: args[n] as number, y: args[n + 1] as number, on: n === args.length - 2 });
  }
  return contours.map((contour) => spoken(closed(contour)));
}

/** Without an end that is the beginning again. */
function closed(contour: Point[]): Point[] {
  const [first, last] = [contour[0], contour.at(-1)];
  const again = contour.length > 1 && last?.on && last.x === first?.x && last.y === first.y;
  return again ? contour.slice(0, -1) : contour;
}

const spoken = (contour: Point[]): Point[] =>
  contour
    .filter((point, n) => {
      const [before, after] = [contour.at(n - 1), contour[(n + 1) % contour.length]] as [Point, Point];
      const middle = (of: "x" | "y") => (before[of] + after[of]) / 2 === point[of];
      return !(point.on && !before.on && !after.on && middle("x") && middle("y"));
    })
    .map(({ x, y, on }) => ({ x: Math.round(x), y: Math.round(y), on }));

/** However many marks somebody piles up: what no font's numbers hold is far off the page. */
const held = (value: number): number => Math.max(-16_000, Math.min(16_000, value));
