import { type PDFContext, PDFHexString, type PDFRef } from "pdf-lib";

/**
 * An element of what the file says, in the order in which it is read.
 * @see ISO 32000-2, 14.8 (tagged PDF)
 */
export type Element = {
  type:
    | "Document"
    | "Part"
    | "Sect"
    | "H1"
    | "H2"
    | "H3"
    | "H4"
    | "H5"
    | "H6"
    | "P"
    | "L"
    | "LI"
    | "Lbl"
    | "LBody"
    | "Table"
    | "TR"
    | "TH"
    | "TD"
    | "BlockQuote"
    | "Code"
    | "Note"
    | "Figure";
  lang?: "en" | "ar";
  /** What a figure shows. */
  alt?: string;
  /** What is written here, where glyphs can't be trusted to say it: right-to-left text. */
  actual?: string;
  scope?: "Column" | "Row";
  kids: (Element | { page: number; mcid: number })[];
};

export const element = (type: Element["type"], more: Partial<Element> = {}): Element => ({ type, kids: [], ...more });

/** Puts an element, made now, at the end of another. */
export function within(parent: Element, type: Element["type"], more: Partial<Element> = {}): Element {
  const child = element(type, more);
  parent.kids.push(child);
  return child;
}

/** Writes the tree, and what leads from each page's content to its elements. Answers with its root. */
export function writeTree(context: PDFContext, root: Element, pages: { ref: PDFRef; owners: Element[] }[]): PDFRef {
  const top = context.nextRef();
  const refs = new Map<Element, PDFRef>();
  const put = (element: Element, parent: PDFRef): PDFRef => {
    const ref = context.nextRef();
    refs.set(element, ref);
    const kids = element.kids.map((kid) =>
      "type" in kid
        ? put(kid, ref)
        : context.obj({ Type: "MCR", Pg: (pages[kid.page] as { ref: PDFRef }).ref, MCID: kid.mcid }),
    );
    context.assign(
      ref,
      context.obj({
        Type: "StructElem",
        S: element.type,
        P: parent,
        K: kids,
        ...(element.lang && { Lang: PDFHexString.fromText(element.lang) }),
        ...(element.alt && { Alt: PDFHexString.fromText(element.alt) }),
        ...(element.actual && { ActualText: PDFHexString.fromText(element.actual) }),
        ...(element.scope && { A: { O: "Table", Scope: element.scope } }),
      }),
    );
    return ref;
  };
  const document = put(root, top);
  const numbers = pages.flatMap(({ owners }, page) => [
    page,
    context.register(context.obj(owners.map((owner) => refs.get(owner) as PDFRef))),
  ]);
  context.assign(
    top,
    context.obj({
      Type: "StructTreeRoot",
      K: [document],
      ParentTree: context.register(context.obj({ Nums: numbers })),
      ParentTreeNextKey: pages.length,
    }),
  );
  return top;
}
