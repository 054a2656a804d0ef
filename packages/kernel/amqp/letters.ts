import { commandBytes } from "@dais/contracts/kit/command-message";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { sha256 } from "../canonical.ts";
import type { Lane } from "../lane.ts";
import { type Integration, type Outcome, traceparentOf } from "./commands.ts";
import type { Incoming } from "./port.ts";

/** Puts a command that was given up where people find it. The same message is there once. */
export const bury = (
  lane: Lane,
  from: Integration,
  message: Incoming,
  of: { outcome: Outcome; attempts: number; id: string; now: Date },
): Promise<unknown> =>
  lane.send(buried, [
    of.id,
    from.tenantId,
    from.id,
    digestOf(message),
    shown(message.messageId),
    of.outcome.operation,
    of.outcome.idempotencyKey,
    traceparentOf(message),
    textOf(message),
    message.body.length,
    of.outcome.code,
    of.attempts,
    of.now.toISOString(),
  ]);

/** Of each integration, so many commands that nobody has decided about are kept. */
const mostKept = 10_000;
/** So many are removed at once. */
export const removedAtOnce = 5000;

/** Removes the oldest of an integration's commands that nobody has decided about, beyond those that are kept. @returns how many */
export async function removeOldest(lane: Lane, { tenantId, id }: Integration): Promise<number> {
  const [row] = await lane.send(removed, [tenantId, id, mostKept, removedAtOnce]);
  return Number(row?.count);
}

/** A command that was replayed has been done; also where somebody dropped it in the moment in which it was sent. */
export const settled = (lane: Lane, from: Integration, message: Incoming, now: Date): Promise<unknown> =>
  lane.send(
    "update dead_commands set done_at = $3 where integration_id = $1 and digest = $2 and replayed_at is not null and done_at is null",
    [from.id, digestOf(message), now.toISOString()],
  );

/** A command that somebody wants tried again. */
export type Replay = {
  id: string;
  integrationId: string;
  body: string;
  messageId: string | null;
  traceparent: string | null;
};

export async function replays(lane: Lane, most: number): Promise<Replay[]> {
  const rows = await lane.send(
    `select d.id, d.integration_id, d.body, d.message_id, d.traceparent from dead_commands d join integrations i on i.id = d.integration_id
     where d.replayed_at is not null and d.sent_at is null and d.dropped_at is null and d.done_at is null and i.closed_at is null
     order by d.replayed_at limit $1`,
    [most],
  );
  return rows.map((row) => ({
    id: row.id as string,
    integrationId: row.integration_id as string,
    body: row.body as string,
    messageId: row.message_id as string | null,
    traceparent: row.traceparent as string | null,
  }));
}

export const sent = (lane: Lane, ids: readonly string[], now: Date): Promise<unknown> =>
  lane.send("update dead_commands set sent_at = $2 where id = any ($1::uuid[]) and replayed_at is not null", [
    arrayOf(ids),
    now.toISOString(),
  ]);

export async function countDead(lane: Lane): Promise<number> {
  const [row] = await lane.send(
    "select count(*)::text from (select from dead_commands where dropped_at is null and done_at is null limit 10000) d",
  );
  return Number(row?.count);
}

const digestOf = ({ body, messageId }: Incoming): string =>
  sha256(Buffer.concat([Buffer.from(`${messageId ?? ""}\n`), body]));

const shown = (text: string | null): string | null =>
  text === null || text.includes("\0") ? null : text.toWellFormed().slice(0, 200);

function textOf({ body }: Incoming): string | null {
  if (body.length > commandBytes) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

const undecided = "replayed_at is null and dropped_at is null and done_at is null";

// The condition stands twice: somebody may decide about one just now. An array is read once, whatever the planner thinks of the table.
const removed = `
  with gone as (
    delete from dead_commands where ${undecided} and id = any (array(
      select id from dead_commands where tenant_id = $1 and integration_id = $2 and ${undecided}
      order by failed_at desc, id desc offset $3 limit $4))
    returning 1
  )
  select count(*)::text from gone`;

const buried = `
  insert into dead_commands (id, tenant_id, integration_id, digest, message_id, operation, idempotency_key, traceparent, body, bytes, error_code,
    attempts, failed_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  on conflict (integration_id, digest) do update set attempts = dead_commands.attempts + excluded.attempts, error_code = excluded.error_code,
    failed_at = excluded.failed_at, replayed_at = null, sent_at = null, done_at = null, dropped_at = null`;
