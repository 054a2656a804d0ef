import type { Action } from "@dais/contracts/actions";
import type { BriefingSummary } from "@dais/contracts/briefings";
import type { PostureChange } from "@dais/contracts/posture";
import type { Caller } from "./calls.ts";
import { demoId } from "./fixed.ts";
import { personas } from "./personas.ts";

/** Something that the demo's people see to on the day on which it is loaded. */
type Wanted = {
  /** Who asks for it, and who sees to it, by their keys. */
  by: "chief-of-staff" | "security-officer";
  owner: string;
  deputies?: string[];
  watchers?: string[];
  title: string;
  details?: string;
  priority: Action["priority"];
  classification: string;
  /** In so many days; null: no hurry. */
  due: number | null;
  /** How the title of the signal begins that it comes of; or that it comes of what is proposed of the posture, or of what the leadership was briefed on. */
  source?: { signal: string } | "posture" | "briefing";
  /** What is said is done of it, by the operations officer where nobody else is named. */
  to?: Extract<Action["state"], "in_progress" | "blocked" | "done" | "cancelled">;
  why?: string;
  steps?: string[];
  evidence?: string;
};

/** What is due on the first day is overdue from the next one on. */
export const wantedActions: readonly Wanted[] = [
  {
    ...{
      by: "chief-of-staff",
      owner: "operations-officer",
      deputies: ["administrator"],
      watchers: ["chief-executive"],
    },
    ...{ title: "Bring the spare chiller to data hall 2", priority: "urgent", classification: "confidential", due: 0 },
    details: "The hall runs on one chiller; its reserve lasts four hours.",
    ...{ source: { signal: "Cooling fault" }, to: "in_progress" },
    steps: ["Call the supplier", "Book the crane", "Tell the customers of the hall"],
  },
  {
    ...{ by: "chief-of-staff", owner: "operations-officer", priority: "high", classification: "internal", due: 0 },
    ...{ title: "إصلاح كابل الألياف غرب المدينة", source: { signal: "انقطاع جزئي" }, to: "blocked" },
    why: "ننتظر تصريح الحفر من البلدية.",
  },
  {
    ...{ by: "security-officer", owner: "administrator", priority: "urgent", classification: "secret", due: 0 },
    ...{
      title: "Reset the passwords of the accounts that were tried",
      source: { signal: "Sign-in attempts" },
      to: "done",
    },
    evidence: "https://identity.rimal.example/reports/2026-01-06",
  },
  {
    ...{ by: "security-officer", owner: "security-officer", priority: "high", classification: "secret", due: 1 },
    ...{ title: "Shut both networks out at the edge", source: { signal: "Sign-in attempts" } },
    steps: ["First network", "Second network", "Watch the log for an hour"],
  },
  {
    ...{ by: "chief-of-staff", owner: "operations-officer", priority: "high", classification: "internal", due: 0 },
    ...{ title: "Ask the supplier how its data centre holds in the wind", source: { signal: "High Wind Warning" } },
  },
  {
    ...{ by: "chief-of-staff", owner: "chief-of-staff", priority: "normal", classification: "internal", due: 0 },
    ...{
      title: "Tell staff in the flood areas to work from home",
      source: { signal: "Flash Flood Warning" },
      to: "done",
    },
    evidence: "https://news.rimal.example/staff/weather",
  },
  {
    ...{ by: "chief-of-staff", owner: "security-officer", deputies: ["operations-officer"], priority: "high" },
    ...{ title: "Prepare the duty roster for a high posture", source: "posture", due: 1 },
    classification: "confidential",
  },
  {
    ...{ by: "chief-of-staff", owner: "operations-officer", watchers: ["chief-executive"], priority: "high", due: 0 },
    ...{ title: "Keep the second chiller crew on site tonight", classification: "internal", source: "briefing" },
    details: "From this morning's briefing, for decision.",
    ...{ to: "in_progress", steps: ["Ask the crew", "Book their rooms", "Tell the site's gate"] },
  },
  {
    ...{ by: "chief-of-staff", owner: "chief-of-staff", watchers: ["chief-executive"], priority: "high", due: 0 },
    ...{ title: "Brief the chief executive at eleven", classification: "confidential", to: "in_progress" },
  },
  {
    ...{ by: "chief-of-staff", owner: "finance-controller", priority: "normal", classification: "internal", due: 7 },
    title: "Set aside a budget for emergency power",
  },
  {
    ...{ by: "chief-of-staff", owner: "administrator", priority: "low", classification: "internal", due: null },
    title: "Go through the access list of data hall 2",
  },
  {
    ...{ by: "chief-of-staff", owner: "operations-officer", priority: "low", classification: "internal", due: 2 },
    ...{ title: "Show guests around data hall 2", to: "cancelled", why: "The guests have called it off." },
  },
  {
    ...{ by: "chief-of-staff", owner: "finance-controller", priority: "normal", classification: "internal", due: 3 },
    ...{ title: "Get three offers for a second chiller", to: "in_progress" },
    steps: ["Ask for offers", "Compare them"],
  },
];

