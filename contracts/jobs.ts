import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Version } from "./kit/shapes.ts";

/** waiting -> running -> done | retrying | failed; retrying -> running. Whoever looks after jobs retries or drops the failed. */
export const jobStates = ["waiting", "running", "retrying", "done", "failed", "dropped"] as const;

const exampleId = "job_01kejc8ht0e6ssypg6m30swm9j";

const { query, command, events } = capability({
  name: "jobs",
  title: "Jobs",
  about:
    "Work that goes on in the background: what a call or a schedule asked for, done by the system on behalf of whoever asked. What a job works on is not shown here.",
  permissions: {
    "job.read": "See the organisation's jobs: what they are called and how they fare, never what they work on.",
    "job.retry": "Let a failed job run again.",
    "job.drop": "Give up a job.",
  },
  problems: {
    job_not_found: {
      status: 404,
      title: "No such job",
      meaning: "There is no job with this id in the caller's organisation, or it was done so long ago that it is gone.",
      remedy: "Check the id, or list jobs.",
    },
    job_wrong_state: {
      status: 409,
      title: "The job's state doesn't allow it",
      meaning:
        "A failed job can be retried; one that has not ended, or failed, can be dropped, unless it is in the middle of a step. `state` says how it is.",
      remedy: "Read the job again; if it is running, wait for it or drop it in a moment.",
    },
  },
  events: {
    "job.failed": event({
      about: "A job failed for good: its last attempt did, or the process that ran it went away for the last time.",
      version: 1,
      permission: "job.read",
      payload: idPayload("job"),
      example: { id: exampleId },
    }),
    "job.retried": event({
      about: "A failed job is let run again.",
      version: 1,
      permission: "job.read",
      payload: idPayload("job"),
      example: { id: exampleId },
    }),
    "job.dropped": event({
      about: "A job was given up.",
      version: 1,
      permission: "job.read",
      payload: idPayload("job"),
      example: { id: exampleId },
    }),
  },
});
export type JobEvents = typeof events;

export const JobId = typeId("job");
const JobName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/)
  .meta({ description: "What the job does: a capability and a verb.", example: "signals.reclassify" });
const count = z.int().min(0).max(2_147_483_647);

export const Job = z
  .object({
    id: JobId,
    name: JobName,
    state: z.enum(jobStates),
    attempts: count.describe("How often it was begun; counted anew by a retry, and after each part that is done."),
    maxAttempts: count.describe("It fails for good when so many have failed."),
    error: z
      .object({ code: z.string().max(100), message: z.string().max(500) })
      .nullable()
      .describe("Why the last attempt failed. The log has the rest, under `requestId`."),
    progress: z
      .object({ done: count, total: count.nullable().describe("Null: nobody knows yet.") })
      .nullable()
      .describe("How far it is; null where it doesn't count."),
    onBehalfOf: z.string().max(200).nullable().describe("Id of whoever caused it; null: a schedule."),
    requestId: z.string().max(200).describe("Of the request that caused it."),
    startAfter: Instant.nullable().describe("Not before; null: as soon as possible."),
    createdAt: Instant,
    startedAt: Instant.nullable().describe("When the last attempt began."),
    finishedAt: Instant.nullable().describe("When it was done, failed for good or was dropped."),
    version: Version,
  })
  .meta({ id: "Job", description: "Work in the background, without what it works on." });
export type Job = z.infer<typeof Job>;

const example = {
  id: exampleId,
  name: "signals.reclassify",
  state: "failed",
  attempts: 4,
  maxAttempts: 4,
  error: { code: "unavailable", message: "Something that the server stands on is away" },
  progress: { done: 1200, total: 10_000 },
  onBehalfOf: "per_01kejc8ht0e6ssypg6m30swmp3",
  requestId: "5f0c9a52-6a0e-4b0e-9d5a-0e6f5f1f3c11",
  startAfter: null,
  createdAt: "2026-01-06T04:00:00.000Z",
  startedAt: "2026-01-06T04:03:20.000Z",
  finishedAt: "2026-01-06T04:03:21.000Z",
  version: 9,
};

export const jobs = router({
  list: query({
    rest: "GET /jobs",
    summary: "List jobs, newest first",
    permission: "job.read",
    problems: ["invalid_cursor"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({
      ...paging,
      state: z.array(z.enum(jobStates)).min(1).max(6).optional().describe("Only these states."),
      name: JobName.optional().describe("Only jobs of this name."),
    }),
    output: page(Job),
    examples: [
      { title: "The failed ones", input: { state: ["failed"] }, output: { items: [example], nextCursor: null } },
    ],
  }),
  get: query({
    rest: "GET /jobs/{id}",
    summary: "Read one job: its state and progress",
    permission: "job.read",
    problems: ["job_not_found"],
    agent: "deny",
    mcp: false,
    input: z.strictObject({ id: JobId }),
    output: Job,
    examples: [{ title: "One job", input: { id: exampleId }, output: example }],
  }),
  retry: command({
    rest: "POST /jobs/{id}/retry",
    summary: "Let a failed job run again, from where it stopped",
    permission: "job.retry",
    problems: ["job_not_found", "job_wrong_state"],
    status: 202,
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: JobId }),
    output: Job,
    examples: [
      {
        title: "Retry",
        input: { id: exampleId },
        output: { ...example, state: "waiting", attempts: 0, error: null, finishedAt: null, version: 10 },
      },
    ],
  }),
  drop: command({
    rest: "POST /jobs/{id}/drop",
    summary: "Give up a job: it is not run any more",
    permission: "job.drop",
    problems: ["job_not_found", "job_wrong_state"],
    anyVersion: true,
    mcp: false,
    input: z.strictObject({ id: JobId, reason: line(500).describe("Why; it is kept in the audit trail.") }),
    output: z.object({ changed: z.boolean().describe("False where it was dropped already."), job: Job }),
    examples: [
      {
        title: "Drop",
        input: { id: exampleId, reason: "The signals that it was for are gone." },
        output: { changed: true, job: { ...example, state: "dropped", version: 10 } },
      },
    ],
  }),
});
