import type { CapAlert } from "@dais/cap/model";
import { uuidOf } from "@dais/contracts/kit/ids";
import { type Signal, severities } from "@dais/contracts/signals";
import type { alertOutcomes } from "@dais/contracts/signals/values";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { ingest, type Result, refer } from "../ingest.ts";
import { pairsOf, waitingOf } from "./kin.ts";
import { alertsAround, attach, insertAlerts, type KnownAlert } from "./known.ts";
import { signalOf } from "./map.ts";
import { foreign, isSaying, nameOf, refersOf } from "./names.ts";
import { type Came, sameOf, type Thread, threadsOf } from "./plan.ts";
import { type Document, type Finding, few } from "./reading.ts";
import { differs, noteKept, rowOf } from "./row.ts";
import { withdraw } from "./withdraw.ts";
import { sourceOf } from "./words.ts";

/** What became of an alert. `left_out`: it is less severe than what is wanted. `signalId` is a uuid. */
export type Taken = {
  outcome: (typeof alertOutcomes)[number] | "left_out";
  signalId: string | null;
  alert: CapAlert | null;
  findings: Finding[];
};

export type Bringing = {
  /** Without it, the domain of each alert's sender. */
  source?: string;
  classification: string;
  entityId: string | null;
  /** What begins below it, and nothing is known of, is left out. */
  leastSeverity?: Signal["severity"] | null;
};

/**
 * Takes alerts in, with an answer for each, in their order. Which signals there are afterwards does not depend on the order in which
 * alerts come: an update that comes before what it updates, or a cancellation, waits for it.
 * @throws signal_classification_unknown, signal_above_clearance, signal_entity_unknown
 */
export async function take(ctx: Ctx, { found }: Document, by: Bringing): Promise<Taken[]> {
  if (!ctx.tenant.levels.includes(by.classification)) throw new Problem("signal_classification_unknown");
  if (!ctx.visible.includes(by.classification)) throw new Problem("signal_above_clearance");
  const all = found.map(({ path, alert, findings }) =>
    alert ? cameOf(ctx.newId(), by, { path, alert, findings }) : null,
  );
  const first = new Map(all.flatMap((one) => (one ? [[one.name, one] as const] : [])).reverse());
  const came = [...first.values()].reverse();
  const known = await alertsAround(
    ctx,
    [...first.keys()],
    came.flatMap(({ refers }) => refers),
    by.entityId && uuidOf(by.entityId),
  );
  if (!known) throw new Problem("signal_entity_unknown");

  const became = await takeDifferent(ctx, came, known, by);
  return found.map(({ findings }, n) => {
    const one = all[n];
    if (!one) return { outcome: "refused", signalId: null, alert: null, findings };
    const its = became.get(first.get(one.name) as Came) as Became;
    const outcome = first.get(one.name) === one ? its.outcome : "unchanged";
    return { ...its, outcome, alert: one.alert, findings: few(one.findings) };
  });
}

function cameOf(
  id: string,
  by: Bringing,
  { path, alert, findings }: { path: string; alert: CapAlert; findings: Finding[] },
): Came {
  const [name, refers] = [nameOf(by, alert), refersOf(by, alert)];
  return { id, path, alert, name, refers, sentAt: Date.parse(alert.sent), findings: [...findings] };
}

type Became = Pick<Taken, "outcome" | "signalId">;

/** The same for alerts of which no two have the same name. */
async function takeDifferent(
  ctx: Ctx,
  came: readonly Came[],
  known: readonly KnownAlert[],
  by: Bringing,
): Promise<Map<Came, Became>> {
  const everything = threadsOf(came, known);
  const threads = everything.filter((thread) => isWanted(thread, by));
  const reports = threads.flatMap((thread) => thread.reports);
  const there = new Map(known.map((one) => [one.name, one]));
  // What came first under a name is what it says.
  const inputs = reports.map(({ name, alert }) => {
    const text = there.get(name)?.text;
    const source = by.source ?? sourceOf(alert.sender);
    return signalOf(text ? (JSON.parse(text) as CapAlert) : alert, { ...by, source });
  });
  const results = reports.length > 0 ? await ingest(ctx, inputs, sameOf(threads, reports)) : [];
  const resultOf = new Map(reports.map((one, n) => [one, results[n] as Result]));

  const became = new Map<Came, Became>();
  for (const one of everything.filter((thread) => !threads.includes(thread)).flatMap(cameIn))
    became.set(one, { outcome: "left_out", signalId: null });
  for (const thread of threads) for (const [one, its] of settled(thread, resultOf, there)) became.set(one, its);
  const signalBy = new Map([
    ...known.flatMap(({ name, signalId }) => (signalId ? [[name, signalId] as const] : [])),
    ...[...became].flatMap(([{ name }, { signalId }]) => (signalId ? [[name, signalId] as const] : [])),
  ]);
  for (const one of came.filter(({ alert }) => !isSaying(alert))) {
    const spoken =
      one.alert.status === "Actual" ? one.refers.map((name) => signalBy.get(name.replace(foreign, ""))) : [];
    const outcome = there.has(one.name) ? "unchanged" : "kept";
    became.set(one, { outcome, signalId: spoken.find((id) => id !== undefined) ?? null });
  }
  const names = new Set([...there.keys(), ...came.map(({ name }) => name)]);
  for (const one of came) explain(one, names, there.get(one.name));
  const fresh = came.filter((one) => !there.has(one.name) && became.get(one)?.outcome !== "left_out");
  await keep(ctx, by, fresh, became);
  await attach(ctx, waitingOf(threads, known, came, became));
  await refer(ctx, pairsOf(fresh, known, signalBy));
  for (const thread of threads) await cancelled(ctx, thread, became);
  for (const one of fresh) if (became.get(one)?.outcome === "kept") noteKept(ctx, by, one);
  return became;
}

