import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { Classification, Instant, Name, NameInput, Version } from "./kit/shapes.ts";
import {
  briefingSettings,
  calendarSettings,
  communicationSettings,
  postureSettings,
  readsFromAbout,
  Settings,
  signalSettings,
  usualBriefingSettings,
  usualCalendar,
  usualCommunicationSettings,
  usualPostureSettings,
  usualSignalSettings,
} from "./organisations/settings.ts";

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
    organisation_cap_unapproved: {
      status: 422,
      title: "More messages a day need an approval",
      meaning:
        "`communications.dailyMessages` is above what it is. It can only be lowered here: a higher cap is approved by somebody else. `cap` says what it is.",
      remedy: "Ask for it with `dispatches.raiseCap`, with null for `day`.",
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
      "organisation_cap_unapproved",
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
