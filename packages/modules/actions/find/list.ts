import type { actions as contract } from "@dais/contracts/actions";
import { workingStates } from "@dais/contracts/actions/values";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx, Handlers } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { mapped } from "../columns.ts";
import { type Row, show } from "../workflow.ts";
import { teamText } from "./team.ts";

type Filters = Parameters<Handlers<typeof contract>["list"]>[1];
type Paging = Pick<Filters, "limit" | "cursor">;
type Position = readonly [dueAt: string, id: string] | null;
/** A value's place in a statement: `$3::text`. */
type Put = (value: unknown, type: string) => string;

const due = "coalesce(due_at, 'infinity'::timestamptz)";
const inOrder = `order by ${due}, id`;
const working = `state in (${workingStates.map((state) => `'${state}'`).join(", ")})`;

/** The actions that fit, those that are due first in front. One exchange; a statement for each combination of filters. @throws invalid_cursor */
export const listed = (ctx: Ctx, input: Filters) =>
  paged(ctx, input, (put, after) => {
    const mine = (id: string) => put(id === "me" ? personOf(ctx) : uuidOf(id), "uuid");
    const { state, priority, ownerId, watcherId, entityId, sourceId, dueBefore, overdue } = input;
    const late = `(${working} and due_at <= ${overdue === undefined ? "" : put(ctx.now.toISOString(), "timestamptz")})`;
    const conditions = [
      seen(ctx, put),
      state && `state = any (${put(arrayOf(state), "text[]")})`,
      priority && `priority = any (${put(arrayOf(priority), "text[]")})`,
      ownerId && `owner_id = ${mine(ownerId)}`,
      watcherId && watched(put, mine(watcherId), ctx),
      entityId && `entity_id = ${put(uuidOf(entityId), "uuid")}`,
      sourceId && `source_id = ${put(uuidOf(sourceId), "uuid")}`,
      dueBefore && `due_day < ${put(dueBefore, "date")}`,
      overdue !== undefined && (overdue ? late : `${late} is not true`),
      beyond(put, after),
    ];
    return `select * from actions where ${conditions.filter(Boolean).join(" and ")} ${inOrder} limit ${put(input.limit + 1, "int")}`;
  });

/** What the caller sees to. One exchange. @throws invalid_cursor */
export async function mine(ctx: Ctx, input: Paging) {
  const after = positionOf(ctx, input) as Position;
  const params = [ctx.tenant.id, arrayOf(ctx.visible), personOf(ctx), input.limit + 1, ...(after ?? [])];
  return shown(ctx, input, await ctx.send(after ? mineAfter : mineFirst, params));
}

const mineText = (beyond: string) => {
  const conditions = `tenant_id = $1::uuid and classification = any ($2::text[]) and ${working} and ${beyond}`;
  // An owner is never a deputy of their own: nothing is in both.
  return `select * from (
    (select * from actions where owner_id = $3::uuid and ${conditions} ${inOrder} limit $4::int)
    union all
    (select * from actions_seen where deputy_ids @> array[$3::uuid] and ${conditions} ${inOrder} limit $4::int)
  ) as mine ${inOrder} limit $4::int`;
};
const mineFirst = mineText("true");
const mineAfter = mineText(`(${due}, id) > ($5::timestamptz, $6::uuid)`);

/** What the caller's team sees to. One exchange. @throws invalid_cursor */
export const team = (ctx: Ctx, input: Paging) =>
  paged(
    ctx,
    input,
    (put, after) => `
      ${teamText(put(ctx.tenant.id, "uuid"), put(personOf(ctx), "uuid"))}
      select * from actions
      where ${seen(ctx, put)} and ${working} and ${beyond(put, after)}
        and (entity_id = any (array(select id from below)) or owner_id = any (array(select id from led)))
      ${inOrder} limit ${put(input.limit + 1, "int")}`,
  );

async function paged(ctx: Ctx, input: Paging, textOf: (put: Put, after: Position) => string) {
  const params: unknown[] = [];
  const put: Put = (value, type) => `$${params.push(value)}::${type}`;
  const text = textOf(put, positionOf(ctx, input) as Position);
  return shown(ctx, input, await ctx.send(text, params));
}

const shown = (ctx: Ctx, input: Paging, rows: Rows) =>
  pageOf(ctx, input, rows.map(mapped), show, ({ dueAt, id }: Row) => [dueAt?.toISOString() ?? "infinity", id]);

/** Every query's first condition: the caller's tenant, at or below the caller's clearance. */
const seen = (ctx: Ctx, put: Put): string =>
  `tenant_id = ${put(ctx.tenant.id, "uuid")} and classification = any (${put(arrayOf(ctx.visible), "text[]")})`;

const beyond = (put: Put, after: Position): string =>
  after ? `(${due}, id) > (${put(after[0], "timestamptz")}, ${put(after[1], "uuid")})` : "true";

const watched = (put: Put, person: string, ctx: Ctx): string =>
  `id in (select action_id from action_watchers where tenant_id = ${put(ctx.tenant.id, "uuid")} and person_id = ${person} and ended_at is null)`;

/** Who is no person sees to nothing. */
const personOf = ({ actor }: Ctx): string | null => (actor.kind === "user" ? uuidOf(actor.id) : null);
