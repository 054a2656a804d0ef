import type { CapAlert } from "@dais/cap/model";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import type { alertOutcomes } from "@dais/contracts/signals/values";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { ingest, type Result, refer } from "../ingest.ts";
import { type Became, cancelledBy, explain, reportedAs } from "./became.ts";
import { pairsOf, waitingOf } from "./kin.ts";
import { alertsAround, attach, insertAlerts, type KnownAlert } from "./known.ts";
import { signalOf } from "./map.ts";
import { foreign, isSaying, nameOf, refersOf } from "./names.ts";
import { type Came, isWanted, type Matter, mattersOf, sameOf } from "./plan.ts";
import { type Document, type Finding, type Found, few } from "./reading.ts";
import { noteKept, rowOf } from "./row.ts";
import { withSignatures } from "./signed.ts";
import { settleStates } from "./stand.ts";
import { isCancel } from "./threads.ts";
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
 * Takes alerts in, with an answer for each, in their order. Which signals there are afterwards, and what they say, does not depend on the
 * order in which alerts come: each report counts whenever it comes, and a cancellation waits for what it takes back.
 * @throws signal_classification_unknown, signal_above_clearance, signal_entity_unknown
 */
export async function take(ctx: Ctx, document: Document, by: Bringing): Promise<Taken[]> {
  if (!ctx.tenant.levels.includes(by.classification)) throw new Problem("signal_classification_unknown");
  if (!ctx.visible.includes(by.classification)) throw new Problem("signal_above_clearance");
  const found = await withSignatures(ctx, document);
  const all = found.map(({ alert, ...rest }) => (alert ? cameOf(ctx.newId(), by, { alert, ...rest }) : null));
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

function cameOf(id: string, by: Bringing, { path, alert, findings, signature }: Found & { alert: CapAlert }): Came {
  const [name, refers] = [nameOf(by, alert), refersOf(by, alert)];
  const signed = signature ?? (alert.signatures.length > 0 ? "unverified" : "none");
  return { id, path, alert, name, refers, sentAt: Date.parse(alert.sent), findings: [...findings], signature: signed };
}

/** The same for alerts of which no two have the same name. */
async function takeDifferent(
  ctx: Ctx,
  came: readonly Came[],
  known: readonly KnownAlert[],
  by: Bringing,
): Promise<Map<Came, Became>> {
  const there = new Map(known.map((one) => [one.name, one]));
  const all = mattersOf(came, known);
  const matters = all.filter((matter) => isWanted(matter, by.leastSeverity));
  const results = await report(ctx, by, matters, there);

  const became = new Map<Came, Became>();
  for (const matter of all) {
    const isLeftOut = !matters.includes(matter);
    for (const { came: one, known: before } of matter.messages) {
      if (!one) continue;
      const result = results.get(one);
      const outcome = isLeftOut ? "left_out" : before ? "unchanged" : "kept";
      became.set(one, result ? reportedAs(matter, one, before, result) : { outcome, signalId: null });
    }
  }
  const signalsOf = signalsAfter(results);
  for (const matter of matters)
    for (const { came: one } of matter.cancels)
      if (one && !became.get(one)?.signalId)
        became.set(one, {
          outcome: there.has(one.name) ? "unchanged" : "kept",
          signalId: signalsOf(matter)[0] ?? null,
        });

  const signalBy = new Map(
    [...known, ...[...became].map(([{ name }, { signalId }]) => ({ name, signalId }))].flatMap(({ name, signalId }) =>
      signalId ? [[name, signalId] as const] : [],
    ),
  );
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
  await attach(ctx, waitingOf(matters, signalsOf, known, signalBy));
  await refer(ctx, pairsOf(fresh, known, signalBy));
  await settleMatters(ctx, matters, results, became, new Set(fresh));
  for (const one of fresh) if (became.get(one)?.outcome === "kept") noteKept(ctx, by, one);
  return became;
}

/** Takes in what alerts report. What came first under a name is what it says. */
async function report(
  ctx: Ctx,
  by: Bringing,
  matters: readonly Matter[],
  there: ReadonlyMap<string, KnownAlert>,
): Promise<Map<Came, Result>> {
  const reports = matters.flatMap((matter) => matter.reports);
  if (reports.length === 0) return new Map();
  const inputs = reports.map(({ name, alert }) => {
    const text = there.get(name)?.text;
    const source = by.source ?? sourceOf(alert.sender);
    return signalOf(text ? (JSON.parse(text) as CapAlert) : alert, { ...by, source });
  });
  const results = await ingest(ctx, inputs, sameOf(matters, reports));
  return new Map(reports.map((one, n) => [one, results[n] as Result]));
}

type Signals = (matter: Matter) => string[];

/** The signals of a matter, now that its reports are in. */
const signalsAfter =
  (results: ReadonlyMap<Came, Result>): Signals =>
  ({ reports: [first], signals }) => {
    const result = first && results.get(first);
    return result && result.outcome !== "refused" ? [result.uuid] : signals;
  };

/** Withdraws what was taken back, and brings back what is said all the same; tells cancellations what came of them. */
async function settleMatters(
  ctx: Ctx,
  matters: readonly Matter[],
  results: ReadonlyMap<Came, Result>,
  became: Map<Came, Became>,
  fresh: ReadonlySet<Came>,
): Promise<void> {
  const signalsOf = signalsAfter(results);
  const isNews = (one: Came) => fresh.has(one) || results.get(one)?.outcome === "seen";
  const touched = matters.filter((matter) =>
    [...matter.messages, ...matter.cancels].some(({ came }) => came !== null && isNews(came)),
  );
  const mayMove = touched.filter((matter) => matter.cancels.length > 0 || isGone(matter, results));
  const settled = await settleStates(ctx, mayMove.flatMap(signalsOf));
  for (const matter of touched)
    for (const { came } of matter.cancels)
      if (came && fresh.has(came))
        for (const signalId of signalsOf(matter)) cancelledBy(matter, came, signalId, settled.get(signalId), became);
}

/** Whether its signal was withdrawn until now. */
const isGone = ({ messages, reports }: Matter, results: ReadonlyMap<Came, Result>): boolean =>
  messages.some((one) => !isCancel(one) && one.known?.state === "withdrawn") ||
  reports.some((one) => {
    const result = results.get(one);
    return result !== undefined && "signal" in result && result.signal.state === "withdrawn";
  });

/** Keeps those that are new, each with the signal that it speaks of. */
async function keep(ctx: Ctx, by: Bringing, fresh: readonly Came[], became: ReadonlyMap<Came, Became>): Promise<void> {
  if (fresh.length === 0) return;
  await insertAlerts(
    ctx.send,
    fresh.map((one) => rowOf(ctx, by, one, became.get(one)?.signalId ?? null)),
  );
}
