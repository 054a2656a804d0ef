import type { entityKinds } from "@dais/contracts/entities";
import type { KeptSettings } from "@dais/contracts/organisations/settings";
import { permissionsOf } from "@dais/contracts/roles/builtIn";
import { tids } from "./directory.ts";
import { demoUuid, founded, minutes } from "./fixed.ts";
import { type Persona, personas } from "./personas.ts";

type Name = { en: string; ar: string };
type EntityRow = { id: string; key: string; name: Name; kind: (typeof entityKinds)[number]; parent: string | null };
type KeyRow = Pick<Persona, "key" | "clearance" | "permissions" | "id"> & { name: string; agentOf?: string };
type PostureRow = { id: string; entity: string | null; level: Level; reason: string; since: Date; source: string };

type PersonRow = Pick<
  Persona,
  "key" | "name" | "clearance" | "roles" | "email" | "phone" | "manager" | "oid" | "person"
> & {
  entity: string | null;
  tid: string;
};
type GroupRow = {
  id: string;
  name: Name;
  about: string;
  /** Keys of people, and ids of groups. */
  owner: string;
  people: readonly string[];
  groups: readonly string[];
};

/** What is there of an organisation before anything happens. */
export type Organisation = {
  id: string;
  slug: string;
  name: Name;
  timeZone: string;
  entities: readonly EntityRow[];
  /** Who made the keys, by the key of one of them. */
  administrator: string;
  keys: readonly KeyRow[];
  posture: readonly PostureRow[];
  /** Whose sign-ins it takes, and which of their app roles mean the roles of the same keys. */
  directories: readonly { tid: string; makesPeople: boolean }[];
  appRoles: readonly string[];
  people: readonly PersonRow[];
  groups: readonly GroupRow[];
};

/** Four levels of classification, lowest first. */
export const settings: KeptSettings = {
  classifications: [
    { key: "public", name: { en: "Public", ar: "عام" } },
    { key: "internal", name: { en: "Internal", ar: "داخلي" } },
    { key: "confidential", name: { en: "Confidential", ar: "سري" } },
    { key: "secret", name: { en: "Secret", ar: "سري للغاية" } },
  ],
  languages: ["en", "ar"],
};

/** Levels of posture, calmest first: a level's rank is its place. */
export const levels = ["normal", "elevated", "high", "critical"] as const;
type Level = (typeof levels)[number];

const ent = (last: string) => demoUuid("ent", last);
const company = (last: string, key: string, en: string, ar: string): EntityRow => {
  return { id: ent(last), key, name: { en, ar }, kind: "company", parent: ent("9a") };
};

/** A government-backed technology holding: one holding at the top, three companies below it. */
export const rimal: Organisation = {
  id: demoUuid("org", "9a"),
  slug: "rimal",
  name: { en: "Rimal Holding", ar: "رمال القابضة" },
  timeZone: "Asia/Dubai",
  entities: [
    {
      id: ent("9a"),
      key: "rimal-holding",
      name: { en: "Rimal Holding", ar: "رمال القابضة" },
      kind: "holding",
      parent: null,
    },
    company("9b", "rimal-cloud", "Rimal Cloud", "رمال كلاود"),
    company("9c", "rimal-networks", "Rimal Networks", "رمال للشبكات"),
    company("9d", "rimal-security", "Rimal Security", "رمال للأمن السيبراني"),
  ],
  administrator: "administrator",
  keys: [
    ...personas.map((persona) => ({ ...persona, name: `${persona.role.en}: ${persona.name.en}` })),
    {
      key: "agent",
      name: "Duty agent",
      permissions: permissionsOf("agent"),
      clearance: "internal",
      id: "a1",
      agentOf: "operations-officer",
    },
    {
      key: "integration",
      name: "Weather importer",
      permissions: ["signal.ingest", "signal.read"],
      clearance: "internal",
      id: "9d",
    },
  ],
  posture: [
    { id: "9a", entity: null, level: "normal", reason: "Nothing unusual.", since: founded, source: "operations room" },
    {
      id: "9c",
      entity: null,
      level: "elevated",
      reason: "Severe weather over two sites.",
      since: minutes(30),
      source: "operations room",
    },
    { id: "b1", entity: ent("9b"), level: "normal", reason: "Nothing unusual.", since: founded, source: "Rimal Cloud" },
    {
      id: "b2",
      entity: ent("9b"),
      level: "high",
      reason: "Data hall 2 runs on its reserve of cooling.",
      since: minutes(-50),
      source: "Rimal Cloud",
    },
    {
      id: "b3",
      entity: ent("9b"),
      level: "elevated",
      reason: "One of two chillers is back.",
      since: minutes(75),
      source: "Rimal Cloud",
    },
  ],
  directories: [{ tid: tids.rimal, makesPeople: true }],
  appRoles: ["executive", "operational", "approver", "admin", "auditor", "integration"],
  people: personas.map((persona) => ({ ...persona, tid: tids.rimal })),
  groups: [
    {
      id: "9a",
      name: { en: "Crisis team", ar: "فريق الأزمات" },
      about: "Who is called when something happens that can't wait.",
      owner: "administrator",
      people: ["operations-officer", "security-officer"],
      groups: ["9b"],
    },
    {
      id: "9b",
      name: { en: "Executive committee", ar: "اللجنة التنفيذية" },
      about: "Meets every Monday.",
      owner: "chief-of-staff",
      people: ["chief-executive", "chief-of-staff", "finance-controller"],
      groups: [],
    },
    {
      id: "9c",
      name: { en: "Everybody at head office", ar: "كل من في المكتب الرئيسي" },
      about: "For announcements.",
      owner: "chief-of-staff",
      people: ["administrator", "auditor"],
      groups: ["9a", "9b"],
    },
  ],
};

/** Another organisation, which does not exist for the first one's callers. */
export const falak: Organisation = {
  id: demoUuid("org", "fa"),
  slug: "falak",
  name: { en: "Falak Space", ar: "فلك للفضاء" },
  timeZone: "Asia/Riyadh",
  entities: [
    {
      id: ent("fa"),
      key: "falak-orbit",
      name: { en: "Falak Orbit", ar: "فلك للمدارات" },
      kind: "company",
      parent: null,
    },
  ],
  administrator: "falak",
  keys: [
    {
      key: "falak",
      name: "Operations desk",
      permissions: ["organisation.read", "entity.read", "signal.read", "posture.read", "signal.ingest"],
      clearance: "secret",
      id: "fa",
    },
  ],
  posture: [
    { id: "fa", entity: null, level: "normal", reason: "Nothing unusual.", since: founded, source: "operations desk" },
  ],
  // The first one's auditor looks after this one, too: she is here already, and nobody else of her directory gets in.
  directories: [
    { tid: tids.falak, makesPeople: true },
    { tid: tids.rimal, makesPeople: false },
  ],
  appRoles: ["auditor"],
  people: personas
    .filter(({ key }) => key === "auditor")
    .map((persona) => ({ ...persona, tid: tids.rimal, person: "fa", entity: null, manager: null })),
  groups: [],
};
