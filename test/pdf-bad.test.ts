import { make } from "@dais/pdf/document/make";
import { limits } from "@dais/pdf/input";
import { margins } from "@dais/pdf/page/theme";
import { openPool, type Pool, type PoolOptions } from "@dais/pdf/pool";
import { sample } from "@dais/pdf/samples";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { documentOf } from "./support/pdf/documents.ts";
import { run } from "./support/pdf/tools.ts";
import { missing, placesOf, readByPdfJs, readByPoppler, wordsOf } from "./support/pdf/words.ts";

const pools: Pool[] = [];
const pool = (options?: PoolOptions) => {
  const opened = openPool({ threads: 1, ...options });
  pools.push(opened);
  return opened;
};
afterEach(async () => {
  for (const opened of pools.splice(0)) await opened.stop();
});

const ar = "في ميناء الرمال";
const long = "كلمة".repeat(2_500);

describe("text that hangs or breaks shapers", () => {
  it.each([
    ["newlines within Arabic", "سطر أول\nسطر ثان\r\nسطر ثالث\u2028رابع\u0085خامس"],
    ["spaces that don't break", `قبل\u00a0بعد\u00a0\u202fو\u2007نهاية ${ar}`],
    ["lone surrogates", `\ud800${ar}\udfff \udc00\ud83d end`],
    ["a word of 10 000 letters", `${"w".repeat(10_000)} ${long}`],
    ["10 000 marks on one letter", `ا${"\u064e".repeat(10_000)} a${"\u0301".repeat(10_000)}`],
    ["joiners of no width", `ل\u200dا\u200c\u200c\u200dم ${"\u200d".repeat(5_000)} a\u200db`],
    ["emoji, with skin, families and flags", "👍🏽 👨‍👩‍👧‍👦 🇦🇪 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☃️ 1️⃣"],
    ["nested marks of direction", `${"\u202e\u2067\u202b".repeat(500)}${ar}${"\u202c\u2069".repeat(500)} abc`],
    ["letters that no font here has", "漢字 עברית हिन्दी ไทย 𐍈 \u{10ffff}"],
    ["controls and nothing at all", "\u0000\u0001\u001b[31m \u007f \ufeff \ufffe \uffff"],
    ["marks of direction alone", "\u200e\u200f\u061c"],
  ])("%s", async (_, body) => {
    for (const languages of ["en", "ar"] as const) {
      const { bytes, pages } = await make(documentOf(body, { languages }));
      expect(pages).toBeGreaterThan(1);
      expect(run("qpdf", ["--check", "{}/a.pdf"], { "a.pdf": bytes })).toContain("No syntax or stream");
    }
  });

  it("comes back as it was, where it is text", async () => {
    const body = "سطر أول\nسطر ثان قبل\u00a0بعد ن\u200cن والنهاية";
    const seen = wordsOf(readByPoppler((await make(documentOf(body, { languages: "ar" }))).bytes));
    expect(missing(["سطر", "أول", "سطر", "ثان", "قبل", "بعد", "والنهاية"], seen)).toEqual([]);
  });

  it("never turns the order of what follows", async () => {
    const { bytes } = await make(documentOf(`Pay 100 \u202e001 yaP AED to ACME`));
    expect(missing(wordsOf("Pay 100 001 yaP AED to ACME"), wordsOf(readByPoppler(bytes)))).toEqual([]);
  });

  it("cuts a word that no line holds, and loses nothing of it", async () => {
    const word = Array.from({ length: 400 }, (_, n) => `x${n}`).join("");
    const { bytes } = await make(documentOf(word));
    expect((await readByPdfJs(bytes)).join("").replace(/\s/g, "")).toContain(word.slice(0, 60));
    expect(readByPoppler(bytes).replace(/\s/g, "")).toContain(word);
  });

  it("is any text at all", async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        fc.constantFrom(...ar, "|", "-", "\n", "#", ">", "\u202e"),
      ),
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom("en" as const, "ar" as const), async (body, languages) => {
        const title = { en: body, ar: body };
        const { bytes } = await make(documentOf(body, { languages, title, mark: body, organisation: title }));
        expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe("%PDF-1.7");
      }),
      { seed: 9, numRuns: 40 },
    );
  });
});

