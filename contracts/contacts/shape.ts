import { z } from "zod";
import { categories, channels } from "../dispatches/values.ts";
import { typeId } from "../kit/ids.ts";
import { Instant, Version } from "../kit/shapes.ts";
import { PersonId } from "../person.ts";

const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be a time of day: 21:30.")
  .meta({ example: "21:30" });
const some = z.array(z.enum(channels)).max(channels.length);
const hours = { from: TimeOfDay, to: TimeOfDay.describe("On the next day where it is earlier.") };
const about = {
  channels:
    "For each category, the channels that may be used; a category left out: all of them. An urgent posture may override it.",
  quietHours:
    "When nothing is sent that can wait, in the person's own time zone. An urgent posture may override it. Null: never.",
};

/** What somebody may say of how they want to be reached. */
export const choices = {
  channels: z
    .partialRecord(z.enum(categories), some)
    .refine(
      (chosen) => Object.values(chosen).every((list) => new Set(list).size === list.length),
      "Must name each channel once.",
    )
    .describe(about.channels),
  quietHours: z
    .strictObject(hours)
    .refine(({ from, to }) => from !== to, "Must not begin when they end.")
    .nullable()
    .describe(about.quietHours),
};

/** How a person wants to be reached. */
export const ContactPreferences = z
  .object({
    personId: PersonId,
    channels: z.partialRecord(z.enum(categories), some).describe(about.channels),
    quietHours: z.object(hours).nullable().describe(about.quietHours),
    version: Version.describe("1: nothing was ever said."),
    updatedAt: Instant.nullable().describe("Null: nothing was ever said."),
  })
  .meta({ id: "ContactPreferences", description: "How somebody wants to be reached." });
export type ContactPreferences = z.infer<typeof ContactPreferences>;

export const optOutSources = ["reply", "vendor", "complaint"] as const;

export const OptOutId = typeId("opt");

export const OptOut = z
  .object({
    id: OptOutId,
    channel: z.enum(channels),
    address: z.string().max(320).describe("Shortened, but for who may see people's addresses."),
    source: z
      .enum(optOutSources)
      .describe("`reply`: they wrote STOP. `vendor`: it refuses to send there. `complaint`: they called it spam."),
    at: Instant,
    endedAt: Instant.nullable().describe("They came back, or somebody opened the channel again."),
  })
  .meta({ id: "ChannelOptOut", description: "An address that a channel must not be used for any more." });
export type OptOut = z.infer<typeof OptOut>;
