import { plain } from "@dais/markdown/plain";
import { read } from "@dais/markdown/read";
import { type Block, deepest, type Inline } from "@dais/markdown/tree";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const text = (words: string): Inline => ({ type: "text", text: words });
const paragraph = (...children: Inline[]): Block => ({ type: "paragraph", children });

describe("what Markdown means", () => {
  test("headings, emphasis, code, links, breaks and rules", () => {
    expect(
      read("## Sea state\n\nVery **rough**, *see* `F8`\\\nand [the chart](https://example.com/c).\n\n---"),
    ).toEqual([
      { type: "heading", level: 2, children: [text("Sea state")] },
      paragraph(
        text("Very "),
        { type: "strong", children: [text("rough")] },
        text(", "),
        { type: "emphasis", children: [text("see")] },
        text(" "),
        { type: "code", text: "F8" },
        { type: "break" },
        text("and "),
        { type: "link", url: "https://example.com/c", children: [text("the chart")] },
        text("."),
      ),
      { type: "rule" },
    ]);
  });

  test("lists in lists, quotes, fenced code and tables", () => {
    const source = "3. a\n4. b\n   - c\n\n> q\n\n```sql\nselect 1\n```\n\n| k | v |\n|:--|--:|\n| a | 1 |";
    expect(read(source)).toEqual([
      {
        type: "list",
        ...{ ordered: true, start: 3 },
        items: [
          [paragraph(text("a"))],
          [paragraph(text("b")), { type: "list", ordered: false, start: 1, items: [[paragraph(text("c"))]] }],
        ],
      },
      { type: "quote", children: [paragraph(text("q"))] },
      { type: "code", language: "sql", text: "select 1" },
      {
        type: "table",
        align: ["left", "right"],
        header: [[text("k")], [text("v")]],
        rows: [[[text("a")], [text("1")]]],
      },
    ]);
  });

  test("Arabic, emoji and mixed directions stay as they are; lines of a paragraph are one", () => {
    const source = "ارتفاع الموج **٣ أمتار**\nعند Jebel Ali 🌊";
    expect(plain(read(source))).toBe("ارتفاع الموج ٣ أمتار عند Jebel Ali 🌊");
  });
});

describe("what becomes text, exactly as written", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<div>\n<b>x</b>\n</div>",
    "before <b onclick='x'>bold</b> after",
    "![a](https://example.com/pixel.png)",
    "![a][b]",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](/relative)",
    "[a](//example.com)",
    "[a](https:example.com)",
    "[a](https://user:secret@example.com/)",
    "[a](https://[)",
    "<javascript:alert(1)>",
    "[a]: https://example.com 'title'",
    "[^1]: a note",
    "said so[^1]",
    "<!-- hidden -->",
    "<?php x ?>",
    "<![CDATA[x]]>",
  ])("%s", (source) => {
    expect(plain(read(source))).toBe(source);
    expect(kinds(read(source))).not.toContain("link");
  });

  test("a reference with its definition: both", () => {
    expect(plain(read("see [the chart][c]\n\n[c]: https://example.com"))).toBe(
      "see [the chart][c]\n\n[c]: https://example.com",
    );
  });

  test("what is deeper than a page goes", () => {
    const source = Array.from({ length: 60 }, (_, n) => `${" ".repeat(2 * n)}- ${n}`).join("\n");
    expect(depthOf(read(source))).toBeLessThanOrEqual(deepest);
    expect(plain(read(source))).toContain("59");
  });

  test("a source of nothing but marks", () => {
    expect(plain(read("*".repeat(5000)))).toBe("*".repeat(5000));
    expect(plain(read("> ".repeat(5000).trim()))).toBe("> ".repeat(5000).trim());
    expect(read("- ".repeat(40))).toEqual([{ type: "rule" }]);
  });
});

describe("an address that may be followed", () => {
  test.each([
    ["<https://example.com/a?b=c>", "https://example.com/a?b=c"],
    ["[a](HTTPS://EXAMPLE.com)", "https://example.com/"],
    ["[a](mailto:ops@example.com)", "mailto:ops@example.com"],
    ["[a](<https://example.com/\u202Egnp.exe>)", "https://example.com/%E2%80%AEgnp.exe"],
  ])("%s", (source, url) => {
    expect(read(source)).toMatchObject([{ children: [{ type: "link", url }] }]);
  });
});

