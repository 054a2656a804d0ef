import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
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
};
/** What holds where an organisation has said nothing. */
export const usualSignalSettings = { raiseAfterMinutes: 1440, reviewBelow: 0.6 };

const postureSettings = {
  dwellMinutes: z.int().min(0).max(10_080).describe("After a change of posture down, the next one down waits so long."),
};
/** What holds where an organisation has said nothing. */
export const usualPostureSettings = { dwellMinutes: 30 };
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
    calendar: z.object(calendarSettings).describe("Which days count as working days, in its time zone."),
  })
  .meta({ id: "OrganisationSettings" });
export type Settings = z.infer<typeof Settings>;
/** Settings as they are kept: what came later may be missing in those of an older organisation. */
export type KeptSettings = Omit<Settings, "signals" | "posture" | "calendar"> & {
  signals?: Partial<Settings["signals"]>;
  posture?: Partial<Settings["posture"]>;
  calendar?: Partial<Settings["calendar"]>;
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
    calendar: usualCalendar,
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
    problems: ["organisation_not_found", "organisation_changed"],
    mcp: false,
    input: z.strictObject({
      id: OrganisationId,
      version: Version,
      name: NameInput.optional(),
      timeZone: TimeZone.optional(),
      languages: Settings.shape.languages.optional().describe("The first is the default."),
      signals: z.strictObject(signalSettings).partial().optional().describe("What is left out stays as it is."),
      posture: z.strictObject(postureSettings).partial().optional().describe("What is left out stays as it is."),
      calendar: z
        .strictObject(calendarSettings)
        .partial()
        .optional()
        .describe("What is left out stays as it is. Terms that run already end as they were set."),
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
