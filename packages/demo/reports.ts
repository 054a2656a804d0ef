import type { SignalInput } from "@dais/contracts/signals";
import { digest } from "@dais/kernel/canonical";
import type { z } from "zod";
import { wantedActions } from "./actions.ts";
import { files } from "./alerts.ts";
import { demoId, minutes } from "./fixed.ts";
import { falak, rimal } from "./organisations.ts";

type Input = z.input<typeof SignalInput>;

/** What the demo organisation's own people report, by whose key. Each level of classification has one. */
export const reports: Record<string, Input[]> = {
  "operations-officer": [
    report("rimal.operations", "OPS-1041", {
      title: "Cooling fault in data hall 2",
      body: "One of two chillers has stopped. The hall runs on the other one; its reserve lasts four hours.",
      severity: "severe",
      category: "infra",
      classification: "confidential",
      entityId: demoId("ent", "9b"),
      area: "Data hall 2",
      occurredAt: minutes(-50).toISOString(),
    }),
    report("rimal.operations", "OPS-1042", {
      title: "انقطاع جزئي في شبكة الألياف غرب المدينة",
      body: "قُطع كابل أثناء أعمال حفر. تعمل الخدمة عبر المسار الاحتياطي.",
      severity: "moderate",
      category: "infra",
      classification: "internal",
      entityId: demoId("ent", "9c"),
      area: "غرب المدينة",
      language: "ar",
      occurredAt: minutes(-20).toISOString(),
    }),
  ],
  "security-officer": [
    report("rimal.security", "SEC-0207", {
      title: "Sign-in attempts against the identity platform",
      body: "From two networks, with passwords of a known leak. None succeeded.",
      severity: "extreme",
      category: "security",
      classification: "secret",
      entityId: demoId("ent", "9d"),
      occurredAt: minutes(-35).toISOString(),
    }),
  ],
};

/** What the second organisation has. */
export const falakReports: Input[] = [
  report("falak.operations", "ORB-11", {
    title: "Ground station 1 on reserve power",
    severity: "moderate",
    category: "infra",
    classification: "internal",
    entityId: demoId("ent", "fa"),
    occurredAt: minutes(-90).toISOString(),
  }),
  report("falak.operations", "ORB-12", {
    title: "Close approach of two satellites",
    severity: "minor",
    category: "safety",
    classification: "secret",
    occurredAt: minutes(-60).toISOString(),
  }),
];

/**
 * The second organisation's last one: its presence says that the demo, as it is now, has been loaded to its end. When the data
 * above or an organisation changes, a database gets what it lacks with the next load.
 */
export const complete: Input = report(
  "dais.demo",
  digest([rimal, falak, reports, falakReports, files, wantedActions]).slice(0, 16),
  {
    title: "The demo data is complete",
    severity: "minor",
    category: "other",
    classification: "public",
    occurredAt: minutes(0).toISOString(),
  },
);

function report(
  source: string,
  externalId: string,
  said: Omit<Input, "source" | "externalId" | "reportedAt" | "confidence">,
): Input {
  return { source, externalId, confidence: 1, reportedAt: said.occurredAt, ...said };
}

/** What is done about a signal, and why. */
export type Decision = { id: string; to: "acknowledge" | "dismiss" | "escalate"; reason: string };

type Titled = { id: string; title: string };

/** What the operations officer has decided so far, so that every state is there. */
export function decisions(signals: readonly Titled[]): Decision[] {
  const titled = (start: string, most: number) => signals.filter(({ title }) => title.startsWith(start)).slice(0, most);
  const all = (some: Titled[], to: Decision["to"], reason = "") => some.map(({ id }) => ({ id, to, reason }));
  return [
    ...all(titled("Flash Flood Warning", 5), "acknowledge"),
    ...all(titled("EQ ", 1), "acknowledge"),
    ...all(titled("Air Quality Alert", 4), "dismiss", "None of our sites lies in the area."),
    ...all(titled("severe thunderstorm watch", 1), "dismiss", "The sender's own test."),
    ...all(titled("High Wind Warning", 1), "escalate", "A supplier's data centre lies in the area."),
    ...all(titled("Cooling fault", 1), "escalate", "The reserve lasts until noon."),
  ];
}
