import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { briefingEditions, briefingRecipients, briefings } from "@dais/drizzle/schema/briefings";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { sendLast } from "@dais/kernel/last";
import { Problem } from "@dais/kernel/problem";
import {
  and,
  desc,
  eq,
  exists,
  getTableColumns,
  gte,
  inArray,
  lte,
  notInArray,
  type SQL,
  sql,
  type Table,
} from "drizzle-orm";
import type { Content } from "./content.ts";
import { columnsOf } from "./content.ts";
import type { Head, Row } from "./workflow.ts";

const { sections: _s, sources: _o, audience: _a, ...head } = getTableColumns(briefings);

/** At or below the caller's clearance. */
const seen = (ctx: Ctx) =>
  and(eq(briefings.tenantId, ctx.tenant.id), inArray(briefings.classification, [...ctx.visible]));

/** It was distributed to the caller, and not withdrawn. */
function addressed(ctx: Ctx): SQL {
  if (ctx.actor.kind !== "user") return sql`(1 = 0)`;
  const { tenantId, briefingId, personId } = briefingRecipients;
  const mine = and(eq(tenantId, ctx.tenant.id), eq(briefingId, briefings.id), eq(personId, uuidOf(ctx.actor.id)));
  const received = ctx.db.select({ one: sql`1` }).from(briefingRecipients).where(mine);
  return and(eq(briefings.state, "distributed"), exists(received)) as SQL;
}

/** Who may read briefings sees all, as the server itself does; others what was distributed to them. */
const open = (ctx: Ctx) =>
  ctx.actor.permissions.has("briefing.read") || ctx.actor.kind === "system" ? undefined : addressed(ctx);

/** The row, unless it is not there for this caller. @throws briefing_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(briefings)
    .where(and(seen(ctx), open(ctx), eq(briefings.id, uuidOf(id))));
  if (!row) throw new Problem("briefing_not_found");
  return row;
}

/** Those of these briefings, by public id, that are there for the caller -> their classification. */
export async function classificationsOf(ctx: Ctx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await ctx.db
    .select({ id: briefings.id, classification: briefings.classification })
    .from(briefings)
    .where(and(seen(ctx), open(ctx), inArray(briefings.id, ids.map(uuidOf))));
  return new Map(rows.map((row) => [idOf("brf", row.id), row.classification]));
}

/** The row, held until the end of this change. @throws briefing_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.db
    .select()
    .from(briefings)
    .where(and(seen(ctx), eq(briefings.id, uuidOf(id))))
    .for("no key update");
  if (!row) throw new Problem("briefing_not_found");
  return row;
}

/** The caller's of a day: what was distributed to them, or else what has come furthest; undefined where there is none. */
export async function ofDay(ctx: Ctx, day: string): Promise<Row | undefined> {
  const { state, updatedAt, id } = briefings;
  const [row] = await ctx.db
    .select()
    .from(briefings)
    .where(and(seen(ctx), open(ctx), eq(briefings.day, day), notInArray(state, ["withdrawn", "expired"])))
    .orderBy(
      sql`${addressed(ctx)} desc`,
      sql`array_position(array['distributed', 'approved', 'pending_approval', 'draft'], ${state})`,
      desc(updatedAt),
      desc(id),
    )
    .limit(1);
  return row;
}

type Filters = { state?: Row["state"]; fromDay?: string; toDay?: string };

export function latest(ctx: Ctx, of: Filters, before: [string, string] | null, limit: number): Promise<Head[]> {
  const { day, id, state } = briefings;
  return ctx.db
    .select(head)
    .from(briefings)
    .where(
      and(
        seen(ctx),
        of.state ? eq(state, of.state) : undefined,
        of.fromDay ? gte(day, of.fromDay) : undefined,
        of.toDay ? lte(day, of.toDay) : undefined,
        before ? sql`(${day}, ${id}) < (${before[0]}::date, ${before[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(day), desc(id))
    .limit(limit);
}

/** Makes a draft, and its first edition, with the commit. */
export function insert(ctx: Ctx, content: Content): Row {
  const by = ctx.actor.id;
  const row: Row = {
    ...{ id: ctx.newId(), tenantId: ctx.tenant.id, ...columnsOf(content), edition: 1, createdBy: by, editedBy: by },
    ...{ submittedBy: null, approvedBy: null, approvedAt: null, distributedBy: null, distributedAt: null },
    ...{ recipients: null, state: "draft", stateReason: null, version: 1, createdAt: ctx.now, updatedAt: ctx.now },
  };
  sendLast(ctx, () => insertRows(ctx.send, [named(briefings, row)]));
  writeEdition(ctx, row);
  return row;
}

/** Writes another edition of a draft that is held, with the commit. */
export function write(ctx: Ctx, before: Row, content: Content): Row {
  const row: Row = {
    ...{ ...before, ...columnsOf(content), edition: before.edition + 1, editedBy: ctx.actor.id },
    ...{ version: before.version + 1, updatedAt: ctx.now },
  };
  sendLast(ctx, () => ctx.send(updateText, [ctx.tenant.id, JSON.stringify(named(briefings, row))]));
  writeEdition(ctx, row);
  return row;
}

/** The edition that a row says now. */
function writeEdition(ctx: Ctx, { id: briefingId, ...row }: Row): void {
  const edition = { ...row, briefingId, author: ctx.actor.id, createdAt: ctx.now };
  sendLast(ctx, () => insertEditions(ctx.send, [named(briefingEditions, edition)]));
}

/** A row by the names of its columns. */
const named = (table: Table, row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(getTableColumns(table)).map(([field, { name }]) => [name, row[field]]));
const insertRows = rowsInserter(briefings, []);
const insertEditions = rowsInserter(briefingEditions, []);

const written = Object.entries({
  ...{ day: "date", title: "jsonb", sections: "jsonb", sources: "jsonb", classification: "text", audience: "jsonb" },
  ...{ edition: "int", content_sha256: "text", audience_sha256: "text", signal_ids: "uuid[]", edited_by: "text" },
  ...{ version: "int", updated_at: "timestamptz" },
});
const updateText = `
  update briefings t set ${written.map(([name]) => `${name} = r.${name}`).join(", ")}
  from json_to_record($2::json) as r (id uuid, ${written.map((column) => column.join(" ")).join(", ")})
  where t.tenant_id = $1 and t.id = r.id`;
