import { createHash } from "node:crypto";
import { make } from "@dais/pdf/document/make";
import { render, stopRendering } from "@dais/pdf/render";
import { sample } from "@dais/pdf/samples";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { afterAll, describe, expect, it } from "vitest";
import { documentOf } from "./support/pdf/documents.ts";
import { run } from "./support/pdf/tools.ts";
import { readByPdfJs, readByPoppler, wordsOf } from "./support/pdf/words.ts";

afterAll(stopRendering);

describe("render", () => {
  it("makes the same bytes of the same input, in a thread as here", async () => {
    for (const languages of ["en", "ar", "both"] as const) {
      const [here, there, again] = [
        await make(sample(languages)),
        await render(sample(languages)),
        await render(sample(languages)),
      ];
      expect(there.sha256).toBe(here.sha256);
      expect(again.sha256).toBe(here.sha256);
      expect(createHash("sha256").update(there.bytes).digest("hex")).toBe(there.sha256);
    }
  });

  it("makes these very bytes on every machine", async () => {
    // Whoever changes how documents look changes this. Nothing else may.
    const sums = await Promise.all(
      (["en", "ar", "both"] as const).map(async (languages) => (await make(sample(languages))).sha256),
    );
    expect(sums).toMatchInlineSnapshot(`
      [
        "8b3566cf0ae25b48f6d597e7f9a6f5c21fa728463e11772be25b679b684c5698",
        "be043c437bbb546e26e73aa0c8a0625c66fbaa7e900426309928d24165e1a828",
        "72c0435b642a0a0982911cb3047c39443ac8a14a714c372a1b9478bfc181f053",
      ]
    `);
  });

  it("makes them whatever was made before", async () => {
    const { sha256 } = await make(sample("en"));
    await make({ ...sample("ar"), title: { en: "i : ; é – ﬁ", ar: "؛ : سطر أول" } });
    expect((await make(sample("en"))).sha256).toBe(sha256);
  });

  it("makes other bytes of another's copy, and of another time", async () => {
    const sums = await Promise.all(
      [{}, { mark: null }, { mark: "Somebody else" }, { madeAt: "2026-11-21T05:45:01Z" }].map(
        async (more) => (await make({ ...sample("en"), ...more })).sha256,
      ),
    );
    expect(new Set(sums).size).toBe(4);
  });

  it("is a file that qpdf finds nothing wrong with", async () => {
    for (const languages of ["en", "ar", "both"] as const) {
      const { bytes } = await make(sample(languages));
      expect(run("qpdf", ["--check", "{}/a.pdf"], { "a.pdf": bytes })).toContain(
        "No syntax or stream encoding errors found",
      );
    }
  });

  it("embeds all of its fonts, and says what each code stands for", async () => {
    const { bytes } = await make(sample("both"));
    const [, , ...fonts] = run("pdffonts", ["{}/a.pdf"], { "a.pdf": bytes }).trim().split("\n");
    expect(fonts.length).toBeGreaterThanOrEqual(4);
    // Columns: embedded, subset, to Unicode.
    for (const font of fonts) expect(font).toMatch(/^DAIS\w+\+IBMPlex\S+ +CID TrueType +Identity-H +yes yes yes/);
  });

  it("says its title, author, time and language, and that it is tagged", async () => {
    const { bytes, pages } = await make({ ...sample("ar"), title: { en: "T", ar: '<عنوان> & "آخر"' } });
    const info = run("pdfinfo", ["-isodates", "{}/a.pdf"], { "a.pdf": bytes });
    expect(info).toContain('<عنوان> & "آخر"');
    expect(info).toMatch(/Author: +شركة الرمال القابضة/);
    expect(info).toMatch(/CreationDate: +2026-11-21T05:45:00/);
    expect(info).toMatch(/Tagged: +yes/);
    expect(info).toMatch(new RegExp(`Pages: +${pages}`));
    const loading = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
    const { info: said } = await (await loading.promise).getMetadata();
    await loading.destroy();
    expect((said as { Language: string }).Language).toBe("ar");
  });

  it("has the classification twice, the page's number and the distribution on every page, and the mark", async () => {
    const input = sample("both");
    const { bytes, pages } = await make(input);
    const seen = await readByPdfJs(bytes);
    expect(seen.length).toBe(pages);
    for (const [index, page] of seen.entries()) {
      expect(page.split("CONFIDENTIAL").length - 1).toBeGreaterThanOrEqual(2);
      expect(page.split("سري").length - 1).toBeGreaterThanOrEqual(2);
      expect(page).toContain(input.distributionId);
      expect(page).toContain("Mariam Al Falasi");
      const number = page.includes("صفحة") ? [String(index + 1), String(pages)] : [`Page ${index + 1} of ${pages}`];
      for (const part of number) expect(page).toContain(part);
    }
    expect((await readByPdfJs((await make({ ...input, mark: null })).bytes)).join("")).not.toContain("Copy of");
  });

  it("names who submitted and approved, when, and by which operations", async () => {
    const { approval, ...input } = sample("en");
    const text = wordsOf(readByPoppler((await make({ approval, ...input })).bytes)).join(" ");
    expect(text).toContain("Approved by Khalid Al Suwaidi on 21 November 2026, 05:42 UTC");
    expect(text).toContain(approval.submittedBy);
    for (const id of [approval.operation, approval.submitOperation]) expect(text.replaceAll(" ", "")).toContain(id);
    for (const { title, source } of input.sources)
      for (const word of wordsOf(`${title} ${source}`)) expect(text).toContain(word);
  });

  it("names people in the language of each part, and is the same bytes where that says nothing else", async () => {
    const { approval } = sample("en");
    const names = { submittedBy: { en: "Layla Haddad", ar: "ليلى حداد" }, by: { en: "Khalid Al Suwaidi", ar: null } };
    const made = (languages: "en" | "ar" | "both", its: object) =>
      make({ ...sample(languages), approval: { ...approval, ...its } });
    expect((await made("en", names)).sha256).toBe((await make(sample("en"))).sha256);
    const unnamed = { ...names, submittedBy: { en: "Layla Haddad", ar: null } };
    expect((await made("ar", unnamed)).sha256).toBe((await make(sample("ar"))).sha256);
    const [ar, both] = [await made("ar", names), await made("both", names)];
    const text = async ({ bytes }: typeof ar) => (await readByPdfJs(bytes)).join(" ").replace(/\s+/g, " ");
    expect(await text(ar)).toContain("ليلى حداد");
    expect(await text(ar)).not.toContain("Layla");
    for (const name of ["ليلى حداد", "Layla Haddad"]) expect(await text(both)).toContain(name);
  });

  it("brings the proof as files, to the byte", async () => {
    const input = sample("en");
    const { bytes } = await make(input);
    const loading = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
    const document = await loading.promise;
    const names = [...((await document.getAttachments()) ?? new Map()).keys()];
    const files = await Promise.all(
      names.map(async (name) => [name, Buffer.from((await document.getAttachmentContent(name)) ?? []).toString()]),
    );
    await loading.destroy();
    expect(files).toEqual([
      ["checkpoint.txt", input.proof.checkpoint],
      ["proof.json", input.proof.bundleJson],
    ]);
    expect(run("pdfdetach", ["-list", "{}/a.pdf"], { "a.pdf": bytes })).toMatch(
      /^2 embedded files\n1: checkpoint\.txt\n2: proof/,
    );
  });

  it("shows the proof's address, and a code of it", async () => {
    const input = sample("en");
    const { bytes, pages } = await make(input);
    expect(readByPoppler(bytes)).toContain(input.proof.url);
    const loading = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
    const tree = await (await (await loading.promise).getPage(pages)).getStructTree();
    await loading.destroy();
    expect(JSON.stringify(tree)).toContain(`QR code of the proof's address: ${input.proof.url}`);
  });

  it("tags headings, lists, tables with heads, quotes and notes", async () => {
    const { bytes } = await make(sample("en"));
    const loading = getDocument({ data: Uint8Array.from(bytes), verbosity: 0 });
    const tree = JSON.stringify(await (await (await loading.promise).getPage(2)).getStructTree());
    await loading.destroy();
    for (const role of [
      "Document",
      "Sect",
      "H2",
      "H5",
      "P",
      "L",
      "LI",
      "Lbl",
      "LBody",
      "Table",
      "TR",
      "TH",
      "TD",
      "BlockQuote",
      "Note",
    ])
      expect(tree).toContain(`"role":"${role}"`);
  });

  it("sets a link as text and a note, and lets nobody follow it unseen", async () => {
    const { bytes } = await make(
      documentOf("See [the **bulletin**](https://example.org/a?b=1) and [again](https://example.org/a?b=1)."),
    );
    const text = wordsOf(readByPoppler(bytes)).join(" ");
    expect(text).toContain("See the bulletin[1] and again[1]. [1] https://example.org/a?b=1");
    expect(Buffer.from(bytes).includes("/Annot")).toBe(false);
  });

  it("leaves no heading at the foot of a page", async () => {
    for (let lines = 20; lines < 40; lines++) {
      const { bytes } = await make(documentOf(`${"A line.\\\n".repeat(lines)}A line.\n\n## Heading\n\nBelow it.`));
      const page = (await readByPdfJs(bytes)).find((text) => text.includes("Heading")) ?? "";
      expect([lines, page.includes("Below it.")]).toEqual([lines, true]);
    }
  });

  it("shows the head of a table on each of its pages", async () => {
    const rows = Array.from({ length: 90 }, (_, row) => `| r${row} | ${row} |`).join("\n");
    const { bytes } = await make(documentOf(`| Indicator | Figure |\n| - | - |\n${rows}`));
    const pages = (await readByPdfJs(bytes)).filter((text) => /\br\d/.test(text));
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) expect(page).toContain("Indicator");
  });
});
