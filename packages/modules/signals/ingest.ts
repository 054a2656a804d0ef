import type { ProblemCode } from "@dais/contracts";
import { idOf } from "@dais/contracts/kit/ids";
import type { Signal } from "@dais/contracts/signals";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { announce } from "./announce.ts";
import { settleStates } from "./cap/stand.ts";
import { type Change, changeOf } from "./change.ts";
import { regroup, surroundingsOf } from "./groups/regroup.ts";
import { write } from "./insert.ts";
import { type Held, held, type Known, knownFor } from "./known.ts";
import { type Plan, planOf, type Told } from "./plan.ts";
import { type Input, isPlain, type Report, reportOf } from "./reports.ts";
import { find } from "./rows.ts";
import { show } from "./workflow.ts";

export { refer } from "./groups/refer.ts";

/** What became of a report. `uuid`: of the signal that it belongs to; `signal`: as it is now, where it was changed. */
export type Result =
  | { outcome: "created" | "seen"; uuid: string; signal: Signal }
  | { outcome: "unchanged"; uuid: string }
  | { outcome: "refused"; code: ProblemCode };

/** @throws signal_above_clearance, signal_classification_unknown, signal_entity_unknown */
export async function ingestOne(ctx: Ctx, input: Input) {
  const [result] = await ingestPlain(ctx, [input]);
  if (result === undefined || result.outcome === "refused") throw new Problem(result?.code ?? "internal");
  const { outcome } = result;
  if (outcome !== "unchanged") return { changed: outcome === "created", outcome, signal: result.signal };
  const row = await find(ctx, result.uuid);
  if (!row) throw new Problem("signal_above_clearance");
  const { id, version, classification } = row;
  record(ctx, { resource: { type: "signal", id, version, classification }, changed: false });
  return { changed: false, outcome, signal: show(row) };
}

export async function ingestAll(ctx: Ctx, { items }: { items: Input[] }) {
  const results = await ingestPlain(ctx, items);
  if (!results.some(({ outcome }) => outcome === "created" || outcome === "seen"))
    record(ctx, { resource: { type: "signal", id: null }, changed: false });
  return {
    changed: results.some(({ outcome }) => outcome === "created"),
    items: results.map((result) => ({
      outcome: result.outcome,
      id: result.outcome === "refused" ? null : idOf("sig", result.uuid),
      problem: result.outcome === "refused" ? result.code : null,
    })),
  };
}

/** Reports that came as they are. What a source took back is there again if another report says so. */
async function ingestPlain(ctx: Ctx, inputs: readonly Input[]): Promise<Result[]> {
  const results = await ingest(ctx, inputs);
  const gone = results.flatMap((result) => (isWithdrawn(result) ? result.uuid : []));
  const settled = await settleStates(ctx, gone);
  return results.map((result) => {
    const signal = isWithdrawn(result) ? settled.get(result.uuid)?.signal : undefined;
    return signal ? { ...result, signal } : result;
  });
}

const isWithdrawn = (result: Result): result is Extract<Result, { signal: Signal }> =>
  "signal" in result && result.signal.state === "withdrawn";

/** What is said of a report: it speaks of the same as these signals, known by uuid, or as other reports, known by their place. */
export type Same = readonly (string | number)[];

/**
 * Takes reports in, with a result for each, in their order. Which signals there are afterwards, and what they say, depends on which
 * reports there are and not on their order. What is made, changed or merged is recorded and told; where nothing is, nothing is recorded.
 */
export async function ingest(
  ctx: Ctx,
  inputs: readonly Input[],
  same: ReadonlyMap<number, Same> = new Map(),
): Promise<Result[]> {
  const refusals = inputs.map((input) => refusalOf(ctx, input));
  const reports = inputs.map((input, n) => (refusals[n] ? null : reportOf(ctx, input)));
  const accepted = reports.filter((report) => report !== null);
  const { plan, there } = await planned(ctx, accepted, toldOf(reports, same));
  const changes = plan.joined.map((joined) => changeOf(ctx, joined, there));
  const made = await written(ctx, changes);
  const signals = new Map(made.map((change) => [change, announce(ctx, change)]));

  const changeBy = new Map(made.flatMap((change) => change.reports.map((report) => [report, change] as const)));
  const resultOf = (report: Report): Result => {
    const repeated = plan.repeats.get(report);
    if (typeof repeated === "string") return { outcome: "unchanged", uuid: repeated };
    const change = changeBy.get(repeated ?? report);
    if (!change) return { outcome: "refused", code: "signal_entity_unknown" };
    const uuid = change.after.id;
    if (repeated) return { outcome: "unchanged", uuid };
    const outcome = change.before === null && change.reports[0] === report ? "created" : "seen";
    return { outcome, uuid, signal: signals.get(change) as Signal };
  };
  return reports.map((report, n) =>
    report ? resultOf(report) : { outcome: "refused", code: refusals[n] as ProblemCode },
  );
}

/** Nobody writes what they may not read. */
function refusalOf(ctx: Ctx, { classification }: Input): ProblemCode | null {
  if (!ctx.tenant.levels.includes(classification)) return "signal_classification_unknown";
  return ctx.visible.includes(classification) ? null : "signal_above_clearance";
}

function toldOf(reports: readonly (Report | null)[], same: ReadonlyMap<number, Same>): Told {
  const others = (its: Same) => its.flatMap((one) => (typeof one === "string" ? one : (reports[one] ?? [])));
  return new Map(
    [...same].flatMap(([n, its]) => {
      const report = reports[n];
      return report ? [[report, others(its)] as const] : [];
    }),
  );
}

const nothing: Known = { near: [], signals: new Map(), repeated: new Map() };

/** Finds whose signals reports are, and holds those that are there. Of what nothing could be like nothing needs to be known. */
async function planned(
  ctx: Ctx,
  reports: readonly Report[],
  told: Told,
): Promise<{ plan: Plan; there: Map<string, Held> }> {
  const known = reports.every(isPlain) ? nothing : await knownFor(ctx, reports);
  const plan = planOf(reports, known, told);
  const there = await held(
    ctx,
    plan.joined.flatMap(({ signals }) => signals),
  );
  return { plan, there };
}

/** Writes changes, and puts the signals into groups. Answers with those that took place, as they are now. */
async function written(ctx: Ctx, changes: readonly Change[]): Promise<Change[]> {
  if (changes.length === 0) return [];
  const [around, ids] = await Promise.all([surroundingsOf(ctx, changes), write(ctx, changes)]);
  return regroup(
    ctx,
    changes.filter(({ before, after }) => before !== null || ids.has(after.id)),
    around,
  );
}
