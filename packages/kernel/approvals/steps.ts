import { uuidOf } from "@dais/contracts/kit/ids";
import type { approvals, StepRow } from "@dais/drizzle/schema/approvals";
import type { Waiter, WaitingSaid } from "../waiting.ts";

export type ApprovalRow = typeof approvals.$inferSelect;

const moves = ["approval.approve", "approval.refuse"] as const;

/** Places in `steps` of those that can be decided now: in order only the first that is not decided. */
export function openSteps({ state, steps, inOrder }: Pick<ApprovalRow, "state" | "steps" | "inOrder">): number[] {
  if (state !== "pending") return [];
  const open = steps.flatMap(({ decision }, n) => (decision === null ? [n] : []));
  return inOrder ? open.slice(0, 1) : open;
}

/** Public ids of everybody who has decided a step, or for whom one was. */
export const votersOf = ({ steps }: Pick<ApprovalRow, "steps">): string[] =>
  steps.flatMap(({ by, onBehalfOf }) => [by, onBehalfOf].filter((one) => one !== null));

/** What comes of the votes so far; null: nothing yet. */
export type Tally = { granted: true; option: string | null } | { granted: false; reason: string | null };

/**
 * Counts the votes: granted as soon as `needed` people approved, or chose the same option; refused as soon as that has become impossible,
 * whatever the others say. So of options that are level when the last has chosen, none is taken.
 */
export function tally({ steps, needed, options }: Pick<ApprovalRow, "steps" | "needed" | "options">): Tally | null {
  for (const [option, count] of countsOf({ steps })) if (count >= needed) return { granted: true, option };
  const open = steps.filter(({ decision }) => decision === null).length;
  if (leadOf({ steps }) + open >= needed) return null;
  const apart = options.length > 0 && steps.every(({ decision }) => decision !== "refuse");
  return { granted: false, reason: apart ? `No option can be chosen by ${needed} any more.` : null };
}

/** How many have approved, or chosen the option that most have chosen. */
export const leadOf = (row: Pick<ApprovalRow, "steps">): number => Math.max(0, ...countsOf(row).values());

function countsOf({ steps }: Pick<ApprovalRow, "steps">): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { decision, option } of steps) {
    if (decision === "approve") counts.set(option, (counts.get(option) ?? 0) + 1);
  }
  return counts;
}

/** For whom an approval waits: who decides its open steps, and whom it was escalated to. Each once. */
export function approvalWaiting(row: ApprovalRow): WaitingSaid {
  const open = openSteps(row).map((n) => row.steps[n] as StepRow);
  const named = [
    ...open.map(({ approver, standIn }) => standIn ?? approver),
    ...(row.escalatedAt && row.escalateTo ? [row.escalateTo] : []),
  ];
  return {
    title: { en: row.title, ar: null },
    waiters: [...new Set(named)].map(waiterOf),
    dueAt: row.deadlineAt,
    barred: [...new Set([...row.persons, ...votersOf(row)])].map(uuidOf),
  };
}

function waiterOf(approver: string): Waiter {
  if (approver.startsWith("per_")) return { personId: uuidOf(approver), moves };
  if (approver.startsWith("grp_")) return { groupId: uuidOf(approver), moves };
  return { permission: approver, moves };
}
