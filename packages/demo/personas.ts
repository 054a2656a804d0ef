import { permissionsOf } from "@dais/contracts/roles/builtIn";
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
  /** App roles in the directory, which mean the roles of the same keys. */
  roles: readonly string[];
  /** What the person may do by their API key: the same as by signing in. */
  permissions: readonly string[];
  email: string;
  /** Nobody's: of those that the North American plan keeps for fiction (555-0100 to 555-0199). The Emirates keep none. */
  phone: string;
  manager: string | null;
  /** The last two characters of the fixed id of the person's API key. */
  id: string;
  /** The same of the person. */
  person: string;
  /** Who the person is in the directory. */
  oid: string;
};

type Said = Omit<Persona, "permissions" | "email" | "phone" | "person" | "oid"> & { address: string };

/** The seven people of the demo organisation "rimal". */
export const personas: readonly Persona[] = (
  [
    {
      key: "chief-executive",
      name: { en: "Mariam Al Suwaidi", ar: "مريم السويدي" },
      role: { en: "Chief executive", ar: "الرئيسة التنفيذية" },
      entity: "rimal-holding",
      clearance: "secret",
      roles: ["executive", "approver"],
      address: "mariam.alsuwaidi",
      manager: null,
      id: "p1",
    },
    {
      key: "chief-of-staff",
      name: { en: "Yousef Haddad", ar: "يوسف حداد" },
      role: { en: "Chief of staff", ar: "رئيس مكتب الرئيسة التنفيذية" },
      entity: "rimal-holding",
      clearance: "secret",
      roles: ["operational", "approver"],
      address: "yousef.haddad",
      manager: "chief-executive",
      id: "p2",
    },
    {
      key: "operations-officer",
      name: { en: "Layla Al Marri", ar: "ليلى المري" },
      role: { en: "Operations officer", ar: "مسؤولة العمليات" },
      entity: "rimal-cloud",
      clearance: "confidential",
      roles: ["operational"],
      address: "layla.almarri",
      manager: "chief-of-staff",
      id: "p3",
    },
    {
      key: "finance-controller",
      name: { en: "Omar Farouk", ar: "عمر فاروق" },
      role: { en: "Finance controller", ar: "المراقب المالي" },
      entity: "rimal-holding",
      clearance: "internal",
      roles: ["executive", "operational"],
      address: "omar.farouk",
      manager: "chief-executive",
      id: "p4",
    },
    {
      key: "security-officer",
      name: { en: "Noura Al Ketbi", ar: "نورة الكتبي" },
      role: { en: "Security officer", ar: "مسؤولة الأمن" },
      entity: "rimal-security",
      clearance: "secret",
      roles: ["operational", "approver"],
      address: "noura.alketbi",
      manager: "chief-of-staff",
      id: "p5",
    },
    {
      key: "administrator",
      name: { en: "Daniel Mathew", ar: "دانيال ماثيو" },
      role: { en: "Administrator", ar: "مدير النظام" },
      entity: "rimal-holding",
      clearance: "secret",
      roles: ["admin"],
      address: "daniel.mathew",
      manager: "chief-of-staff",
      id: "9e",
    },
    {
      key: "auditor",
      name: { en: "Hessa Al Falasi", ar: "حصة الفلاسي" },
      role: { en: "Auditor", ar: "المدققة" },
      entity: "rimal-holding",
      clearance: "secret",
      roles: ["auditor"],
      address: "hessa.alfalasi",
      manager: null,
      id: "p7",
    },
  ] satisfies Said[]
).map(({ address, ...said }, n) => ({
  ...said,
  permissions: [...new Set(said.roles.flatMap((role) => permissionsOf(role)))],
  email: `${address}@rimal.example`,
  phone: `+1202555010${n + 1}`,
  person: `p${n + 1}`,
  oid: `d0a15000-0000-4000-8000-0000000000e${n + 1}`,
}));

/** The text of the API key that a holder has: a persona, `agent`, `integration`, or `falak`. */
export const keyOf = (holder: string): string => demoKeyText(holder === "falak" ? "falak" : "rimal", holder);
