import { z } from "zod";
import { PolicyInput } from "../dispatches/policy.ts";
import { channels } from "../dispatches/values.ts";
import { typeId } from "../kit/ids.ts";
import { MoneyInput } from "../kit/money.ts";
import { Classification, Day, Name } from "../kit/shapes.ts";
import { ContentSid } from "../messageTemplates/shape.ts";

export const signalSettings = {
  raiseAfterMinutes: z
    .int()
    .min(1)
    .max(129_600)
    .describe("An acknowledged signal that nobody touches for so long becomes new again."),
  reviewBelow: z
    .number()
    .min(0)
    .max(1)
    .describe("An assessment by an agent that is less sure than this wants a person's look."),
  signers: z
    .array(
      z.strictObject({
        sender: z.string().min(1).max(500).describe("As alerts have it in `sender`, to the letter."),
        key: z
          .string()
          .max(10_000)
          .regex(/^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[\sA-Za-z0-9+/=]+-----END (CERTIFICATE|PUBLIC KEY)-----\s*$/)
          .describe(
            "A certificate or public key in PEM: RSA of at least 2048 bits. Only the key counts, not its dates or issuer.",
          ),
      }),
    )
    .max(100)
    .describe(
      "Who signs alerts, and with which keys; several of a sender's are tried in turn. A signed alert of a sender with keys is verified or refused; others are taken and called unverified.",
    ),
};
/** What holds where an organisation has said nothing. */
export const usualSignalSettings = {
  raiseAfterMinutes: 1440,
  reviewBelow: 0.6,
  signers: [] as { sender: string; key: string }[],
};

export const postureSettings = {
  dwellMinutes: z.int().min(0).max(10_080).describe("After a change of posture down, the next one down waits so long."),
};
/** What holds where an organisation has said nothing. */
export const usualPostureSettings = { dwellMinutes: 30 };
export const briefingSettings = {
  hour: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be a time of day: 06:30.")
    .nullable()
    .describe(
      "When the day's briefing is requested, in the organisation's time zone; null: the day doesn't start by itself.",
    ),
  draftingAgentId: typeId("agt").nullable().describe("The agent that drafts it; null: a person is asked at once."),
};
/** What holds where an organisation has said nothing. */
export const usualBriefingSettings: z.infer<z.ZodObject<typeof briefingSettings>> = {
  hour: null,
  draftingAgentId: null,
};
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const once = (some: readonly string[]) => new Set(some).size === some.length;
export const calendarSettings = {
  weekend: z
    .array(z.enum(weekdays))
    .max(6)
    .refine(once, "Must name each day once.")
    .describe("The days of each week that are no working days."),
  holidays: z
    .array(Day)
    .max(400)
    .refine(once, "Must name each day once.")
    .describe("Other days that are no working days."),
};
/** What holds where an organisation has said nothing. */
export const usualCalendar: z.infer<z.ZodObject<typeof calendarSettings>> = {
  weekend: ["saturday", "sunday"],
  holidays: [],
};
const each = z.enum(channels);
const perChannel = { maxProperties: channels.length };
const prices = z.partialRecord(each, MoneyInput).refine(oneCurrency, "Must be in one currency.").meta(perChannel);
function oneCurrency(some: Partial<Record<string, { currency: string }>>): boolean {
  return new Set(Object.values(some).map((one) => one?.currency)).size <= 1;
}
export const communicationSettings = {
  dailyMessages: z
    .int()
    .min(0)
    .max(10_000_000)
    .describe(
      "How many messages a day's dispatches may come to, in its time zone. In-app and drills don't count. It can be lowered; more needs an approval: `dispatches.raiseCap`.",
    ),
  ceilings: z
    .partialRecord(each, Classification)
    .meta(perChannel)
    .describe(
      "For each channel, the highest level that it may carry: of what is above, only that there is something to read is said. A channel left out carries the lowest level. `in_app` is read signed in, and carries everything.",
    ),
  withheldContentSids: z
    .strictObject({ en: ContentSid, ar: ContentSid })
    .describe(
      "What WhatsApp has approved beforehand for saying that there is something to read, where the text is above its ceiling: of the variables `organisation` and `link`. Null: the other language's; with neither, only who wrote to it within 24 hours is told so there.",
    ),
  prices: prices
    .nullable()
    .describe(
      "What a message costs on each channel, for SMS per segment; null: unknown. A channel left out costs nothing.",
    ),
  quietEndsAt: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/)
    .nullable()
    .describe(
      "From this level of posture on, people's quiet hours and the channels that they chose don't count; null: they always do. What they opted out of always does.",
    ),
  briefing: z
    .strictObject({
      templateId: typeId("mtp").describe("It may name the variables `day` and `title`, and no others."),
      policy: PolicyInput,
    })
    .nullable()
    .describe(
      "How those whom a briefing is distributed to are told, with its PDF where the channel may carry it; null: they find it in the portal.",
    ),
};
/** What holds where an organisation has said nothing. */
export const usualCommunicationSettings: z.infer<z.ZodObject<typeof communicationSettings>> = {
  dailyMessages: 2000,
  ceilings: {},
  withheldContentSids: { en: null, ar: null },
  prices: null,
  quietEndsAt: null,
  briefing: null,
};

export const readsFromAbout =
  "Who is told of something at this level or above is on record in the audit log. The highest level always is; an organisation with one level has none to tell apart.";
/**
 * The level from which reads are kept on record, where an organisation has said nothing: the second highest, but never the lowest, which
 * is everything; null where there is one level only.
 */
export const readsFrom = ({ classifications, audit }: Pick<KeptSettings, "classifications" | "audit">): string | null =>
  audit?.readsFrom ?? classifications[Math.max(1, classifications.length - 2)]?.key ?? null;

export const Settings = z
  .object({
    classifications: z
      .array(z.object({ key: Classification, name: Name }))
      .min(1)
      .max(10)
      .describe("The levels of classification, lowest first."),
    languages: z
      .array(z.enum(["en", "ar"]))
      .min(1)
      .max(2)
      .refine((some) => new Set(some).size === some.length, "Must name each language once.")
      .describe("The first is the default."),
    signals: z.object(signalSettings).describe("How signals are looked after."),
    posture: z.object(postureSettings).describe("How the posture changes."),
    briefing: z.object(briefingSettings).describe("How the day starts."),
    calendar: z.object(calendarSettings).describe("Which days count as working days, in its time zone."),
    communications: z.object(communicationSettings).describe("What may be sent, over which channels."),
    audit: z
      .object({ readsFrom: Classification.nullable().describe(readsFromAbout) })
      .describe("What the audit log keeps beside changes and refusals."),
  })
  .meta({ id: "OrganisationSettings" });
export type Settings = z.infer<typeof Settings>;
/** Settings as they are kept: what came later may be missing in those of an older organisation. */
export type KeptSettings = Omit<
  Settings,
  "signals" | "posture" | "briefing" | "calendar" | "communications" | "audit"
> & {
  signals?: Partial<Settings["signals"]>;
  posture?: Partial<Settings["posture"]>;
  briefing?: Partial<Settings["briefing"]>;
  calendar?: Partial<Settings["calendar"]>;
  communications?: Partial<Settings["communications"]>;
  audit?: Partial<Settings["audit"]>;
};