describe("tables", () => {
  it("of 40 columns become several, each beginning with the first", async () => {
    const row = (cell: (column: number) => string) =>
      `| ${Array.from({ length: 40 }, (_, n) => cell(n)).join(" | ")} |`;
    const body = [row((n) => `Head${n}`), row(() => "-"), row((n) => `cell${n}`), row((n) => `more${n}`)].join("\n");
    for (const languages of ["en", "ar"] as const) {
      const { bytes } = await make(documentOf(body, { languages }));
      const words = wordsOf(readByPoppler(bytes));
      for (let n = 0; n < 40; n++)
        for (const cell of [`Head${n}`, `cell${n}`, `more${n}`]) expect(words).toContain(cell);
      expect(words.filter((word) => word === "cell0").length).toBeGreaterThan(3);
    }
  });

  it("of a cell that no page holds go on on the next", async () => {
    const cell = Array.from({ length: 3_000 }, (_, n) => `w${n}`).join(" ");
    const { bytes } = await make(documentOf(`| A | B |\n| - | - |\n| x | ${cell} |`));
    expect(missing(wordsOf(cell), wordsOf(readByPoppler(bytes)), 200)).toEqual([]);
  });
});

describe("lists in lists", () => {
  const nested = (depth: number, text: string, language: "en" | "ar") => {
    const number = "999999999. ";
    const inner = " ".repeat(number.length * depth);
    const table = ["| A | B | C |", "| - | - | - |", `| ${"wide".repeat(9)} | ${"word".repeat(9)} | x |`];
    const told = language === "ar" ? ar : "The sea is rough until noon.";
    const lines = Array.from({ length: depth }, (_, n) => `${" ".repeat(number.length * n)}${number}${told}`);
    return [
      lines.join("\n\n"),
      "",
      `${inner}${text}`,
      "",
      ...table.map((row) => inner + row),
      "",
      `${inner}> ${told}`,
    ].join("\n");
  };

  it("stand within the margins, however deep they are and however long their numbers", async () => {
    for (const languages of ["en", "ar"] as const)
      for (const depth of [3, 5, 8]) {
        const { bytes } = await make(documentOf(nested(depth, "innermost", languages), { languages }));
        const places = await placesOf(bytes);
        expect(places.map(({ text }) => text).join("")).toContain("innermost");
        const outside = places.filter(
          ({ left, right }) => left < margins.side - 1 || right > 595.28 - margins.side + 1,
        );
        expect(outside).toEqual([]);
      }
  });
});

describe("a document that is too long", () => {
  it("too_long: of more pages than may be, and the limit is named", async () => {
    const page = `${"A line of a page that goes on.\\\n".repeat(45)}The end.\n\n`;
    const refused = await pool({ timeoutMs: 300_000 })
      .render(documentOf(page.repeat(500)))
      .catch((error) => error);
    expect(refused).toMatchObject({ name: "NotRendered", code: "too_long" });
    expect(refused.message).toContain(`${limits.pages} pages`);
  });

  it("too_long: of more text than any pages hold, before it is set", async () => {
    const refused = make(documentOf("x".repeat(limits.characters)));
    await expect(refused).rejects.toMatchObject({ code: "too_long", message: expect.stringContaining("characters") });
  });
});

describe("a thread", () => {
  it("timed_out: that takes too long is ended, and the next document is made", async () => {
    const slow = pool({ timeoutMs: 1 });
    await expect(slow.render(sample("en"))).rejects.toMatchObject({ code: "timed_out" });
    const other = pool();
    expect((await other.render(sample("en"))).pages).toBeGreaterThan(1);
  });

  it("crashed: that takes too much memory dies alone, and the pool goes on", async () => {
    const small = pool({ memoryMb: 40 });
    const heavy = documentOf(`| a | b | c |\n| - | - | - |\n${"| x | y | z |\n".repeat(5_000)}`);
    const [died, lived] = await Promise.allSettled([small.render(heavy), small.render(sample("en"))]);
    expect(died).toMatchObject({ status: "rejected", reason: { code: "crashed" } });
    expect(lived).toMatchObject({ status: "fulfilled", value: { sha256: (await make(sample("en"))).sha256 } });
  });

  it("crashed: that is stopped in the middle says so", async () => {
    const stopped = pool();
    const made = stopped.render(sample("both")).catch((error) => error);
    await stopped.stop();
    expect(await made).toMatchObject({ code: "crashed" });
  });

  it("busy: more wait than may", async () => {
    const full = pool({ waiting: 2 });
    const all = await Promise.allSettled(Array.from({ length: 4 }, () => full.render(sample("en"))));
    expect(all.map((one) => (one.status === "fulfilled" ? "made" : one.reason.code))).toEqual([
      "made",
      "made",
      "made",
      "busy",
    ]);
  });

  it("ends after a while without work, and begins again with it", async () => {
    const idle = pool({ idleMs: 1 });
    const first = await idle.render(sample("en"));
    expect((await idle.render(sample("en"))).sha256).toBe(first.sha256);
  });
});
