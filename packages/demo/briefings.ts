import type { Briefing } from "@dais/contracts/briefings";
import { idOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import type { Caller } from "./calls.ts";
import { demoId } from "./fixed.ts";
import { rimal } from "./organisations.ts";
import { personas } from "./personas.ts";
import type { SignedIn } from "./signed-in.ts";

type Parts = { as: SignedIn; agent: Caller; officer: Caller };

/**
 * The duty agent drafts two briefings of the day from the gravest signals in force. The leadership's is approved by the chief of staff,
 * distributed, and read by two; the one for whoever runs the sites waits for somebody's approval. Once: whatever became of them, they are not drafted again.
 */
export async function brief({ as, agent, officer }: Parts): Promise<void> {
  const { items } = await officer.call<{ items: Briefing[] }>("briefings.list", { limit: 100 });
  if (items.length > 0) return;
  const { items: signals } = await agent.call<{ items: Signal[] }>("signals.list", {
    severity: ["extreme", "severe"],
    limit: 6,
  });
  const { id, version } = await submitted(agent, leadershipBriefing(signals));
  const reason = "Checked against the signals.";
  const approved = await as<Briefing>("chief-of-staff", "briefings.approve", { id, version, reason });
  await officer.call("briefings.distribute", { id, version: approved.version });
  for (const reader of ["chief-of-staff", "security-officer"]) await as(reader, "briefings.acknowledge", { id });
  await submitted(agent, sitesBriefing(signals.slice(0, 3)));
}

const person = (key: string): string => demoId("per", personas.find((one) => one.key === key)?.person ?? "");
const sourcesOf = (signals: readonly Signal[]) =>
  signals.map(({ id, confidence }) => ({ signalId: id, confidence, note: null }));
const common = { classification: "internal" };

function leadershipBriefing(signals: readonly Signal[]) {
  return {
    ...common,
    title: { en: "Morning briefing", ar: "إحاطة الصباح" },
    sections: [
      {
        id: "overview",
        heading: { en: "Overview", ar: "نظرة عامة" },
        body: {
          en: `The posture is **elevated**. ${signals.length} grave warnings are in force; none has reached a site of ours so far.`,
          ar: `مستوى التأهب **مرتفع**. عدد التحذيرات الجسيمة السارية ${signals.length}، ولم يصل أي منها إلى مواقعنا حتى الآن.`,
        },
      },
      warnings(signals),
      {
        id: "decisions",
        heading: { en: "For decision", ar: "للبت فيه" },
        body: {
          en: "1. Raise the posture to **high**, as the duty agent proposes.\n2. Keep the second chiller crew on site tonight.",
          ar: "1. رفع مستوى التأهب إلى **عالٍ** كما يقترح الوكيل المناوب.\n2. إبقاء فريق المبرّد الثاني في الموقع الليلة.",
        },
      },
    ],
    sources: sourcesOf(signals),
    audience: {
      roles: ["executive"],
      personIds: ["chief-executive", "chief-of-staff", "security-officer"].map(person),
    },
  };
}

function sitesBriefing(signals: readonly Signal[]) {
  return {
    ...common,
    title: { en: "Briefing for the sites", ar: "إحاطة للمواقع" },
    sections: [
      warnings(signals),
      {
        id: "to-do",
        heading: { en: "Before noon", ar: "قبل الظهر" },
        body: {
          en: "| Site | What | Until |\n| --- | --- | --- |\n| Data hall 2 | Test the reserve of cooling | 11:00 |\n| Yard | Clear the drains | 12:00 |",
          ar: "| الموقع | المطلوب | حتى |\n| --- | --- | --- |\n| قاعة البيانات ٢ | اختبار احتياطي التبريد | 11:00 |\n| الفناء | تنظيف المصارف | 12:00 |",
        },
      },
    ],
    sources: sourcesOf(signals),
    audience: {
      entityIds: [rimal.entities.find(({ key }) => key === "rimal-cloud")?.id ?? ""].map((id) => idOf("ent", id)),
    },
  };
}

/** A title is text from outside: what Markdown would take for a mark is written as itself. */
const plainly = (title: string): string => title.replace(/[\\`*_[\]<>|!#]/g, "\\$&");

function warnings(signals: readonly Signal[]) {
  const list = signals.map(
    ({ title, area }) => `- **${plainly(title)}**${area ? `: ${plainly(area.slice(0, 120))}` : ""}`,
  );
  return {
    id: "warnings",
    heading: { en: "Warnings in force", ar: "التحذيرات السارية" },
    body: { en: list.join("\n"), ar: null },
  };
}

async function submitted({ call }: Caller, content: object): Promise<Briefing> {
  const { id, version } = await call<Briefing>("briefings.create", content);
  return call<Briefing>("briefings.submit", { id, version });
}
