import { read } from "@dais/markdown/read";
import type { Block, Inline } from "@dais/markdown/tree";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { run } from "./tools.ts";

/** What a reader of PDF sets around a run of the other direction, and we set where one ends. No eye sees it, and no word has it. */
const marks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

export const wordsOf = (text: string): string[] => text.replace(marks, "").split(/\s+/).filter(Boolean);

/** What pdftotext reads, in the order that it takes for that of reading. */
export const readByPoppler = (bytes: Uint8Array, ...flags: "-layout"[]): string =>
  run("pdftotext", [...flags, "{}/a.pdf", "-"], { "a.pdf": bytes });

/** What pdf.js reads, in the order of the file. */
export async function readByPdfJs(bytes: Uint8Array): Promise<string[]> {
  const loading = getDocument({ data: Uint8Array.from(bytes), useSystemFonts: false, verbosity: 0 });
  const document = await loading.promise;
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    pages.push(items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join(""));
  }
  await loading.destroy();
  return pages;
}

/** Where runs of text stand, in points from the left edge of their page. */
export async function placesOf(bytes: Uint8Array): Promise<{ text: string; left: number; right: number }[]> {
  const loading = getDocument({ data: Uint8Array.from(bytes), useSystemFonts: false, verbosity: 0 });
  const document = await loading.promise;
  const places: { text: string; left: number; right: number }[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    for (const item of items)
      if ("str" in item && item.str.trim()) {
        const left = item.transform[4] as number;
        places.push({ text: item.str, left, right: left + item.width });
      }
  }
  await loading.destroy();
  return places;
}

/** Those words of a text that don't come in it, in their order, within `reach` words of where the last one was. */
export function missing(wanted: string[], seen: string[], reach = 80): string[] {
  let from = 0;
  return wanted.filter((word) => {
    const at = seen.indexOf(word, from);
    const there = at >= 0 && at < from + reach;
    if (there) from = at + 1;
    return !there;
  });
}

/** The text of Markdown: a line for each block, and for each cell. */
export const plain = (source: string): string => read(source).map(ofBlock).join("\n");

function ofBlock(block: Block): string {
  switch (block.type) {
    case "list":
      return block.items.flat().map(ofBlock).join("\n");
    case "table":
      return [block.header, ...block.rows].flat().map(ofInlines).join("\n");
    case "quote":
      return block.children.map(ofBlock).join("\n");
    case "code":
      return block.text;
    case "rule":
      return "";
    default:
      return ofInlines(block.children);
  }
}

const ofInlines = (inlines: Inline[]): string =>
  inlines
    .map((inline) => {
      if ("text" in inline) return inline.text;
      return inline.type === "break" ? "\n" : ofInlines(inline.children);
    })
    .join("");
