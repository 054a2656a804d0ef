import { z } from "zod";
import { PolicyInput } from "./dispatches/policy.ts";
import { channels } from "./dispatches/values.ts";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { MoneyInput } from "./kit/money.ts";
import { capability, router } from "./kit/operation.ts";
import { Classification, Day, Instant, Name, NameInput, Version } from "./kit/shapes.ts";

const { query, command, events } = capability({
  name: "organisations",
  title: "Organisations",
  about:
    "The organisation that the caller belongs to, and its settings. Another organisation does not exist for the caller.",
  permissions: {
    "organisation.read": "See the organisation and its settings.",
    "organisation.update": "Change the organisation's name and settings.",
  },
  problems: {
    organisation_not_found: {
      status: 404,
      title: "No such organisation",
      meaning: "There is no organisation with this id, or it is not the caller's.",
      remedy: "Ask `organisations.current` for the caller's own.",
    },
    organisation_changed: {
      status: 412,
      title: "The organisation has changed since",
      meaning:
        "Somebody changed the organisation after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read it again, and decide again.",
    },
    organisation_signer_invalid: {
      status: 422,
      title: "A signer's key can't be used",
      meaning:
        "A key of `signals.signers` can't be read, or is none that signatures are checked with. `position` says which, and `reason` why.",
      remedy: "Give the sender's certificate or public key in PEM: RSA of at least 2048 bits.",
    },
    organisation_level_unknown: {
      status: 422,
      title: "No such level",
      meaning: "The organisation has no level of classification with the key that a setting names.",
      remedy: "Take one of `settings.classifications`.",
    },
    organisation_template_unfit: {
      status: 422,
      title: "No template for briefings",
      meaning:
        "There is no message template with the id that `communications.briefing` names, or it was retired, or it names another variable than `day` and `title`.",
      remedy: "List message templates, and take or make one that fits.",
    },
  },
  events: {
    "organisation.updated": event({
      about: "The organisation's name or settings changed.",
      version: 1,
      permission: "organisation.read",
      payload: idPayload("org"),
      example: { id: "org_01kejc8ht0e6ssypg6m30swm9a" },
    }),
  },
});
export type OrganisationEvents = typeof events;

export const OrganisationId = typeId("org");

/** An IANA time zone that this server knows. */
export const TimeZone = z
  .string()
  .max(60)
  .refine((zone) => zone.includes("/") && knows(zone), "Must be an IANA time zone, for example Asia/Dubai.")
  .meta({ description: "IANA time zone. Calendar days are days in it.", example: "Asia/Dubai" });

function knows(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
}

const signalSettings = {
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

const postureSettings = {
  dwellMinutes: z.int().min(0).max(10_080).describe("After a change of posture down, the next one down waits so long."),
};
/** What holds where an organisation has said nothing. */
export const usualPostureSettings = { dwellMinutes: 30 };
const briefingSettings = {
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
const calendarSettings = {
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
const communicationSettings = {
  dailyMessages: z
    .int()
    .min(0)
    .max(10_000_000)
    .describe("How many messages a day's dispatches may come to, in its time zone. In-app and drills don't count."),
  ceilings: z
    .partialRecord(each, Classification)
    .meta(perChannel)
    .describe(
      "For each channel, the highest level that it may carry: of what is above, only that there is something to read is said. A channel left out carries the lowest level. `in_app` is read signed in, and carries everything.",
    ),
  prices: prices
    .nullable()
    .describe("What a message costs on each channel; null: unknown. A channel left out costs nothing."),
  quietEndsAt: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/)
    .nullable()
    .describe("From this level of posture on, people's quiet hours don't count; null: they always do."),
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
  prices: null,
  quietEndsAt: null,
  briefing: null,
};

const readsFromAbout =
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

export const Organisation = z
  .object({
    id: OrganisationId,
    slug: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,39}$/)
      .describe("Its short name, part of every API key's text. Never changes."),
    name: Name,
    timeZone: TimeZone,
    settings: Settings,
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Organisation" });

const example = {
  id: "org_01kejc8ht0e6ssypg6m30swm9a",
  slug: "rimal",
  name: { en: "Rimal Holding", ar: "رمال القابضة" },
  timeZone: "Asia/Dubai",
  settings: {
    classifications: [
      { key: "public", name: { en: "Public", ar: "عام" } },
      { key: "internal", name: { en: "Internal", ar: "داخلي" } },
      { key: "confidential", name: { en: "Confidential", ar: "سري" } },
      { key: "secret", name: { en: "Secret", ar: "سري للغاية" } },
    ],
    languages: ["en", "ar"],
    signals: usualSignalSettings,
    posture: usualPostureSettings,
    briefing: usualBriefingSettings,
    calendar: usualCalendar,
    communications: usualCommunicationSettings,
    audit: { readsFrom: "confidential" },
  },
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};

export const organisations = router({
  current: query({
    rest: "GET /organisations/current",
    summary: "Read the caller's own organisation",
    permission: "organisation.read",
    input: z.strictObject({}),
    output: Organisation,
    examples: [{ title: "The caller's organisation", input: {}, output: example }],
  }),
  get: query({
    rest: "GET /organisations/{id}",
    summary: "Read one organisation",
    permission: "organisation.read",
    problems: ["organisation_not_found"],
    input: z.strictObject({ id: OrganisationId }),
    output: Organisation,
    examples: [{ title: "One organisation", input: { id: example.id }, output: example }],
  }),
  update: command({
    rest: "PATCH /organisations/{id}",
    summary: "Change the organisation's name, time zone, languages or settings",
    permission: "organisation.update",
    problems: [
      "organisation_not_found",
      "organisation_changed",
      "organisation_signer_invalid",
      "organisation_level_unknown",
      "organisation_template_unfit",
    ],
    mcp: false,
    input: z.strictObject({
      id: OrganisationId,
      version: Version,
      name: NameInput.optional(),
      timeZone: TimeZone.optional(),
      languages: Settings.shape.languages.optional().describe("The first is the default."),
      signals: z.strictObject(signalSettings).partial().optional().describe("What is left out stays as it is."),
      posture: z.strictObject(postureSettings).partial().optional().describe("What is left out stays as it is."),
      briefing: z.strictObject(briefingSettings).partial().optional().describe("What is left out stays as it is."),
      calendar: z
        .strictObject(calendarSettings)
        .partial()
        .optional()
        .describe("What is left out stays as it is. Terms that run already end as they were set."),
      communications: z
        .strictObject(communicationSettings)
        .partial()
        .optional()
        .describe("What is left out stays as it is. Dispatches that were made already stay as they are."),
      audit: z
        .strictObject({ readsFrom: Classification.describe(readsFromAbout) })
        .partial()
        .optional()
        .describe("What is left out stays as it is. It holds for all calls within a minute."),
    }),
    output: Organisation,
    examples: [
      {
        title: "Another time zone",
        input: { id: example.id, version: 1, timeZone: "Asia/Riyadh" },
        output: { ...example, timeZone: "Asia/Riyadh", version: 2 },
      },
    ],
  }),
});
