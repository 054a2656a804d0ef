import { membersOf, texts } from "@dais/drizzle/schema/texts";
import { pgTable } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";

const { column } = pgTable("any", { column: texts() });

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
