import { z } from "zod";
import { channels, goals, mostSteps } from "./values.ts";

export const Channel = z.enum(channels);

const Step = {
  channel: Channel,
  until: z.enum(goals).describe("What this channel is given time for; the next one is tried where it doesn't come."),
  waitMinutes: z
    .int()
    .min(0)
    .max(10_080)
    .describe(
      "How long, from when it was taken; and for how long a vendor that takes nothing is tried where there is a next channel. 0: as long as it takes to hand it over, a quarter of an hour at most.",
    ),
};
const policy = {
  escalateAfterMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .nullable()
    .describe("Who hasn't acknowledged by then: their deputy of that day is told as well. Null: nobody is."),
};
export const PolicyInput = z.strictObject({
  steps: z
    .array(z.strictObject(Step))
    .min(1)
    .max(mostSteps)
    .refine((some) => new Set(some.map(({ channel }) => channel)).size === some.length, "Must name each channel once."),
  escalateAfterMinutes: policy.escalateAfterMinutes.default(null),
});
export const Policy = z
  .object({ steps: z.array(z.object(Step)).min(1).max(mostSteps), ...policy })
  .meta({ id: "DispatchPolicy", description: "Over which channels, one after the other, and for how long each." });
export type Policy = z.infer<typeof Policy>;
