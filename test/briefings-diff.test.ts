import { type Hunk, hunksOf } from "@dais/modules/briefings/diff/hunks";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aSection, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
import { refused } from "./support/posture.ts";
import { startServer } from "./support/server.ts";

let url: string;
let room: BriefingRoom;
beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  room = await briefingRoom(url);
});

describe("briefings.diff", () => {
  const edit = async (id: string, version: number, fields: object) =>
    room.done(await room.writes.patch(`/briefings/${id}`, { version, ...fields }));

  test("200: sections that came, went, changed and moved; words in both languages; fields beside them", async () => {
    const sections = [
      aSection("a", "One.\nThe sea is rough.\nThree.", "البحر هائج اليوم."),
      aSection("b", "Stays."),
      aSection("c", "Moves."),
      aSection("d", "Goes.", null),
    ];
    const made = await room.draft({ sections });
    const later = [
      aSection("a", "One.\nThe sea is calm.\nThree.", "البحر هادئ اليوم."),
      aSection("c", "Moves."),
      aSection("b", "Stays."),
      aSection("e", "Comes.", null),
    ];
    await edit(made.id, 1, { sections: later, title: { en: "Another" } });
    const { body } = await room.writes.get(`/briefings/${made.id}/diff?from=1&to=2`);
    expect(body.fields).toEqual([{ field: "title", from: made.title, to: { en: "Another", ar: null } }]);
    expect(body.sections.map((one: { id: string; change: string }) => [one.id, one.change])).toEqual([
      ["a", "changed"],
      ["c", "moved"],
      ["b", "moved"],
      ["e", "added"],
      ["d", "removed"],
    ]);
    const [{ texts }] = body.sections;
    expect(texts).toEqual([
      {
        ...{ part: "body", language: "en" },
        hunks: [
          {
            line: 1,
            parts: [
              { kind: "same", text: "One.\nThe sea is " },
              { kind: "removed", text: "rough" },
              { kind: "added", text: "calm" },
              { kind: "same", text: ".\nThree." },
            ],
          },
        ],
      },
      {
        ...{ part: "body", language: "ar" },
        hunks: [
          {
            line: 1,
            parts: [
              { kind: "same", text: "البحر " },
              { kind: "removed", text: "هائج" },
              { kind: "added", text: "هادئ" },
              { kind: "same", text: " اليوم." },
            ],
          },
        ],
      },
    ]);
  });

  test("200: texts of 50 000 characters without a word in common are told as a whole", async () => {
    const text = (word: string) => `${word}\n`.repeat(10_000).slice(0, 50_000);
    const made = await room.draft({ sections: [aSection("a", text("abcd"), text("ابجد"))] });
    await edit(made.id, 1, { sections: [aSection("a", text("wxyz"), text("هوزح"))] });
    const { status, body } = await room.writes.get(`/briefings/${made.id}/diff?from=1&to=2`);
    expect(status).toBe(200);
    expect(body.sections[0].texts[0].hunks).toEqual([
      {
        line: 1,
        parts: [
          { kind: "removed", text: text("abcd") },
          { kind: "added", text: text("wxyz") },
        ],
      },
    ]);
  });

  test("200: many long lines that all differ are compared word by word as far as the work for one diff goes, and as a whole after that", async () => {
    const long = (n: number, word: string) => Array.from({ length: 175 }, (_, at) => `${word}${n}x${at}`).join(" ");
    const text = (word: string) =>
      Array.from({ length: 40 }, (_, n) => `line ${n}\n${long(n, word)}\n`)
        .join("")
        .slice(0, 50_000);
    const sections = (word: string) => Array.from({ length: 20 }, (_, n) => aSection(`s${n}`, text(word), null));
    const made = await room.draft({ sections: sections("a") });
    await edit(made.id, 1, { sections: sections("b") });
    const { status, body } = await room.writes.get(`/briefings/${made.id}/diff?from=1&to=2`);
    expect(status).toBe(200);
    const first: Hunk[][] = body.sections.map((one: { texts: { hunks: Hunk[] }[] }) => one.texts[0]?.hunks);
    expect(first).toHaveLength(20);
    expect(first[0]?.[0]?.parts.length).toBeGreaterThan(100);
    expect(first[19]).toEqual([
      {
        line: 1,
        parts: [
          { kind: "removed", text: text("a") },
          { kind: "added", text: text("b") },
        ],
      },
    ]);
    for (const hunks of first) expect(undone(text("b"), hunks)).toBe(text("a"));
  });

  test("404: an edition that isn't there", async () => {
    const made = await room.draft();
    expect(await room.writes.get(`/briefings/${made.id}/diff?from=1&to=9`)).toMatchObject(
      refused(404, "briefing_edition_not_found"),
    );
  });
});

/** The earlier text, made of the later one and what differs. */
function undone(to: string, hunks: readonly Hunk[]): string {
  const joined = ({ parts }: Hunk, without: string) =>
    parts.map(({ kind, text }) => (kind === without ? "" : text)).join("");
  return [...hunks].reverse().reduce((text, hunk) => {
    const at = text.split("\n", hunk.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const later = joined(hunk, "removed");
    expect(text.slice(at, at + later.length)).toBe(later);
    return text.slice(0, at) + joined(hunk, "added") + text.slice(at + later.length);
  }, to);
}

describe("places that differ", () => {
  test("the later text and they are the earlier text", () => {
    const word = fc.constantFrom("sea", "wind", "بحر", " ", "\n", "\n\n", ".", "🌊", "**");
    const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(""));
    fc.assert(
      fc.property(text, text, (from, to) => {
        expect(undone(to, hunksOf(from, to))).toBe(from);
      }),
      { seed: 20260106, numRuns: 3000 },
    );
  });

  test("two lines around each, and nothing of what lies between", () => {
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`);
    const later = lines.map((line, n) => (n === 3 || n === 20 ? `${line} changed` : line));
    const hunks = hunksOf(lines.join("\n"), later.join("\n"));
    expect(hunks.map(({ line }) => line)).toEqual([2, 19]);
    expect(hunks[0]?.parts).toEqual([
      { kind: "same", text: "line 1\nline 2\nline 3" },
      { kind: "added", text: " changed" },
      { kind: "same", text: "\nline 4\nline 5\n" },
    ]);
  });

  test("texts with nothing in common end", () => {
    const text = (word: string) =>
      Array.from({ length: 8000 }, (_, n) => `${word}${n}`)
        .join("\n")
        .slice(0, 50_000);
    expect(undone(text("b"), hunksOf(text("a"), text("b")))).toBe(text("a"));
    expect(undone("b ".repeat(25_000), hunksOf("a ".repeat(25_000), "b ".repeat(25_000)))).toBe("a ".repeat(25_000));
  }, 60_000);
});
