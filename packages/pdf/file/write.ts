import { createHash } from "node:crypto";
import { PDFContext, PDFHexString, PDFName, PDFStreamWriter, PDFString } from "pdf-lib";
import { paper, type Sheet } from "../page/sheet.ts";
import { embed, type Fonts } from "./fonts.ts";
import { type Element, writeTree } from "./tags.ts";

export type Attachment = { name: string; mediaType: string; description: string; bytes: Uint8Array };
export type Whole = {
  title: string;
  author: string;
  lang: "en" | "ar";
  madeAt: Date;
  /** Stands for all that went in: files of the same have the same id. */
  fingerprint: string;
  fonts: Fonts;
  sheets: Sheet[];
  root: Element;
  attachments: Attachment[];
};

/**
 * Writes the file: the same bytes for the same pages on every machine. Nothing in it comes from the clock, from chance, or from a
 * compressor that is another on another processor (pdf-lib brings its own).
 * @see ISO 32000-1 (PDF 1.7)
 */
export async function write(whole: Whole): Promise<Uint8Array> {
  const context = PDFContext.create();
  const fonts = Object.fromEntries([...whole.fonts.values()].map((used) => [used.name, embed(context, used)]));
  const resources = context.register(context.obj({ Font: fonts, ProcSet: ["PDF", "Text"] }));
  const tree = context.nextRef();
  const refs = whole.sheets.map(() => context.nextRef());
  for (const [index, { operators }] of whole.sheets.entries())
    context.assign(
      refs[index] as (typeof refs)[number],
      context.obj({
        Type: "Page",
        Parent: tree,
        MediaBox: [0, 0, paper.width, paper.height],
        Resources: resources,
        Contents: context.register(context.flateStream(operators.join("\n"))),
        StructParents: index,
        Tabs: "S",
      }),
    );
  context.assign(tree, context.obj({ Type: "Pages", Kids: refs, Count: refs.length }));
  const pages = whole.sheets.map(({ owners }, index) => ({ ref: refs[index] as (typeof refs)[number], owners }));
  // A tree of names is searched, and so is in their order.
  const inOrder = whole.attachments.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files = inOrder.map((file) => ({ name: file.name, ref: attach(context, file, whole.madeAt) }));
  context.trailerInfo.Root = context.register(
    context.obj({
      Type: "Catalog",
      Pages: tree,
      Lang: PDFHexString.fromText(whole.lang),
      MarkInfo: { Marked: true },
      StructTreeRoot: writeTree(context, whole.root, pages),
      ViewerPreferences: { DisplayDocTitle: true, Direction: whole.lang === "ar" ? "R2L" : "L2R" },
      Metadata: context.register(context.stream(metadata(whole), { Type: "Metadata", Subtype: "XML" })),
      Names: { EmbeddedFiles: { Names: files.flatMap(({ name, ref }) => [PDFHexString.fromText(name), ref]) } },
      AF: files.map(({ ref }) => ref),
    }),
  );
  context.trailerInfo.Info = context.register(
    context.obj({
      Title: PDFHexString.fromText(whole.title),
      Author: PDFHexString.fromText(whole.author),
      Producer: PDFHexString.fromText("Dais"),
      CreationDate: PDFString.fromDate(whole.madeAt),
      ModDate: PDFString.fromDate(whole.madeAt),
    }),
  );
  const id = PDFHexString.of(createHash("sha256").update(whole.fingerprint).digest("hex").slice(0, 32));
  context.trailerInfo.ID = context.obj([id, id]);
  return PDFStreamWriter.forContext(context, Number.POSITIVE_INFINITY, true, 1_000).serializeToBuffer();
}

function attach(context: PDFContext, { name, mediaType, description, bytes }: Attachment, at: Date) {
  const stream = context.flateStream(bytes, {
    Type: "EmbeddedFile",
    Subtype: PDFName.of(mediaType),
    Params: {
      Size: bytes.byteLength,
      CheckSum: PDFHexString.of(createHash("md5").update(bytes).digest("hex")),
      ModDate: PDFString.fromDate(at),
    },
  });
  return context.register(
    context.obj({
      Type: "Filespec",
      F: PDFHexString.fromText(name),
      UF: PDFHexString.fromText(name),
      Desc: PDFHexString.fromText(description),
      AFRelationship: "Data",
      EF: { F: context.register(stream) },
    }),
  );
}

function metadata({ title, author, lang, madeAt }: Whole): Buffer {
  const at = madeAt.toISOString().replace(/\.\d+Z$/, "Z");
  return Buffer.from(`<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escaped(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>${escaped(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>${lang}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>${at}</xmp:CreateDate><xmp:ModifyDate>${at}</xmp:ModifyDate>
<pdf:Producer>Dais</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`);
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
