import { SaxesParser } from "saxes";
import type { CapLimits } from "./limits.ts";
import { type CapCode, CapError } from "./problems.ts";

/** An element. Names are local names: the prefix is the writer's own affair. */
export type Element = {
  name: string;
  uri: string;
  parent: Element | null;
  /** Without declarations of namespaces. */
  attributes: { local: string; uri: string; value: string }[];
  /** Text and elements in their order. Comments and processing instructions are left out. */
  content: (string | Element)[];
  /** Which of its parent's elements of this name it is, from 1, and how many of each name are within it. */
  position: number;
  counts: Map<string, number>;
  /** Where it begins and ends in the document. */
  from: number;
  to: number;
};

/**
 * Reads a document into a tree. Strict: well-formed with namespaces, or refused. No DTD, so there are no entities but XML's own five, and
 * nothing is ever fetched or included.
 *
 * @throws CapError `dtd`, `entity_unknown`, `not_well_formed`, `too_deep`, `too_many`
 * @see XML 1.0 (fifth edition), Namespaces in XML 1.0 (third edition)
 */
export function parseXml(xml: string, limits: CapLimits): Element {
  // A document of XML 1.1 is read as one of 1.0, as the later editions want it: 1.1 would let control characters in.
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: "1.0" });
  const tree: Tree = { xml, root: null, open: null };
  refuseHostile(parser, tree, limits);
  grow(parser, tree);
  parser.write(xml).close();
  return tree.root ?? refuse(parser, tree, "not_well_formed", "there is no element.");
}

type Parser = SaxesParser<{ xmlns: true; forceXMLVersion: true; defaultXMLVersion: "1.0" }>;
type Tree = { xml: string; root: Element | null; open: Element | null };

function refuse(parser: Parser, { open }: Tree, code: CapCode, message: string): never {
  const xpath = open ? pathOf(open) : "/";
  throw new CapError([{ code, xpath, message: `Line ${parser.line}, column ${parser.column}: ${message}` }]);
}

function refuseHostile(parser: Parser, tree: Tree, limits: CapLimits): void {
  let nodes = 0;
  const count = () => {
    if (++nodes <= limits.nodes) return;
    refuse(parser, tree, "too_many", `more than ${limits.nodes} elements and attributes.`);
  };
  parser.on("attribute", count);
  parser.on("opentagstart", () => {
    count();
    if (depthOf(tree.open) < limits.depth) return;
    refuse(parser, tree, "too_deep", `more than ${limits.depth} elements within each other.`);
  });
  // The parser skips over a DTD and takes nothing from it. But an alert has no business with one.
  parser.on("doctype", () => refuse(parser, tree, "dtd", "a document type declaration is not allowed."));
  parser.on("error", ({ message }) => {
    const said = message.replace(/^\d+:\d+: /, "").slice(0, 200);
    refuse(parser, tree, said.startsWith("undefined entity") ? "entity_unknown" : "not_well_formed", said);
  });
}

function grow(parser: Parser, tree: Tree): void {
  parser.on("opentag", ({ local, uri, attributes }) => {
    const position = (tree.open?.counts.get(local) ?? 0) + 1;
    tree.open?.counts.set(local, position);
    const element: Element = {
      name: local,
      uri,
      parent: tree.open,
      attributes: Object.values(attributes).filter(({ prefix, name }) => prefix !== "xmlns" && name !== "xmlns"),
      content: [],
      position,
      counts: new Map(),
      from: tree.xml.lastIndexOf("<", parser.position - 1),
      to: parser.position,
    };
    tree.open?.content.push(element);
    tree.root ??= element;
    tree.open = element;
  });
  parser.on("closetag", () => {
    if (!tree.open) return;
    tree.open.to = parser.position;
    tree.open = tree.open.parent;
  });
  for (const kind of ["text", "cdata"] as const) parser.on(kind, (text) => void tree.open?.content.push(text));
}

const depthOf = (element: Element | null): number => (element ? 1 + depthOf(element.parent) : 0);

/** The elements within an element. */
export function childrenOf({ content }: Element): Element[] {
  return content.filter((each) => typeof each !== "string");
}

/** The whole text of an element, that of elements within it too. */
export function textOf({ content }: Element): string {
  return content.map((each) => (typeof each === "string" ? each : textOf(each))).join("");
}

/** Where an element stands: `/alert/info[2]/area[1]`, with a position where an element of its name may repeat, or does. */
export function pathOf(element: Element): string {
  const { name, parent } = element;
  const shortName = name.length > 60 ? `${name.slice(0, 60).toWellFormed()}…` : name;
  if (!parent) return `/${shortName}`;
  const several = repeatable.has(name) || (parent.counts.get(name) ?? 0) > 1;
  return `${pathOf(parent)}/${shortName}${several ? `[${element.position}]` : ""}`;
}

const repeatable = new Set([
  ...["code", "info", "category", "responseType", "eventCode", "parameter", "resource", "area"],
  ...["polygon", "circle", "geocode", "entry", "Signature"],
]);
