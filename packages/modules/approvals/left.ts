import { type ApprovalRow, leadOf } from "@dais/kernel/approvals/steps";

/** Who could decide what waits for an approver, by what the step names: public ids of people, as many as there are steps at most. */
export type Able = Readonly<Record<string, readonly string[]>>;

/**
 * Places in `steps` of those that wait for a group or for whoever holds a permission, and that nobody is left for: nobody in it could decide; or
 * each person once, there are too few for what is needed, and others are left the other steps. Of people who are named `moveOn` sees.
 */
export function nobodyFor(row: Pick<ApprovalRow, "steps" | "needed" | "options">, able: Able): number[] {
  const open = row.steps.flatMap((step, n) => (step.decision === null ? [n] : []));
  const approverOf = (n: number) => row.steps[n]?.standIn ?? row.steps[n]?.approver ?? "";
  const isNamed = (n: number) => approverOf(n).startsWith("per_");
  const mayBe = (n: number) => {
    const people = able[approverOf(n)] ?? [];
    // Who is named and was not told to be stuck may yet pass it on to a deputy.
    return isNamed(n) && !row.steps[n]?.stuck ? [approverOf(n), ...people] : people;
  };
  const order = [...open.filter(isNamed), ...open.filter((n) => !isNamed(n))];
  const alone = unmatched(order, mayBe);
  const enough = leadOf(row) + open.length - alone.length >= row.needed;
  return alone.filter((n) => !isNamed(n) && (mayBe(n).length === 0 || !enough)).sort((a, b) => a - b);
}

/** Those that stay alone when as many as possible have somebody of their own, the first ones first. */
function unmatched(all: readonly number[], mayBe: (n: number) => readonly string[]): number[] {
  const taken = new Map<string, number>();
  const found = (n: number, asked: Set<string>): boolean =>
    mayBe(n).some((one) => {
      if (asked.has(one)) return false;
      asked.add(one);
      const other = taken.get(one);
      if (other !== undefined && !found(other, asked)) return false;
      taken.set(one, n);
      return true;
    });
  return all.filter((n) => !found(n, new Set()));
}
