import { arrayOf, membersOf, texts } from "@dais/drizzle/schema/texts";
import { pgTable } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";

const { column } = pgTable("any", { column: texts() });

describe("arrayOf", () => {
  test.each<[string, string[], string]>([
    ["none", [], "{}"],
    ["a comma", ["a,b", "c"], '{"a,b","c"}'],
    ["braces", ["{a}", "{"], '{"{a}","{"}'],
    ["quotes", ['say "so"', '"'], '{"say \\"so\\"","\\""}'],
    ["backslashes", ["a\\b", "\\"], '{"a\\\\b","\\\\"}'],
    ["nothing in it", ["", " "], '{""," "}'],
    ["the word for none", ["NULL", "null"], '{"NULL","null"}'],
    ["Arabic", ["فيضان", "بحر، هائج"], '{"فيضان","بحر، هائج"}'],
  ])("%s", async (_, members, literal) => {
    expect(arrayOf(members)).toBe(literal);
    const [row] = await asOwner()`select to_json(${literal}::text::text[]) as plain`;
    expect(row?.plain).toEqual(members);
  });

  test("ids and numbers, as arrays of their own type", async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()];
    const [row] = await asOwner()`
      select to_json(${arrayOf(ids)}::text::uuid[]) as ids, to_json(${arrayOf(["7", "-8"])}::text::bigint[]) as numbers`;
    expect(row).toEqual({ ids, numbers: [7, -8] });
  });
});

describe("a column of texts", () => {
  test("keeps each member as it is, whatever it is made of, through Postgres and back", async () => {
    const member = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."\\\"',{} \nNULLaß🔥") }),
      fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 8 }), async (members) => {
        const written = column.mapToDriverValue(members) as string;
        const [row] =
          await asOwner()`select ${written}::text::text[]::text as literal, to_json(${written}::text::text[]) as plain`;
        expect(row?.plain).toEqual(members);
        expect(membersOf(row?.literal)).toEqual(members);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
