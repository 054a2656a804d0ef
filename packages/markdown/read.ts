import type { Nodes, PhrasingContent, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { safeUrl } from "./links.ts";
import { tangled } from "./tangled.ts";
import { type Block, deepest, type Inline } from "./tree.ts";

/**
 * Reads Markdown (CommonMark, and tables as GFM has them) into a small closed tree. HTML, images, links that lead elsewhere than to http,
 * https or mailto, references and their definitions become text, exactly as written. It takes any text: it never throws, and what is too deep
 * or too tangled to be meant is text, too.
 * @see https://spec.commonmark.org/0.31.2/
 */
export function read(source: string): Block[] {
  // The parser takes a byte order mark away without counting it, and all positions would be off by one.
  const text = source.replace(/^\uFEFF/, "");
  if (tangled(text)) return asWritten(text);
  const root = fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  return root.children.flatMap((node) => blockOf(text, node, 1));
}

function blocksOf(source: string, nodes: readonly RootContent[], depth: number): Block[] {
  return nodes.flatMap((node) => blockOf(source, node, depth));
}

function blockOf(source: string, node: RootContent, depth: number): Block[] {
  // A paragraph as written has its text one deeper.
  if (depth >= deepest - 1) return asWritten(slice(source, node));
  switch (node.type) {
    case "heading":
      return [{ type: "heading", level: node.depth, children: inlinesOf(source, node.children, depth + 1) }];
    case "paragraph":
      return [{ type: "paragraph", children: inlinesOf(source, node.children, depth + 1) }];
    case "blockquote":
      return [{ type: "quote", children: blocksOf(source, node.children, depth + 1) }];
    case "list": {
      const items = node.children.map((item) => blocksOf(source, item.children, depth + 1));
      return [{ type: "list", ordered: node.ordered ?? false, start: node.start ?? 1, items }];
    }
    case "table":
      return [tableOf(source, node, depth)];
    case "code":
      return [{ type: "code", language: node.lang ?? null, text: node.value }];
    case "thematicBreak":
      return [{ type: "rule" }];
    case "html":
      return asWritten(node.value);
    default:
      return asWritten(slice(source, node));
  }
}

function tableOf(source: string, { align, children }: Table, depth: number): Block {
  const [header = [], ...rows] = children.map((row) =>
    row.children.map((cell) => inlinesOf(source, cell.children, depth + 1)),
  );
  return { type: "table", align: (align ?? []).map((one) => one ?? null), header, rows };
}

function inlinesOf(source: string, nodes: readonly PhrasingContent[], depth: number): Inline[] {
  return joined(nodes.flatMap((node) => inlineOf(source, node, depth)));
}

function inlineOf(source: string, node: PhrasingContent, depth: number): Inline[] {
  if (depth >= deepest) return lines(slice(source, node));
  switch (node.type) {
    case "text":
      return [{ type: "text", text: node.value.replace(/[ \t]*(?:\r\n|[\r\n])[ \t]*/g, " ") }];
    case "inlineCode":
      return [{ type: "code", text: node.value.replace(/\r\n|[\r\n]/g, " ") }];
    case "break":
      return [{ type: "break" }];
    case "strong":
    case "emphasis":
      return [{ type: node.type, children: inlinesOf(source, node.children, depth + 1) }];
    case "html":
      return lines(node.value);
    case "link": {
      const url = safeUrl(node.url);
      if (url === null) return lines(slice(source, node));
      return [{ type: "link", url, children: inlinesOf(source, node.children, depth + 1) }];
    }
    default:
      return lines(slice(source, node));
  }
}

const slice = (source: string, { position }: Nodes): string =>
  source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0);

/** A source as text, a paragraph for each run of lines. */
const asWritten = (source: string): Block[] =>
  source
    .split(/(?:\r\n|[\r\n])(?:[ \t]*(?:\r\n|[\r\n]))+/)
    .filter((part) => part.trim() !== "")
    .map((part) => ({ type: "paragraph", children: lines(part) }));

const lines = (source: string): Inline[] =>
  source
    .split(/\r\n|[\r\n]/)
    .flatMap((text, n): Inline[] => [
      ...(n > 0 ? [{ type: "break" } as const] : []),
      ...(text === "" ? [] : [{ type: "text", text } as const]),
    ]);

/** Texts that stand beside each other are one. */
function joined(inlines: readonly Inline[]): Inline[] {
  const all: Inline[] = [];
  for (const one of inlines) {
    const last = all.at(-1);
    if (one.type === "text" && last?.type === "text")
      all[all.length - 1] = { type: "text", text: last.text + one.text };
    else all.push(one);
  }
  return all;
}
