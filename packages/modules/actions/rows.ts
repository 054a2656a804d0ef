import { workingStates } from "@dais/contracts/actions/values";
import { uuidOf } from "@dais/contracts/kit/ids";
import { actions } from "@dais/drizzle/schema/actions";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { rowsInserter } from "@dais/kernel/insert";
import { Problem } from "@dais/kernel/problem";
import { byColumn, mapped } from "./columns.ts";
import type { Row } from "./workflow.ts";

const some =
  "select * from actions where tenant_id = $1 and id = any ($2::uuid[]) and classification = any ($3::text[])";
const asked = (ctx: Ctx, ids: readonly string[]) => [ctx.tenant.id, arrayOf(ids.map(uuidOf)), arrayOf(ctx.visible)];

/** The row, unless it is not there for this caller. @throws action_not_found */
export async function find(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.send(some, asked(ctx, [id]));
  if (!row) throw new Problem("action_not_found");
  return mapped(row);
}

/** Those of these actions that are there for the caller, by uuid, held until the end of this change; in the order in which everybody holds several. */
export async function holdThese(ctx: Ctx, ids: readonly string[]): Promise<Map<string, Row>> {
  const rows = await ctx.send(`${some} order by id for no key update`, asked(ctx, ids));
  return new Map(rows.map((row) => [row.id as string, mapped(row)]));
}

/**
 * An action to which something is added: until the end of this change it is neither edited nor moved. Others may add to it at the same
 * time, unless `alone`. @throws action_not_found
 */
export async function holdBeside(ctx: Ctx, id: string, alone = false): Promise<Row> {
  const [row] = await ctx.send(`${some} for ${alone ? "no key update" : "share"}`, asked(ctx, [id]));
  if (!row) throw new Problem("action_not_found");
  return mapped(row);
}

/** Whether the caller sees the action. */
export const sees = async (ctx: Ctx, id: string): Promise<boolean> =>
  (await ctx.send(some.replace("*", "id"), asked(ctx, [id]))).length > 0;

/** @throws action_wrong_state */
export function worked({ state }: Row): void {
  if (!isWorked(state)) throw new Problem("action_wrong_state", { state });
}
export const isWorked = (state: Row["state"]): boolean => (workingStates as readonly string[]).includes(state);

const insertRows = rowsInserter(actions, []);
export const insert = (ctx: Ctx, row: Row) => insertRows(ctx.send, [byColumn(row)]);

/** What an edit may change. The rows are held by this change. */
export const update = (rows: readonly Row[]): [text: string, rows: string] => [
  updateText,
  JSON.stringify(rows.map(byColumn)),
];
const edited = ["title", "details", "priority", "due_day", "due_at", "owner_id", "deputy_ids", "entity_id"].concat([
  ...["version", "updated_at"],
]);
const updateText = `
  update actions t set ${edited.map((column) => `${column} = r.${column}`).join(", ")}
  from json_to_recordset($2::json) as r (id uuid, title text, details text, priority text, due_day date, due_at timestamptz, owner_id uuid,
    deputy_ids uuid[], entity_id uuid, version int, updated_at timestamptz)
  where t.tenant_id = $1 and t.id = r.id`;
