import { z } from "zod";
import { line, Name, NameInput } from "../kit/shapes.ts";
import { command, query } from "./capability.ts";

/** A level's key. */
export const LevelKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/)
  .describe(
    "Key of a level. The levels are the organisation's own; the default is normal < elevated < high < critical.",
  );
export const Rank = z.int().min(0).max(100).describe("The level's place in the order: 0 is the calmest.");

export const Level = z
  .object({
    key: LevelKey,
    rank: Rank,
    name: Name,
    criteria: z
      .object({ en: line(1000), ar: line(1000).nullable() })
      .describe("When it is the right one, in the organisation's words."),
  })
  .meta({ id: "PostureLevel", description: "A level of alertness, and when it is the right one." });
export type Level = z.infer<typeof Level>;

const level = (rank: number, key: string, [en, ar]: [string, string], [when, whenAr]: [string, string]): Level => ({
  key,
  rank,
  name: { en, ar },
  criteria: { en: when, ar: whenAr },
});

/** What holds where an organisation has no levels of its own. */
export const usualLevels: readonly Level[] = [
  level(0, "normal", ["Normal", "عادي"], ["Nothing unusual is going on.", "لا شيء غير معتاد."]),
  level(1, "elevated", ["Elevated", "مرتفع"], ["Something may come to concern us.", "قد يطرأ ما يعنينا."]),
  level(
    2,
    "high",
    ["High", "عالٍ"],
    ["Something concerns us, and work is at risk.", "طرأ ما يعنينا والعمل معرض للخطر."],
  ),
  level(
    3,
    "critical",
    ["Critical", "حرج"],
    ["People, or what we can't do without, are in danger.", "الناس أو ما لا غنى عنه في خطر."],
  ),
];

const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("SHA-256 of the levels: another one where anything of them is another.");
/** Of the usual ones. */
const digest = "c6ce548976ffe249e0c11a5ec77b5c5fd4fc7c8daa29f3db873bbbca2b8551b2";
const items = usualLevels.map((one) => ({ ...one }));

export const levelOperations = {
  levels: query({
    rest: "GET /posture/levels",
    summary: "List the levels of posture, calmest first",
    permission: "posture.read",
    input: z.strictObject({}),
    output: z.object({ digest: Digest, items: z.array(Level).max(20) }),
    examples: [{ title: "The usual ones", input: {}, output: { digest, items } }],
  }),
  setLevels: command({
    rest: "PUT /posture/levels",
    summary: "Say which levels of posture there are, and what they mean",
    description:
      "All of them, calmest first. A level that holds somewhere, or that an open proposal names, can't go. `digest` is that of the levels that the caller saw.",
    permission: "posture.set_levels",
    problems: ["posture_levels_changed", "posture_level_in_force"],
    anyVersion: true,
    assurance: { mfa: true, maxAgeSeconds: 300 },
    mcp: false,
    input: z.strictObject({
      digest: Digest,
      levels: z
        .array(
          z.strictObject({
            key: LevelKey,
            name: NameInput,
            criteria: z.strictObject({ en: line(1000), ar: line(1000).nullable().default(null) }),
          }),
        )
        .min(2)
        .max(20)
        .refine((some) => new Set(some.map(({ key }) => key)).size === some.length, "Must name each level once."),
    }),
    output: z.object({
      changed: z.boolean().describe("False where they were the same already."),
      digest: Digest,
      items: z.array(Level).max(20),
    }),
    examples: [
      {
        title: "The usual ones, as they are",
        input: { digest, levels: items.map(({ rank: _, ...one }) => one) },
        output: { changed: false, digest, items },
      },
    ],
  }),
};
