import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Log } from "@dais/kernel/context";
import { type AnyJob, type At, Hopeless } from "@dais/kernel/jobs";
import { emit } from "@dais/kernel/outbox";
import type { Pool } from "@dais/kernel/pool";
import { type On, type Perform, task } from "@dais/kernel/task";
import { failureOf, lost, unknown } from "./failure.ts";
import { advance, type Begun, begin, end, type Failure, finish, hold, postpone, putBack, type Ticket } from "./rows.ts";

export type RunnerOptions = {
  /** Does what the jobs do. */
  kernel: { perform: Perform };
  /** For the jobs' own rows, as dais_app. */
  app: Pool;
  jobs: readonly AnyJob[];
  now(): Date;
  newId(): string;
  log: Log;
  /** Whether jobs of many steps must make room, as this process is about to end. */
  stopping(): boolean;
};

/** Somebody else has it by now, or it was dropped: nothing of what was done here is kept. */
class NotOurs extends Error {}

/** For so long a job of many steps goes on before it waits for its turn again. */
const sliceMs = 10_000;
/** A process of an older version doesn't know each job. One that nobody knows for so long is none. */
const unknownForMs = 24 * 3_600_000;

/** Runs jobs by their tickets, and buries the dead. */
export function runner({ kernel, app, jobs, now, newId, log, stopping }: RunnerOptions) {
  const known = new Map(jobs.map((job) => [job.name, job]));

  /** @param last Whether no attempt follows where this one fails. @throws Error with nothing in it but a code, for pg-boss to count */
  async function run(ticket: Ticket, last: boolean): Promise<void> {
    const begun = await begin(app, ticket, now());
    if (!begun) return;
    const job = known.get(begun.name);
    if (!job) return strange(ticket, begun);
    try {
      await steps(job, begun);
    } catch (error) {
      if (error instanceof NotOurs) return;
      const failure = failureOf(error);
      log.warn({ err: error, ...about(begun), attempt: begun.attempt, last }, "a job failed");
      if (error instanceof Hopeless) return bury(ticket, failure, begun);
      if (last) await bury(ticket, failure, begun);
      else await postpone(app, begun, failure);
      throw Object.assign(new Error(failure.code), { stack: "" });
    }
  }

  async function steps(job: AnyJob, begun: Begun): Promise<void> {
    const until = performance.now() + sliceMs;
    const turn = () => stopping() || performance.now() > until;
    for (let position = begun.position; ; ) {
      const at = { id: begun.id, position };
      const data = job.schema.parse(begun.data);
      const prepared = await job.prepare?.(data, at);
      const step = await kernel.perform(stepOf(job, begun, turn), onOf(begun), { at, data, prepared });
      if (!step) return;
      position = step.next;
    }
  }

  /** Answers with the step after which this run goes on. */
  const stepOf = (job: AnyJob, begun: Begun, turn: () => boolean) =>
    task({
      name: job.name,
      action: job.action,
      ...(job.quiet && { quiet: job.quiet }),
      async run(ctx, { at, data, prepared }: { at: At; data: unknown; prepared: unknown }) {
        if (!(await hold(ctx, begun))) throw new NotOurs();
        const step = await job.run(ctx, data, at, prepared);
        if (ctx.written.entries.length === 0 && !job.quiet)
          record(ctx, { resource: { type: "job", id: begun.id }, changed: false });
        if (!step) return void (await finish(ctx, begun));
        const another = turn() ? newId() : null;
        await advance(ctx, begun, step, another);
        return another ? undefined : step;
      },
    });

  async function strange(ticket: Ticket, begun: Begun): Promise<void> {
    log.warn(about(begun), "nobody here knows this job");
    if (now().getTime() - begun.createdAt.getTime() > unknownForMs) return bury(ticket, unknown, begun);
    await putBack(app, begun, newId(), new Date(now().getTime() + 60_000));
  }

  /** Says that a run has failed for good, unless that is known. What pg-boss found dead has no process left to say why. */
  async function bury(ticket: Ticket, failure: Failure = lost, begun?: Begun): Promise<void> {
    const on = begun ? onOf(begun) : { tenantId: ticket.tenant, requestId: newId() };
    await kernel.perform(failed, on, { ticket, failure }).catch((error) => {
      if (!(error instanceof NotOurs)) throw error;
    });
  }

  return { run, bury };
}

const failed = task({
  name: "jobs.fail",
  action: "job.fail",
  async run(ctx, { ticket, failure }: { ticket: Ticket; failure: Failure }) {
    const version = await end(ctx, ticket, failure);
    if (version === null) throw new NotOurs();
    const resource = { type: "job", id: ticket.job, version };
    record(ctx, { resource, event: "fail", to: "failed", reason: failure.code });
    emit(ctx, { name: "job.failed", resource, payload: { id: idOf("job", ticket.job) } });
  },
});

const onOf = ({ tenantId, onBehalfOf, requestId, traceparent }: Begun): On => ({
  tenantId,
  onBehalfOf,
  requestId,
  traceparent,
});
const about = ({ id, name, requestId, traceparent }: Begun) => ({ job: name, jobId: id, requestId, traceparent });
