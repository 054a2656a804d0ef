import type { OwnTerm } from "@dais/contracts/kit/workflow";
import type { terms as contract, Term } from "@dais/contracts/terms";
import { type Waits, waitingStates } from "@dais/contracts/workflows/derived";
import { record } from "@dais/kernel/audit";
import { canonical } from "@dais/kernel/canonical";
import type { Ctx, Handlers } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { Problem } from "@dais/kernel/problem";

export { lookingForOverdue, overdue } from "./overdue.ts";

/** One function for each operation of contracts/terms.ts, under the same name. */
export const terms: Handlers<typeof contract> = {
  list: async (ctx) => {
    const rows = await ctx.send("select * from terms where tenant_id = $1", [ctx.tenant.id]);
    return {
      items: termed.map((of) =>
        shown(
          of,
          rows.find((row) => fits(row, of)),
        ),
      ),
    };
  },

  set: async (ctx, { machine, state, term }) => {
    const of = termed.find(({ workflow, ...its }) => workflow.name === machine && its.state === state);
    if (!of) throw new Problem("term_unknown");
    const before = await hold(ctx, of);
    const after = shown(of, term ? rowOf(term) : undefined);
    const changed = canonical(after) !== canonical(before);
    if (changed) await write(ctx, of, term);
    record(ctx, { resource: { type: "term", id: null }, before, after, changed });
    return { changed, term: after };
  },
};

/** Where a thing says by itself by when, there is nothing to set. */
type Termed = Waits & { within: Exclude<Waits["within"], OwnTerm> };
const termed = waitingStates.filter((of): of is Termed => !("until" in of.within));

type Length = Term["term"];

/** Two who set the same term at once do so one after the other. */
async function hold(ctx: Ctx, of: Termed): Promise<Term> {
  const its = [ctx.tenant.id, of.workflow.name, of.state];
  const [, [row]] = await Promise.all([
    ctx.send(
      "select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'terms', $1::text, $2::text, $3::text), 0))",
      its,
    ),
    ctx.send("select * from terms where tenant_id = $1 and machine = $2 and state = $3", its),
  ]);
  return shown(of, row);
}

function write(ctx: Ctx, { workflow, state }: Waits, term: Length | null): Promise<Rows> {
  const its = [ctx.tenant.id, workflow.name, state];
  if (!term) return ctx.send("delete from terms where tenant_id = $1 and machine = $2 and state = $3", its);
  const { hours, working_days } = rowOf(term);
  return ctx.send(
    `insert into terms (tenant_id, machine, state, hours, working_days) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, machine, state) do update set hours = excluded.hours, working_days = excluded.working_days`,
    [...its, hours, working_days],
  );
}

const rowOf = ({ amount, unit }: Length) => ({
  hours: unit === "hours" ? amount : null,
  working_days: unit === "workingDays" ? amount : null,
});
const fits = (row: Rows[number], { workflow, state }: Waits) => row.machine === workflow.name && row.state === state;

function shown({ workflow, state, waits, within }: Termed, row: Rows[number] | undefined): Term {
  const usual: Length =
    "hours" in within ? { amount: within.hours, unit: "hours" } : { amount: within.workingDays, unit: "workingDays" };
  const own: Length | null =
    row === undefined
      ? null
      : typeof row.hours === "number"
        ? { amount: row.hours, unit: "hours" }
        : { amount: row.working_days as number, unit: "workingDays" };
  return {
    machine: workflow.name,
    state,
    title: workflow.title,
    waitsFor: "for" in waits ? waits.for : waits.person,
    term: own ?? usual,
    usual,
    source: own ? "organisation" : "usual",
  };
}
