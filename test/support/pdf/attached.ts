import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

/** The files in a document, by their names, and its text. */
export async function opened(
  bytes: Uint8Array,
): Promise<{ files: Record<string, string>; text: string; pages: number }> {
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const names = [...((await document.getAttachments()) ?? new Map<string, unknown>()).keys()] as string[];
  const files: Record<string, string> = {};
  for (const name of names) files[name] = Buffer.from((await document.getAttachmentContent(name)) ?? []).toString();
  let text = "";
  for (let page = 1; page <= document.numPages; page += 1) {
    const { items } = await (await document.getPage(page)).getTextContent();
    text += items.map((item) => ("str" in item ? `${item.str}${item.hasEOL ? "\n" : ""}` : "")).join("");
  }
  const pages = document.numPages;
  await document.cleanup();
  return { files, text, pages };
}
