import { readFileSync } from "node:fs";
import { make } from "@dais/pdf/document/make";
import { sample } from "@dais/pdf/samples";
import { pathOf } from "@dais/pdf/text/faces";
import { describe, expect, it } from "vitest";
import { documentOf } from "./support/pdf/documents.ts";
import { codesOn, printed, seenOn } from "./support/pdf/spoken.ts";
import { plain, wordsOf } from "./support/pdf/words.ts";

const body = (section: number, language: "en" | "ar") => {
  const { body } = sample(language).sections[section] as ReturnType<typeof sample>["sections"][number];
  const text = plain((language === "ar" ? body.ar : body.en) as string);
  // Sentences: signs alone are hard on any reader.
  return text
    .split("\n")
    .filter((line) => line.length > 40 && !/^[A-Z]{5}/.test(line))
    .join("\n\n");
};

/** How many of the words come among those that were seen. */
function right(wanted: string[], seen: string[]): number {
  const left = [...seen];
  return wanted.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
}

const family = (language: "en" | "ar") => {
  const font = (script: string) => readFileSync(pathOf(script)).toString("base64");
  return ["ibm-plex-sans-latin-400", ...(language === "ar" ? ["ibm-plex-sans-arabic-arabic-400"] : [])]
    .map((name, index) => `@font-face{font-family:f${index};src:url(data:font/woff;base64,${font(name)})}`)
    .join("");
};

function byChromium(text: string, language: "en" | "ar"): Uint8Array {
  const [size, leading] = language === "ar" ? [11.5, 1.75] : [10.5, 1.5];
  const paragraphs = text
    .split("\n\n")
    .map((one) => `<p>${one.replaceAll("<", "&lt;")}</p>`)
    .join("");
  return printed(
    `<!doctype html><html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}"><meta charset="utf-8"><style>${family(language)}
     @page{size:A4;margin:82pt 62pt}body{margin:0;color:rgb(18,20,26);font:${size}pt/${leading} f1,f0}</style>${paragraphs}</html>`,
  );
}

/** `bottom`: below the last line of both, and above what comes next. */
const pages = [
  { language: "ar", section: 0, bottom: 385 },
  { language: "ar", section: 1, bottom: 318 },
  { language: "en", section: 0, bottom: 315 },
] as const;

/** Dots to an inch. The glyphs of both are the same ones, a fraction of a dot apart, which alone makes an eye see a word more or fewer: one in two hundred. */
const looks = [275, 300, 325];

// One eye, two printers: what is read wrong of both says nothing about ours.
describe("three pages seen by an eye", () => {
  it("have as many words right as Chromium's, in both languages", { timeout: 400_000 }, async () => {
    const all = await Promise.all(
      pages.map(async ({ language, section, bottom }) => {
        const text = body(section, language);
        const wanted = wordsOf(text);
        const eyes = language === "ar" ? "ara" : "eng";
        const { bytes } = await make(documentOf(text, { languages: language }));
        const chromium = byChromium(text, language);
        const seen = (file: Uint8Array, page: number, top: number) =>
          looks.reduce((sum, dpi) => sum + right(wanted, seenOn(file, { page, top, bottom }, eyes, dpi)), 0);
        return { wanted: wanted.length * looks.length, ours: seen(bytes, 2, 112), theirs: seen(chromium, 1, 76) };
      }),
    );
    const sum = (of: "wanted" | "ours" | "theirs") => all.reduce((total, page) => total + page[of], 0);
    expect(sum("wanted")).toBeGreaterThan(600);
    process.stdout.write(`Words right of ${sum("wanted")}: ours ${sum("ours")}, Chromium's ${sum("theirs")}\n`);
    expect(sum("theirs")).toBeGreaterThan(sum("wanted") * 0.7);
    expect(sum("ours")).toBeGreaterThanOrEqual(sum("theirs") * 0.995);
  });
});

describe("the code of the proof", () => {
  it("says the address to a camera, in each document", async () => {
    for (const languages of ["en", "ar", "both"] as const) {
      const { bytes, pages } = await make(sample(languages));
      expect(codesOn(bytes, pages)).toEqual([sample(languages).proof.url]);
    }
  });
});
