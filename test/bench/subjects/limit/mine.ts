import { createHmac } from "node:crypto";
import { type IdKind, idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { cursorKey } from "../fixed.ts";
import type { Known } from "../guard.ts";
import type { Hold } from "./lanes.ts";
import { behindTheWall } from "./list.ts";

const order = "order by coalesce(due_at, 'infinity'::timestamptz), id";
const working = "state in ('open', 'in_progress', 'blocked')";
const fits = `tenant_id = $1::uuid and classification = any ($2::text[]) and ${working}`;
const text = `
  select * from (
    (select * from actions where owner_id = $3::uuid and ${fits} ${order} limit $4::int)
    union all
    (select * from actions_seen where deputy_ids @> array[$3::uuid] and ${fits} ${order} limit $4::int)
  ) as mine ${order} limit $4::int`;

/** What a person sees to, with a signed cursor. */
export async function mine(hold: Hold, { tenantId, actorId, visible }: Known, url: string): Promise<string> {
  const limit = Number(/[?&]limit=(\d+)/.exec(url)?.[1] ?? 25);
  const [, rows] = await hold((send) =>
    Promise.all([send(behindTheWall, [tenantId]), send(text, [tenantId, visible, uuidOf(actorId), limit + 1])]),
  );
  const items = rows.slice(0, limit).map(show);
  const last = rows[limit - 1];
  if (rows.length <= limit || !last) return JSON.stringify({ items, nextCursor: null });
  const position = [last.due_at ? (last.due_at as Date).toISOString() : "infinity", last.id];
  const body = Buffer.from(JSON.stringify(position)).toString("base64url");
  const mark = createHmac("sha256", cursorKey)
    .update([tenantId, "actions.mine", sha256("{}"), body].join("\n"))
    .digest()
    .subarray(0, 18);
  return JSON.stringify({ items, nextCursor: `${body}.${mark.toString("base64url")}` });
}

type Row = Record<string, unknown>;
const moment = (value: unknown) => value && (value as Date).toISOString();
const id = (kind: IdKind, value: unknown) => value && idOf(kind, value as string);
const ids = (array: string) =>
  array === "{}"
    ? []
    : array
        .slice(1, -1)
        .split(",")
        .map((one) => idOf("per", one));

/** A row of actions as the API shows it. */
const show = (row: Row) => ({
  id: id("act", row.id),
  title: row.title,
  details: row.details,
  priority: row.priority,
  dueDay: row.due_day && day(row.due_day),
  ownerId: id("per", row.owner_id),
  deputyIds: ids(row.deputy_ids as string),
  entityId: id("ent", row.entity_id),
  dueAt: moment(row.due_at),
  classification: row.classification,
  source: null,
  createdBy: row.created_by,
  completedBy: row.completed_by,
  completedAt: moment(row.completed_at),
  verifiedBy: row.verified_by,
  verifiedAt: moment(row.verified_at),
  state: row.state,
  stateReason: row.state_reason,
  version: row.version,
  createdAt: moment(row.created_at),
  updatedAt: moment(row.updated_at),
});
const day = (value: unknown) => (value instanceof Date ? value.toISOString().slice(0, 10) : value);
