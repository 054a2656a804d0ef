import type { Block, Inline } from "./tree.ts";

/** What `read` answered as text alone, for where nothing is formatted: a message, a search, an excerpt. Links say their address. */
export function plain(blocks: readonly Block[]): string {
  return blocks.map(blockText).join("\n\n");
}

function blockText(block: Block): string {
  switch (block.type) {
    case "heading":
    case "paragraph":
      return inlineText(block.children);
    case "quote":
      return plain(block.children);
    case "list":
      return block.items.map((item, n) => hung(block.ordered ? `${block.start + n}. ` : "- ", plain(item))).join("\n");
    case "table":
      return [block.header, ...block.rows].map((row) => row.map(inlineText).join(" | ")).join("\n");
    case "code":
      return block.text;
    case "rule":
      return "—";
  }
}

/** The later lines stand below the first one's text. */
const hung = (mark: string, text: string): string => mark + text.replaceAll("\n", `\n${" ".repeat(mark.length)}`);

function inlineText(inlines: readonly Inline[]): string {
  return inlines.map(oneText).join("");
}

function oneText(inline: Inline): string {
  switch (inline.type) {
    case "text":
    case "code":
      return inline.text;
    case "break":
      return "\n";
    case "link":
      return linked(inlineText(inline.children), inline.url);
    default:
      return inlineText(inline.children);
  }
}

const linked = (text: string, url: string): string =>
  [url, url.replace(/\/$/, ""), url.replace(/^mailto:/, "")].includes(text) ? text : `${text} (${url})`;