/** Pieces that the parser treats specially, and some that it doesn't. */
const piece = fc.constantFrom(
  ..."*_[]()!<>`~#|-+=&\\:\"' \t\n\r0".split(""),
  ...[
    "\n\n",
    "    ",
    "1. ",
    "- ",
    "> ",
    "](",
    "![",
    "[a]: ",
    "<b>",
    "&amp;",
    "&#0;",
    "```",
    "|-|",
    "https://a.b",
    "javascript:x",
  ],
  ...["a", "ب", "\u202E", "\u2066", "🌊", "\uD83C", "\u0000", "\uFEFF", "\u00A0"],
);
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 200 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 300 }),
);

describe("any text at all", () => {
  test("is read into the closed tree, not too deep, without line breaks in its texts", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        const blocks = read(source);
        expect(depthOf(blocks)).toBeLessThanOrEqual(deepest);
        for (const one of nodes(blocks)) {
          if ("url" in one) expect(one.url).toMatch(/^(https?:\/\/|mailto:)/);
          if (one.type === "text") expect(one.text).not.toMatch(/[\r\n]/);
        }
        plain(blocks);
      }),
      { seed: 20260106, numRuns: 1500 },
    );
  });

  test("loses no word", () => {
    const word = fc.constantFrom("sea", "wind", "غد", "port", "7");
    const spaced = fc.array(
      fc.oneof(word, fc.constantFrom("**", "*", "\n", "\n\n", "> ", "- ", "# ", "| ", "<b>", "`")),
    );
    fc.assert(
      fc.property(spaced, (pieces) => {
        const source = pieces.join(" ");
        const words = (of: string) => of.match(/sea|wind|غد|port/g) ?? [];
        expect(words(plain(read(source)))).toEqual(words(source));
      }),
      { seed: 20260106, numRuns: 1000 },
    );
  });

  const size = 50_000;
  const times = (one: string, of = size) => one.repeat(Math.ceil(of / one.length)).slice(0, of);
  const stairs = (step: string) => Array.from({ length: 220 }, (_, n) => `${" ".repeat(2 * n)}${step}`).join("\n");
  test.each([
    ...[
      "> ",
      ">",
      "- ",
      "1. ",
      "> - ",
      "*a ",
      "*a**b",
      "a_",
      "[",
      "[a",
      "![",
      "[a](",
      "[a](b",
      "]",
      "*",
      "_",
      "`",
      "<a ",
      "<!--",
    ],
    ...[
      "<![CDATA[",
      "<http:",
      "[a]: b\n",
      "a|",
      "|a\n",
      "a\n",
      "* ",
      "&",
      "&amp;",
      "\\",
      "\n",
      " ",
      "\t",
      "#",
      "- a\n",
      "- |a|\n  |-|\n",
    ],
  ])(
    "50 000 characters of %j end",
    (one) => {
      expect(depthOf(read(times(one)))).toBeLessThanOrEqual(deepest);
    },
    60_000,
  );
  test.each([
    ["a staircase of lists", stairs("- a")],
    ["a staircase of opened lists", stairs("- - - - - - - - - - - a").slice(0, size)],
    ["emphasis in emphasis", `${times("*a ", 4400)}${times("b* ", 4400)}`],
    ["brackets in brackets", times("[", size / 2) + times("](x)", size / 2)],
    ["a table of one long row", `${times("|a", size / 2)}\n${times("|-", size / 2)}`],
    ["a wide table of short rows", `${times("|a", 12_000)}\n${times("|-", 12_000)}\n${times("x\n", 26_000)}`],
    ["fences of every length", Array.from({ length: 300 }, (_, n) => "`".repeat(n)).join("e")],
  ])(
    "%s ends",
    (_, source) => {
      expect(depthOf(read(source))).toBeLessThanOrEqual(deepest);
    },
    60_000,
  );
});

type Node = Block | Inline;
function within(node: Node): Node[] {
  if (node.type === "list") return node.items.flat();
  if (node.type === "table") return [node.header, ...node.rows].flat(2);
  return "children" in node ? node.children : [];
}
function* nodes(of: readonly Node[]): Generator<Node> {
  for (const one of of) {
    yield one;
    yield* nodes(within(one));
  }
}
const kinds = (of: readonly Node[]) => [...nodes(of)].map(({ type }) => type);
const depthOf = (of: readonly Node[]): number => of.reduce((deep, one) => Math.max(deep, 1 + depthOf(within(one))), 0);
