import { signals } from "@dais/drizzle/schema/signals";
import type { Ctx } from "@dais/kernel/context";
import { getTableColumns } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Row } from "./workflow.ts";

const columns = Object.entries(getTableColumns(signals)) as [keyof Row, PgColumn][];
const names = columns.map(([, column]) => `"${column.name}"`).join(", ");
const typed = columns.map(([, column]) => `"${column.name}" ${column.getSQLType()}`).join(", ");

const insertText = `
  with input as (select * from json_to_recordset($1::json) as r(${typed})),
  placed as (
    select i.* from input i
    where i.entity_id is null or exists (select from entities e where e.tenant_id = $2 and e.id = i.entity_id)
  ),
  made as (insert into signals (${names}) select ${names} from placed order by id on conflict do nothing returning id)
  select i.id, case when m.id is not null then 'made' when p.id is not null then 'known' else 'no entity' end as became
  from input i left join placed p on p.id = i.id left join made m on m.id = i.id`;

/** Inserts what is new, any number of rows with one statement, and says for each row's id what became of it. */
export async function insert(ctx: Ctx, rows: readonly Row[]): Promise<Map<string, "made" | "known" | "no entity">> {
  const became = await ctx.send(insertText, [JSON.stringify(rows.map(byColumn)), ctx.tenant.id]);
  return new Map(became.map((row) => [row.id as string, row.became as "made"]));
}

function byColumn(row: Row): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [field, { name }] of columns) named[name] = row[field];
  return named;
}

/** Finds the ids of rows that are there already by source and external id, as far as they exist for the caller. */
export async function knownOf(ctx: Ctx, rows: readonly Row[]): Promise<(row: Row) => string | undefined> {
  if (rows.length === 0) return () => undefined;
  const keys = rows.map(({ source, externalId }) => ({ source, external_id: externalId }));
  const found = await ctx.send(
    `select distinct s.id, s.source, s.external_id from json_to_recordset($1::json) as k(source text, external_id text)
     join signals s on s.tenant_id = $2 and s.source = k.source and s.external_id = k.external_id
     where s.classification = any ($3::text[])`,
    [JSON.stringify(keys), ctx.tenant.id, `{${ctx.visible.join(",")}}`],
  );
  const ids = new Map(found.map((row) => [`${row.source} ${row.external_id}`, row.id as string]));
  return (row) => ids.get(`${row.source} ${row.externalId}`);
}
