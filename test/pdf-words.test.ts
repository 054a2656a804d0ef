import { make } from "@dais/pdf/document/make";
import type { DocumentInput } from "@dais/pdf/input";
import { sample } from "@dais/pdf/samples";
import { describe, expect, it } from "vitest";
import { documentOf } from "./support/pdf/documents.ts";
import { missing, plain, readByPdfJs, readByPoppler, wordsOf } from "./support/pdf/words.ts";

/** All that a section says, without the tables: programs that know no tags read cells by their places. */
const prose = (source: string) => source.replace(/^\|.*\n/gm, "");
const cells = (source: string) =>
  (source.match(/^\|.*$/gm) ?? []).filter((row) => !row.includes("--")).flatMap(cellsOf);
const cellsOf = (row: string) =>
  row
    .split("|")
    .map((cell) => cell.trim())
    .filter(Boolean);
const bodies = ({ sections }: DocumentInput, language: "en" | "ar") =>
  sections.map(({ body }) => (language === "en" ? body.en : (body.ar as string)));
/** The numbers of notes stand at the ends of words. */
const withoutNotes = (text: string) => text.replace(/[\u200e\u200f\u202a-\u202e]/g, "").replace(/\[\d+\]/g, "");

const hard = {
  ar: [
    "قالت لجنة الأزمات إن الاستجابة في ميناء الرمال بلغت 85% خلال 24 ساعة (وفق تقرير IMF الصادر في 2026)، وأوصت بالإبقاء على المستوى الثاني لأن لا أحد يعلم متى تنتهي العاصفة.",
    "وَالْمُؤَدِّي لَا يَعْلَمُ؛ قال: «إنّ النسبة 3.5% (أي ٣٫٥٪) من 1,234.50 AED» [انظر الملحق أ]؟ نعم! و−5 درجات، من 2026-11-21 إلى 2026-12-01 عند 09:30.",
    "بسم الله ﷺ والشركة ACME (Holding) Ltd. تعمل في الـ UAE.",
    "هو الرقم: 50–60% و100$؛ (أ) ثم (ب) -- نهاية",
    "Wholly English on an Arabic page, with numbers 85% (and brackets), and the end.",
  ],
  en: [
    "The office of the minister (first floor) said that 85% of ships wait; the harbour of الرمال (الميناء) is closed.",
    "AVATAR, fjord, affine office — “quoted”, it’s 1,234.50 AED… naïve café, Łódź, Ελλάδα, Москва.",
  ],
};

describe("what pdftotext reads", () => {
  it.each(["en", "ar"] as const)("is every word of a briefing in %s, in the order of reading", async (language) => {
    const input = sample(language);
    const { bytes } = await make(input);
    const text = withoutNotes(readByPoppler(bytes));
    const wanted = bodies(input, language).flatMap((body) => wordsOf(plain(prose(body))));
    expect(wanted.length).toBeGreaterThan(150);
    expect(missing(wanted, wordsOf(text))).toEqual([]);
    const seen = ` ${wordsOf(text).join(" ")} `;
    const all = bodies(input, language).flatMap(cells);
    expect(all.length).toBe(20);
    expect(all.filter((cell) => !seen.includes(` ${cell} `))).toEqual([]);
  });

  it.each(["en", "ar"] as const)("is every word where both directions meet, in %s", async (languages) => {
    const paragraphs = hard[languages];
    const { bytes } = await make(documentOf(paragraphs.join("\n\n"), { languages }));
    const wanted = wordsOf(paragraphs.join(" "));
    expect(missing(wanted, wordsOf(readByPoppler(bytes)))).toEqual([]);
  });

  it("is both languages, one after the other, of a document in both", async () => {
    const input = sample("both");
    const { bytes } = await make(input);
    const wanted = (["en", "ar"] as const).flatMap((language) =>
      bodies(input, language).flatMap((body) => wordsOf(plain(prose(body)))),
    );
    expect(missing(wanted, wordsOf(withoutNotes(readByPoppler(bytes))), 400)).toEqual([]);
  });
});

// pdf.js needs no program on the machine. It puts no spaces between words of two directions, so it is asked for their letters.
describe("what pdf.js reads", () => {
  it.each(["en", "ar"] as const)("is every word of a briefing in %s", async (language) => {
    const input = sample(language);
    const { bytes } = await make(input);
    const seen = (await readByPdfJs(bytes)).join("\n");
    const wanted = bodies(input, language).flatMap((body) => plain(body).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
    expect(wanted.length).toBeGreaterThan(200);
    expect(wanted.filter((word) => !seen.includes(word))).toEqual([]);
  });
});
