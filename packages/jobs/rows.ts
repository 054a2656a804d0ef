import type { Ctx } from "@dais/kernel/context";
import type { Step } from "@dais/kernel/jobs";
import type { Rows } from "@dais/kernel/lane";
import type { Pool } from "@dais/kernel/pool";

/** What pg-boss keeps of a job. */
export type Ticket = { tenant: string; job: string; run: string };

/** A job that this process has begun. `attempt` is its proof: whoever begins it again takes it from us. */
export type Begun = {
  id: string;
  tenantId: string;
  run: string;
  attempt: number;
  name: string;
  data: unknown;
  position: unknown;
  onBehalfOf: string | null;
  requestId: string;
  traceparent: string | null;
  createdAt: Date;
};

/** Begins a run, also one that another process began and did not end. Null: it is done, was dropped, or is another run's by now. */
export async function begin(app: Pool, { tenant, job, run }: Ticket, now: Date): Promise<Begun | null> {
  const [row] = await write(
    app,
    tenant,
    `update jobs set state = 'running', attempts = attempts + 1, started_at = $4, singleton_key = null, version = version + 1
     where tenant_id = $1 and id = $2 and run = $3 and state in ('waiting', 'retrying', 'running')
     returning name, data, attempts, position, on_behalf_of, request_id, traceparent, created_at`,
    [tenant, job, run, now.toISOString()],
  );
  if (!row) return null;
  return {
    id: job,
    tenantId: tenant,
    run,
    attempt: row.attempts as number,
    name: row.name as string,
    data: row.data,
    position: row.position,
    onBehalfOf: row.on_behalf_of as string | null,
    requestId: row.request_id as string,
    traceparent: row.traceparent as string | null,
    createdAt: new Date(row.created_at as string),
  };
}

const ours = "tenant_id = $1 and id = $2 and run = $3 and attempts = $4 and state = 'running'";
const proof = ({ tenantId, id, run, attempt }: Begun) => [tenantId, id, run, attempt];

/** Locks the row for the transaction of a step. False: it isn't ours any more. */
export const hold = async (ctx: Ctx, begun: Begun): Promise<boolean> =>
  (await ctx.send(`select 1 as ours from jobs where ${ours} for update`, proof(begun))).length > 0;

/** Says in the transaction of the last step that it is done. */
export const finish = (ctx: Ctx, begun: Begun): Promise<Rows> =>
  ctx.send(
    `update jobs set state = 'done', finished_at = $5, error_code = null, error_message = null, done = coalesce(total, done),
       version = version + 1 where ${ours}`,
    [...proof(begun), ctx.now.toISOString()],
  );

/** Says in the transaction of a step where the next one begins: in this run, or in another one that waits for its turn. */
export const advance = (ctx: Ctx, begun: Begun, { next, done, total }: Step, another: string | null): Promise<Rows> =>
  ctx.send(
    `update jobs set position = $5::text::jsonb, done = coalesce($6, done), total = coalesce($7, total), version = version + 1
       ${another ? ", state = 'waiting', run = $8, attempts = 0, start_after = null, error_code = null, error_message = null" : ""}
     where ${ours}`,
    [...proof(begun), JSON.stringify(next), done ?? null, total ?? null, ...(another ? [another] : [])],
  );

/** What went wrong, as whoever looks after jobs may see it: no stack, no data. */
export type Failure = { code: string; message: string };

/** After an attempt that failed and is followed by another. */
export const postpone = (app: Pool, begun: Begun, { code, message }: Failure): Promise<Rows> =>
  write(
    app,
    begun.tenantId,
    `update jobs set state = 'retrying', error_code = $5, error_message = $6, version = version + 1 where ${ours}`,
    [...proof(begun), code, message],
  );

/** Back to where it waits, for a process that knows what it is. */
export const putBack = (app: Pool, begun: Begun, run: string, startAfter: Date): Promise<Rows> =>
  write(
    app,
    begun.tenantId,
    `update jobs set state = 'waiting', run = $5, attempts = 0, start_after = $6, version = version + 1 where ${ours}`,
    [...proof(begun), run, startAfter.toISOString()],
  );

/** Ends a run for good, in the caller's transaction. False: it has ended already. */
export async function end(ctx: Ctx, { tenant, job, run }: Ticket, { code, message }: Failure): Promise<number | null> {
  const [row] = await ctx.send(
    `update jobs set state = 'failed', error_code = $4, error_message = $5, finished_at = $6, version = version + 1
     where tenant_id = $1 and id = $2 and run = $3 and state in ('waiting', 'running', 'retrying') returning version`,
    [tenant, job, run, code, message, ctx.now.toISOString()],
  );
  return row ? (row.version as number) : null;
}

/** One statement behind the tenant's wall, in a transaction of its own and one exchange. */
function write(app: Pool, tenant: string, text: string, params: readonly unknown[]): Promise<Rows> {
  return app.hold(tenant, async (lane) => {
    const sent = [
      lane.send("begin read write"),
      lane.send("select set_config('dais.tenant', $1, true)", [tenant]),
      lane.send(text, params),
      lane.send("commit"),
    ];
    const answers = await Promise.allSettled(sent);
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed) throw failed.reason;
    return (answers[2] as PromiseFulfilledResult<Rows>).value;
  });
}
