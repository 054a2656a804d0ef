import { type PDFContext, PDFHexString, type PDFRef } from "pdf-lib";
import type { Face } from "../text/faces.ts";
import type { Placed } from "../text/shape.ts";
import { type Sitting, together } from "./together.ts";

/** A font of one file: its face, and the codes given out so far. */
export type Used = {
  name: string;
  face: Face;
  codes: Map<string, number>;
  glyphs: Pick<Placed, "glyph" | "sits" | "text" | "width">[];
};
/** The fonts of one file, by the names of their faces. */
export type Fonts = Map<string, Used>;

/**
 * The font of a glyph and its code there. A code is a glyph, with what sits on it, that stands for a text and has a width: the same shape standing for
 * another letter has another code, so that each reads back as what was written.
 */
export function encode(fonts: Fonts, { face, glyph, sits, text, width }: Placed): { font: Used; code: number } {
  let font = fonts.get(face.name);
  if (!font) {
    font = {
      name: `F${fonts.size + 1}`,
      face,
      codes: new Map(),
      glyphs: [{ glyph: 0, sits: [], text: "\ufffd", width: 0 }],
    };
    fonts.set(face.name, font);
  }
  const rounded = Math.round(width);
  const key = `${drawnBy({ glyph, sits })} ${rounded} ${text}`;
  let code = font.codes.get(key);
  if (code === undefined) {
    code = font.glyphs.push({ glyph, sits, text, width: rounded }) - 1;
    font.codes.set(key, code);
  }
  return { font, code };
}

/**
 * Embeds what is used of a font, as a composite font with a code for each pair of glyph and text.
 * @see ISO 32000-2, 9.7 (composite fonts), 9.10.3 (ToUnicode)
 */
export function embed(context: PDFContext, { face, glyphs, name }: Used): PDFRef {
  const { font } = face;
  const subset = subsetOf(font);
  const places = Buffer.alloc(glyphs.length * 2);
  for (const [code, glyph] of glyphs.entries()) places.writeUInt16BE(subset.include(glyph), code * 2);
  const scale = 1000 / font.unitsPerEm;
  const tag = [...name.slice(1).padStart(2, "0")].map((digit) => "ABCDEFGHIJ"[Number(digit)]).join("");
  const baseFont = `DAIS${tag}+${font.postscriptName}`;
  const { minX, minY, maxX, maxY } = font.bbox;
  const descriptor = context.register(
    context.obj({
      Type: "FontDescriptor",
      FontName: baseFont,
      // Symbolic: its codes are our own.
      Flags: 4,
      FontBBox: [minX, minY, maxX, maxY].map((edge) => Math.round(edge * scale)),
      ItalicAngle: font.italicAngle,
      Ascent: Math.round(font.ascent * scale),
      Descent: Math.round(font.descent * scale),
      CapHeight: Math.round(font.capHeight * scale),
      StemV: face.name.endsWith("600") ? 120 : 80,
      FontFile2: context.register(context.flateStream(subset.encode())),
    }),
  );
  const descendant = context.register(
    context.obj({
      Type: "Font",
      Subtype: "CIDFontType2",
      BaseFont: baseFont,
      CIDSystemInfo: {
        Registry: PDFHexString.of(hex("Adobe")),
        Ordering: PDFHexString.of(hex("Identity")),
        Supplement: 0,
      },
      FontDescriptor: descriptor,
      DW: 0,
      W: [0, glyphs.map(({ width }) => width)],
      CIDToGIDMap: context.register(context.flateStream(places)),
    }),
  );
  return context.register(
    context.obj({
      Type: "Font",
      Subtype: "Type0",
      BaseFont: baseFont,
      Encoding: "Identity-H",
      DescendantFonts: [descendant],
      ToUnicode: context.register(context.flateStream(toUnicode(glyphs.map(({ text }) => text)))),
    }),
  );
}

type Drawn = Pick<Placed, "glyph" | "sits">;
const drawnBy = ({ glyph, sits }: Drawn): string =>
  [glyph, ...sits.flatMap(({ glyph, x, y }) => [glyph, x, y])].join(",");

/** What of a font a file needs. A glyph with others on it is one of its own there, which the font doesn't have. */
function subsetOf(font: Face["font"]): { include(glyph: Drawn): number; encode(): Uint8Array } {
  const subset = font.createSubset() as unknown as Internals;
  const own = new Map<string, number>();
  const made = new Map<number, readonly [Sitting, ...Sitting[]]>();
  const plain = subset._addGlyph.bind(subset);
  subset._addGlyph = (id) => {
    const all = made.get(id);
    if (!all) return plain(id);
    const { bytes, bearing } = together(font, all);
    subset.glyf.push(bytes);
    subset.loca.offsets.push(subset.offset);
    subset.hmtx.metrics.push({ advance: font.getGlyph(all[0].glyph).advanceWidth, bearing });
    subset.offset += bytes.length;
    return subset.glyf.length - 1;
  };
  return {
    include(drawn) {
      if (drawn.sits.length === 0) return subset.includeGlyph(drawn.glyph);
      const name = drawnBy(drawn);
      const id = own.get(name) ?? font.numGlyphs + own.size;
      own.set(name, id);
      made.set(id, [{ glyph: drawn.glyph, x: 0, y: 0 }, ...drawn.sits]);
      return subset.includeGlyph(id);
    },
    encode: () => subset.encode(),
  };
}

/** Of a subset of a TrueType font, what its types don't tell. */
type Internals = {
  includeGlyph(id: number): number;
  encode(): Uint8Array;
  _addGlyph(id: number): number;
  glyf: Uint8Array[];
  loca: { offsets: number[] };
  hmtx: { metrics: { advance: number; bearing: number }[] };
  offset: number;
};

const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");

/** At most 100 lines stand in one block. */
const block = 100;

function toUnicode(texts: string[]): string {
  const lines = texts.map(
    (text, code) => `<${fourDigits(code)}> <${Buffer.from(text, "utf16le").swap16().toString("hex")}>`,
  );
  const blocks: string[] = [];
  for (let from = 0; from < lines.length; from += block) {
    const some = lines.slice(from, from + block);
    blocks.push(`${some.length} beginbfchar\n${some.join("\n")}\nendbfchar`);
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join("\n")}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}

export const fourDigits = (code: number): string => code.toString(16).padStart(4, "0");
