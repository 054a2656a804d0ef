import { breakingChanges, type Change, compare } from "@dais/documents/breaking";
import { nextVersion } from "@dais/documents/breaking/purpose";
import { changelogEntry, review } from "@dais/documents/breaking/report";
import { openApiDocument } from "@dais/documents/openapi";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../scripts/release/document.ts";
import { documents, done, nameOf, sent, shared } from "./support/breaking/build.ts";
import { fields } from "./support/breaking/fields.ts";
import { operations } from "./support/breaking/operations.ts";

describe("breakingChanges", () => {
  const cases = [...fields, ...operations.map(([name, before, after, breaks]) => ({ name, before, after, breaks }))];
  const [before, after] = documents(cases);
  const found = compare(before, after);

  test.each(cases.map((each, index) => ({ ...each, index })))("$name: $breaks", ({ index, breaks }) => {
    const mine = found.filter(({ operation, impact }) => operation === nameOf(index) && impact === "breaks");
    expect(mine.length > 0, JSON.stringify(mine)).toBe(breaks);
  });

  test("says what happened to which operation, in a sentence", () => {
    const at = (name: string) =>
      found.find(({ operation }) => operation === nameOf(cases.findIndex((each) => each.name === name)));
    const said: [string, Change["impact"], string][] = [
      ["request: a shorter maxLength", "breaks", "request: `maxLength` of `f` changed from '10' to '5'."],
      ["request: narrower items", "breaks", "request, `f`: Enum lost values: 'b'."],
      ["answer: an optional field added", "adds", "answer: field `x` was added."],
      ["request: an enum value added", "changes", 'request: `enum` of `f` changed from \'["a"]\' to \'["a","b"]\'.'],
      ["a parameter narrowed", "breaks", "request, `q`: `maxLength` changed from '9' to '5'."],
      ["removed", "breaks", "POST /removed was removed."],
      ["a code at another status", "breaks", "problem: `x` changed from 404 to 410."],
      ["deprecated", "deprecates", "`deprecated` changed from nothing to 'true'."],
    ];
    for (const [name, impact, what] of said) expect(at(name)).toMatchObject({ impact, what });
  });

  test("tells of something shared for every operation that shares it", () => {
    const sharing = ["one", "two"].map((name) => ({
      name,
      before: sent(shared("Narrowed")),
      after: sent(shared("Narrowed")),
      breaks: true,
    }));
    const told = breakingChanges(...documents(sharing));
    expect(told.map(({ operation }) => operation)).toEqual([nameOf(0), nameOf(1)]);
    expect(new Set(told.map(({ what }) => what)).size).toBe(1);
  });

  test("nothing, where nothing changed or only something was added", { timeout: 300_000 }, () => {
    const document = openApiDocument() as { paths: object };
    expect(compare(document, document)).toEqual([]);
    const more = {
      ...document,
      paths: { ...document.paths, "/more": { get: { operationId: "more.list", responses: { 200: done } } } },
    };
    expect(compare(document, more)).toEqual([{ operation: "more.list", what: "GET /more was added.", impact: "adds" }]);
    expect(breakingChanges(more, document)).toHaveLength(1);
  });
});

test("the API breaks nothing since its last release but what is declared: npm run check:document", {
  timeout: 300_000,
}, () => {
  const { text, fine } = checkDocument();
  expect(fine, text).toBe(true);
});

describe("a break on purpose", () => {
  const change = "POST /things was removed.";
  const broken: Change[] = [{ operation: "things.make", what: change, impact: "breaks" }];
  const declared = { change, operations: ["things.make"], why: "Nobody makes things." };

  test("is let through with its reason, and the release counts up its version and says so", () => {
    expect(review(broken, [declared], "0.1.0").fine).toBe(true);
    expect(nextVersion("0.1.3", broken)).toBe("0.2.0");
    expect(nextVersion("1.4.3", broken)).toBe("2.0.0");
    const entry = changelogEntry("0.2.0", "2027-01-01", broken, [declared]);
    expect(entry).toContain(
      "## 0.2.0 (2027-01-01)\n\n### Breaking\n\n- `things.make`: POST /things was removed. Why: Nobody makes",
    );
  });

  test.each([
    ["without an entry", []],
    ["without a reason", [{ ...declared, why: " " }]],
    ["for another operation", [{ ...declared, operations: ["things.get"] }]],
  ])("is refused %s, with the entry to fill in", (_, entries) => {
    const { text, fine } = review(broken, entries, "0.1.0");
    expect(fine).toBe(false);
    expect(text).toContain(`"change": "${change}"`);
  });

  test("may not be declared where nothing breaks", () => {
    expect(review([], [declared], "0.1.0").fine).toBe(false);
  });

  test("what is added counts up less", () => {
    const added: Change[] = [{ operation: "things.list", what: "GET /things was added.", impact: "adds" }];
    expect([nextVersion("0.1.3", added), nextVersion("1.4.3", added), nextVersion("1.4.3", [])]).toEqual([
      "0.1.4",
      "1.5.0",
      "1.4.4",
    ]);
  });
});
