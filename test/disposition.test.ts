import { attachment, fileName } from "@dais/kernel/disposition";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const override = "\u202e";

describe("fileName", () => {
  it.each([
    ["Morning briefing", "Morning briefing.pdf"],
    ["الإحاطة الصباحية", "الإحاطة الصباحية.pdf"],
    ["../../etc/passwd", "etc passwd.pdf"],
    ['He said "no"; rm -rf *', "He said no ; rm -rf.pdf"],
    [`brief${override}fdp.exe`, "brieffdp.exe.pdf"],
    ["a\r\nSet-Cookie: x=1", "aSet-Cookie x=1.pdf"],
    ["CON", "document.pdf"],
    ["...", "document.pdf"],
    ["", "document.pdf"],
    ["\ud800x", "\ufffdx.pdf"],
  ])("of %j is %j", (title, name) => expect(fileName(title, "pdf")).toBe(name));

  it("is short enough for every file system, and whole letters", () => {
    const name = fileName("ع".repeat(10_000), "pdf");
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).toMatch(/^ع+\.pdf$/);
  });
});

describe("attachment", () => {
  it("says a plain name plainly", () => {
    expect(attachment("signals.xml")).toBe('attachment; filename="signals.xml"');
  });

  it("says any other name twice: in letters that all know, and as it is", () => {
    expect(attachment("تقرير (1).pdf")).toBe(
      `attachment; filename="_ (1).pdf"; filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1%20%281%29.pdf`,
    );
  });

  it("is one header with one name, whatever it is made of", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('"; filename="x', "a\r\nb: c", "%22", "\\", override),
    );
    fc.assert(
      fc.property(name, (title) => {
        const header = attachment(fileName(title, "pdf"));
        expect(header).toMatch(/^attachment; filename="[^"\\%\p{Cc}]*"(?:; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/u);
        expect(() => new Headers({ "content-disposition": header })).not.toThrow();
        const said = /filename\*=UTF-8''(.*)$/.exec(header)?.[1];
        if (said) expect(decodeURIComponent(said)).toBe(fileName(title, "pdf"));
      }),
      { seed: 6266, numRuns: 200 },
    );
  });
});
