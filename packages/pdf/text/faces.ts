import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, type Font } from "fontkit";
import { unpacked } from "./woff.ts";

/** A file of a font: one weight of one script. */
export type Face = { name: string; font: Font };
export type Weight = 400 | 600;

declare const DAIS_BUNDLED: boolean | undefined;

/** The files of one weight, in the order in which a character is looked for. IBM Plex, under the Open Font License. */
export const fontFiles = [400, 600].flatMap((weight) => [
  ...["latin", "latin-ext", "greek", "cyrillic", "vietnamese"].map((script) => `ibm-plex-sans-${script}-${weight}`),
  `ibm-plex-sans-arabic-arabic-${weight}`,
]);

const opened = new Map<string, Face>();

/**
 * The face to set a character with: of the script of its run, where that has it, else any that has it, else the first, whose empty
 * box stands for it.
 */
export function faceFor(character: number, { weight, rtl }: { weight: Weight; rtl: boolean }): Face {
  const names = fontFiles.filter((name) => name.endsWith(`-${weight}`));
  const inOrder = rtl ? names.toReversed() : names;
  return inOrder.map(face).find(({ font }) => font.hasGlyphForCodePoint(character)) ?? face(names[0] as string);
}

function face(name: string): Face {
  const known = opened.get(name);
  if (known) return known;
  const made = { name, font: create(unpacked(readFileSync(pathOf(name)))) as Font };
  opened.set(name, made);
  return made;
}

/** Where a file of a font lies: beside the bundled worker, or in its package. */
export function pathOf(name: string): string {
  if (typeof DAIS_BUNDLED !== "undefined") return fileURLToPath(new URL(`./fonts/${name}.woff`, import.meta.url));
  const family = name.startsWith("ibm-plex-sans-arabic") ? "ibm-plex-sans-arabic" : "ibm-plex-sans";
  return fileURLToPath(import.meta.resolve(`@fontsource/${family}/files/${name}-normal.woff`));
}
