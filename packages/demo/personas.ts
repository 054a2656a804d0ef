import { permissions } from "@dais/contracts";
import { demoKeyText } from "./fixed.ts";

type Name = { en: string; ar: string };

/** A person of the demo organisation. */
export type Persona = {
  /** How the demo speaks of the person, for example `operations-officer`. */
  key: string;
  name: Name;
  role: Name;
  /** Key of the entity to which the person belongs. */
  entity: string;
  /** Highest classification level that exists for the person. */
  clearance: string;
  permissions: readonly string[];
  /** The last two characters of the fixed id of the person's API key. */
  id: string;
};

const reads = ["organisation.read", "entity.read", "signal.read", "posture.read"];
const handles = ["signal.ingest", "signal.acknowledge", "signal.dismiss", "signal.escalate"];

/** The seven people of the demo organisation "rimal". */
export const personas: readonly Persona[] = [
  {
    key: "chief-executive",
    name: { en: "Mariam Al Suwaidi", ar: "مريم السويدي" },
    role: { en: "Chief executive", ar: "الرئيسة التنفيذية" },
    entity: "rimal-holding",
    clearance: "secret",
    permissions: reads,
    id: "p1",
  },
  {
    key: "chief-of-staff",
    name: { en: "Yousef Haddad", ar: "يوسف حداد" },
    role: { en: "Chief of staff", ar: "رئيس مكتب الرئيسة التنفيذية" },
    entity: "rimal-holding",
    clearance: "secret",
    permissions: [...reads, "signal.acknowledge", "signal.escalate"],
    id: "p2",
  },
  {
    key: "operations-officer",
    name: { en: "Layla Al Marri", ar: "ليلى المري" },
    role: { en: "Operations officer", ar: "مسؤولة العمليات" },
    entity: "rimal-cloud",
    clearance: "confidential",
    permissions: [...reads, ...handles],
    id: "p3",
  },
  {
    key: "finance-controller",
    name: { en: "Omar Farouk", ar: "عمر فاروق" },
    role: { en: "Finance controller", ar: "المراقب المالي" },
    entity: "rimal-holding",
    clearance: "internal",
    permissions: reads,
    id: "p4",
  },
  {
    key: "security-officer",
    name: { en: "Noura Al Ketbi", ar: "نورة الكتبي" },
    role: { en: "Security officer", ar: "مسؤولة الأمن" },
    entity: "rimal-security",
    clearance: "secret",
    permissions: [...reads, ...handles],
    id: "p5",
  },
  {
    key: "administrator",
    name: { en: "Daniel Mathew", ar: "دانيال ماثيو" },
    role: { en: "Administrator", ar: "مدير النظام" },
    entity: "rimal-holding",
    clearance: "secret",
    permissions: Object.keys(permissions),
    id: "9e",
  },
  {
    key: "auditor",
    name: { en: "Hessa Al Falasi", ar: "حصة الفلاسي" },
    role: { en: "Auditor", ar: "المدققة" },
    entity: "rimal-holding",
    clearance: "secret",
    permissions: [...reads, "api_key.read"],
    id: "p7",
  },
];

/** The text of the API key that a holder has: a persona, `agent`, `integration`, or `falak`. */
export const keyOf = (holder: string): string => demoKeyText(holder === "falak" ? "falak" : "rimal", holder);
