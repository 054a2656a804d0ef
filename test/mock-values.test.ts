import { operations } from "@dais/contracts";
import { Figure } from "@dais/contracts/kit/figure";
import { typeId } from "@dais/contracts/kit/ids";
import { Money } from "@dais/contracts/kit/money";
import { Classification, Day, Instant, Name, Version } from "@dais/contracts/kit/shapes";
import { TimeZone } from "@dais/contracts/organisations";
import { schemaOf } from "@dais/mock/schema";
import { value } from "@dais/mock/values";
import { worldOf } from "@dais/mock/world";
import fc from "fast-check";
import { describe, test } from "vitest";
import { z } from "zod";
import { now } from "./support/mock.ts";

/** Schemas as a contract may have them, one inside another. */
const { schema } = fc.letrec<{ schema: z.ZodType; leaf: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthIdentifier: "schema" },
    tie("leaf"),
    fc
      .dictionary(fc.constantFrom("id", "name", "title", "state", "dueAt", "body", "version", "items"), tie("schema"))
      .map((of) => z.object(of)),
    tie("schema").map((of) => of.nullable()),
    fc.tuple(tie("schema"), fc.nat(2), fc.nat(3)).map(([of, min, more]) =>
      z
        .array(of)
        .min(min)
        .max(min + more),
    ),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((of) => z.union(of)),
  ),
  leaf: fc.oneof(
    fc.constantFrom<z.ZodType>(
      z.boolean(),
      z.null(),
      Instant,
      Day,
      Version,
      Money,
      Name,
      Figure,
      typeId("sig"),
      Classification,
    ),
    fc.constantFrom<z.ZodType>(
      z.email(),
      z.uuid(),
      z.url(),
      z.iso.time(),
      z.iso.duration(),
      z.ipv4(),
      z.base64(),
      z.unknown(),
      TimeZone,
    ),
    fc.tuple(fc.nat(30), fc.nat(30)).map(([min, more]) =>
      z
        .string()
        .min(min)
        .max(min + more),
    ),
    fc.tuple(fc.integer(), fc.nat()).map(([min, more]) =>
      z
        .int()
        .min(min)
        .max(min + more),
    ),
    fc.tuple(fc.integer(), fc.nat(1e6)).map(([min, more]) =>
      z
        .number()
        .min(min / 100)
        .max(min / 100 + more + 0.1),
    ),
    fc
      .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -1e6, max: 1e6 }))
      .map(([step, min]) => z.int().multipleOf(step).min(min)),
    fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 1 }).map((some) => z.enum(some as [string])),
    fc.constantFrom(/^[A-Z]{2}\d{3}$/, /^(north|south)-\d+$/, /^[0-9a-f]{64}$/).map((form) => z.string().regex(form)),
  ),
}));

describe("a made-up value", () => {
  test("fits its schema, whatever that is", () => {
    const world = worldOf(operations, "one", now);
    fc.assert(
      fc.property(schema, fc.string(), (of, key) => {
        const place = { world, key, kind: null, path: [], n: key.length, born: now.getTime(), fresh: true, depth: 0 };
        of.parse(value(schemaOf(of), place));
      }),
      { seed: 20260106, numRuns: 300 },
    );
  });
});
