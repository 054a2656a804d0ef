import bidiFactory from "bidi-js";
import type { Glyph, GlyphPosition } from "fontkit";
import type { Sitting } from "../file/together.ts";
import { type Face, faceFor, type Weight } from "./faces.ts";

/** A glyph where it is drawn. Lengths are thousandths of the size of type; `x` counts from the left edge of its piece. */
export type Placed = {
  face: Face;
  glyph: number;
  /** What sits above or below it and is drawn with it: marks are no glyphs of their own to a reader. */
  sits: Sitting[];
  /** The one character (or, from left to right, several) that a reader of the file takes it for. */
  text: string;
  x: number;
  y: number;
  width: number;
};

/** What is set in one go: one word at most, one direction, in the order in which it is seen from left to right. */
export type Piece = { glyphs: Placed[]; width: number };

export const bidi = (bidiFactory as unknown as () => Bidi)();
/** What is used of it: its types name the module for the function that it is. */
type Bidi = {
  getEmbeddingLevels(text: string, base: "ltr" | "rtl"): { levels: Uint8Array };
  getMirroredCharacter(character: string): string | null;
};

const known = new Map<string, Piece>();

/**
 * Shapes a word. `rtl`: its direction, as the bidirectional algorithm found it.
 *
 * Readers of PDF know glyphs and their places only. They turn words from right to left around character by character, and take for two
 * words what doesn't lie side by side on one line. So such a word is tiled: each of its characters has a tile of the width of its
 * cluster, in the exact reverse of their order. The first tile of a cluster draws its letter or ligature with what sits above or below; the
 * others draw nothing. See docs/decisions/063.
 */
export function shape(word: string, { weight, rtl }: { weight: Weight; rtl: boolean }): Piece {
  const key = `${weight}${rtl ? "<" : ">"}${word}`;
  const found = known.get(key);
  if (found) return found;
  const parts = runs(word, { weight, rtl }).map((run) => (rtl ? rightToLeft(run) : leftToRight(run)));
  const piece = sideBySide(rtl ? parts.reverse() : parts);
  // A cache, not a leak: one document can't fill the memory of those after it.
  if (known.size > 20_000) known.clear();
  known.set(key, piece);
  return piece;
}

type Run = { face: Face; text: string };

/** Cuts a word where its characters need another face. Marks and joiners stay with what they sit on. */
function runs(word: string, style: { weight: Weight; rtl: boolean }): Run[] {
  const made: Run[] = [];
  for (const character of word) {
    const last = made.at(-1);
    const face = last && sits.test(character) ? last.face : faceFor(character.codePointAt(0) as number, style);
    if (last?.face === face) last.text += character;
    else made.push({ face, text: character });
  }
  return made;
}

const sits = /^(?:\p{M}|\p{Default_Ignorable_Code_Point})$/u;
const shapeless = /[\u200e\u200f\u061c]/gu;

function leftToRight({ face, text }: Run): Piece {
  const { glyphs, positions, scale } = laid(face, text.replace(shapeless, ""), "ltr");
  let pen = 0;
  const placed = glyphs.map((glyph, index) => {
    const { xAdvance, xOffset, yOffset } = positions[index] as GlyphPosition;
    const width = xAdvance * scale;
    const at = { x: pen + xOffset * scale, y: yOffset * scale, width: glyph.advanceWidth * scale };
    pen += width;
    return { face, glyph: glyph.id, sits: [], text: String.fromCodePoint(...glyph.codePoints), ...at };
  });
  return { glyphs: placed, width: pen };
}

function rightToLeft({ face, text }: Run): Piece {
  const characters = [...text.replace(shapeless, "")];
  const { glyphs, positions, scale } = laid(face, characters.map(mirror).join(""), "rtl");
  const tiles: Placed[] = [];
  let pen = 0;
  let taken = 0;
  const places = glyphs.map((glyph, index) => {
    const { xAdvance, xOffset, yOffset } = positions[index] as GlyphPosition;
    const at = { glyph, x: pen + xOffset * scale, y: yOffset * scale, width: xAdvance * scale };
    pen += at.width;
    return at;
  });
  // Clusters in the order of reading: a letter or ligature and what sits on it.
  let rest = places.toReversed();
  while (rest.length > 0) {
    const end = rest.findIndex((place, index) => index > 0 && place.width > 0);
    const cluster = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? [] : rest.slice(end);
    const [base, ...sitting] = cluster as [(typeof places)[number], ...typeof places];
    const units = (length: number) => Math.round(length / scale);
    const sits = sitting.map(({ glyph, x, y }) => ({ glyph: glyph.id, x: units(x - base.x), y: units(y - base.y) }));
    const count = cluster.reduce((total, { glyph }) => total + glyph.codePoints.length, 0);
    const stands = characters.slice(taken, rest.length > 0 ? taken + count : undefined);
    taken += count;
    // A reader would take what stands beside a point or a sign to its other side.
    if (stands.length > 0 && !letters.test(stands.join(""))) stands.push("\u200f");
    tiles.unshift(
      ...tiled(
        { face, glyph: base.glyph.id, sits, x: base.x, y: base.y, width: base.width, text: "" },
        stands.reverse(),
      ),
    );
  }
  return { glyphs: sideToSide(tiles, pen), width: pen };
}

/** Letters and marks of the scripts from right to left, and spaces. */
const letters = /^[[[\p{Script=Arabic}\p{Script=Hebrew}]&&\p{L}]\p{M}\s]+$/v;

/** Lets a glyph stand for several texts, seen from left to right: tiles of the same width, the first of which draws it. */
export function tiled(placed: Placed, texts: string[]): Placed[] {
  const width = placed.width / Math.max(texts.length, 1);
  return texts.map((text, index) => {
    const drawn = index === 0 ? {} : { glyph: blank(placed.face), sits: [] };
    return { ...placed, ...drawn, text, x: placed.x + index * width, width };
  });
}

/** Stretches tiles until each ends where the next begins. */
function sideToSide(tiles: Placed[], width: number): Placed[] {
  return tiles.map((tile, index) => ({ ...tile, width: Math.max(0, (tiles[index + 1]?.x ?? width) - tile.x) }));
}

function laid(face: Face, text: string, direction: "ltr" | "rtl") {
  const script = face.name.startsWith("ibm-plex-sans-arabic") ? "arab" : undefined;
  // A font remembers of each glyph the characters that it was first asked for by, none where it was part of another one: what was set
  // before must not tell in what is set now.
  (face.font as unknown as { _glyphs: object })._glyphs = {};
  const { glyphs, positions }: { glyphs: Glyph[]; positions: GlyphPosition[] } = face.font.layout(
    text,
    undefined,
    script,
    undefined,
    direction,
  );
  return { glyphs, positions, scale: 1000 / face.font.unitsPerEm };
}

function sideBySide(pieces: Piece[]): Piece {
  let width = 0;
  const glyphs: Placed[] = [];
  for (const piece of pieces) {
    for (const glyph of piece.glyphs) glyphs.push({ ...glyph, x: glyph.x + width });
    width += piece.width;
  }
  return { glyphs, width };
}

const mirror = (character: string): string => bidi.getMirroredCharacter(character) ?? character;

/** The glyph of a face that draws nothing: its space. */
export const blank = ({ font }: Face): number => font.glyphForCodePoint(0x20).id;