const cameIn = ({ reports, cancels, late, again }: Thread): Came[] => [
  ...new Set([...reports, ...cancels.flatMap(({ came }) => came ?? []), ...late, ...again]),
];

/** What nothing is known of is wanted only if any of it is severe enough; what is known, to its end. */
function isWanted({ signals, reports, waiting }: Thread, { leastSeverity }: Bringing): boolean {
  if (!leastSeverity || signals.length > 0 || waiting.length > 0 || reports.length === 0) return true;
  const rank = (one: string) => severities.indexOf(one.toLowerCase() as Signal["severity"]);
  return reports.some(({ alert }) => alert.info.some(({ severity }) => rank(severity) <= rank(leastSeverity)));
}

/** What became of the alerts of a thread, whose reports are in; its cancellations take effect when all is kept. */
function settled(
  thread: Thread,
  resultOf: ReadonlyMap<Came, Result>,
  there: ReadonlyMap<string, unknown>,
): Map<Came, Became> {
  const became = new Map<Came, Became>();
  for (const one of thread.reports)
    became.set(one, becameOf(resultOf.get(one) as Result, one.alert.msgType === "Update" && !there.has(one.name)));
  const [signalId = null] = signalsOf(thread, became);
  for (const { came } of thread.cancels) if (came) became.set(came, { outcome: "kept", signalId });
  for (const one of thread.late) {
    one.findings.push(
      finding(one, "older", "It is older than the newest message of what it speaks of: it changes nothing."),
    );
    became.set(one, { outcome: "kept", signalId });
  }
  for (const one of thread.again) became.set(one, { outcome: "unchanged", signalId });
  return became;
}

/** The signals of a thread, now that its reports are in. */
function signalsOf({ reports: [first], signals }: Thread, became: ReadonlyMap<Came, Became>): string[] {
  const made = first && became.get(first)?.signalId;
  return made ? [made] : signals;
}

/** Takes back what was cancelled. */
async function cancelled(ctx: Ctx, thread: Thread, became: Map<Came, Became>): Promise<void> {
  for (const { note, came } of thread.cancels) {
    for (const signalId of signalsOf(thread, became)) {
      const outcome = await withdraw(ctx, signalId, note);
      if (came && outcome === "withdrawn") became.set(came, { outcome, signalId });
      if (came && outcome === "others_remain")
        came.findings.push(finding(came, outcome, "Other reports still say so: it is not withdrawn."));
    }
  }
}

function becameOf(result: Result, isUpdate: boolean): Became {
  if (result.outcome === "refused") throw new Problem(result.code);
  return { outcome: result.outcome === "seen" && isUpdate ? "updated" : result.outcome, signalId: result.uuid };
}

const finding = ({ path }: Came, code: string, message: string, within = ""): Finding => ({
  xpath: path + within,
  code,
  message,
});

/** Says what of its references leads nowhere, and whether it differs from what came under its name before. */
function explain(one: Came, names: ReadonlySet<string>, known: KnownAlert | undefined): void {
  const { alert, refers } = one;
  const say = (code: string, message: string) => one.findings.push(finding(one, code, message, "/references"));
  if (refers.some((name) => !names.has(name.replace(foreign, ""))))
    say("reference_unknown", "It refers to an alert that has not come.");
  if ((alert.msgType === "Update" || alert.msgType === "Cancel") && refers.some((name) => name.startsWith(foreign)))
    say("reference_foreign", "It refers to an alert of another sender, on which it does not act.");
  if (known?.text && differs(known.text, alert))
    one.findings.push(
      finding(
        one,
        "alert_differs",
        "An alert of the same sender, identifier and time says something else. That one counts.",
      ),
    );
}

/** Keeps those that are new, each with the signal that it speaks of. */
async function keep(ctx: Ctx, by: Bringing, fresh: readonly Came[], became: ReadonlyMap<Came, Became>): Promise<void> {
  if (fresh.length === 0) return;
  await insertAlerts(
    ctx.send,
    fresh.map((one) => rowOf(ctx, by, one, became.get(one)?.signalId ?? null)),
  );
}