/**
 * Has the demo's people ask for what is to be done, and do some of it. What is there already goes on from where it is.
 * @param today The day that it is in the organisation
 */
export async function loadActions(callerOf: (key: string) => Caller, today: string): Promise<void> {
  const reader = callerOf("chief-of-staff");
  const there = new Map<string, Action>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page = await reader.call("actions.list", { limit: 100, ...(cursor ? { cursor } : {}) });
    for (const action of page.items) there.set(action.title, action);
    cursor = page.nextCursor;
  }
  for (const wanted of wantedActions) {
    const caller = callerOf(wanted.by);
    const action = there.get(wanted.title) ?? (await made(caller, wanted, today));
    if (action.state === "open") await settled(caller, action, wanted);
  }
}
type Page = { items: Action[]; nextCursor: string | null };

async function made(caller: Caller, wanted: Wanted, today: string): Promise<Action> {
  const { owner, deputies = [], title, details = "", priority, classification, due } = wanted;
  const dueDay = due === null ? null : dayAfter(today, due);
  const source = await sourceOf(caller, wanted.source);
  const people = { ownerId: personId(owner), deputyIds: deputies.map(personId) };
  return caller.call("actions.create", { title, details, priority, classification, dueDay, source, ...people });
}

async function sourceOf(caller: Caller, source: Wanted["source"]): Promise<Action["source"]> {
  if (source === undefined) return null;
  if (source === "posture") {
    const { items } = await caller.call<{ items: PostureChange[] }>("posture.changes", { limit: 1 });
    return items[0] ? { type: "posture", id: items[0].id } : null;
  }
  if (source === "briefing") {
    const { items } = await caller.call<{ items: BriefingSummary[] }>("briefings.list", {
      state: "distributed",
      limit: 1,
    });
    return items[0] ? { type: "briefing", id: items[0].id } : null;
  }
  for (const [id, title] of await caller.titles()) if (title.startsWith(source.signal)) return { type: "signal", id };
  return null;
}

async function settled({ call }: Caller, { id }: Action, { to, why, steps = [], evidence, watchers = [] }: Wanted) {
  const { items } = await call<{ items: { id: string; text: string }[] }>("actions.checklist", { id });
  for (const text of steps.filter((text) => !items.some((item) => item.text === text))) {
    const item = await call<{ id: string }>("actions.addItem", { id, text });
    if (text === steps[0] && to) await call("actions.tick", { id, itemId: item.id });
  }
  for (const key of watchers) await call("actions.watch", { id, personId: personId(key) });
  if (evidence) await call("actions.addEvidence", { id, url: evidence });
  const event = to && ({ in_progress: "start", blocked: "block", done: "complete", cancelled: "cancel" } as const)[to];
  if (event) await call(`actions.${event}`, { id, version: 1, ...(why && { reason: why }) });
}

function personId(key: string): string {
  const persona = personas.find((one) => one.key === key);
  if (!persona) throw new Error(`the demo has nobody called ${key}`);
  return demoId("per", persona.person);
}

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
