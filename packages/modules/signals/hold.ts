import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { mapped } from "./columns.ts";
import type { Row } from "./workflow.ts";

const text = "select * from signals where tenant_id = $1 and id = $2 and classification = any ($3::text[])";

const asked = (ctx: Ctx, id: string) => [ctx.tenant.id, uuidOf(id), arrayOf(ctx.visible)];

/** Holds a signal until the end of this change. @throws signal_not_found */
export async function hold(ctx: Ctx, id: string): Promise<Row> {
  const [row] = await ctx.send(`${text} for no key update`, asked(ctx, id));
  if (!row) throw new Problem("signal_not_found");
  return mapped(row);
}

/** Whether the caller sees the signal. */
export const sees = async (ctx: Ctx, id: string): Promise<boolean> =>
  (await ctx.send(text.replace("*", "id"), asked(ctx, id))).length > 0;

/** @throws signal_changed */
export function atVersion(row: Row, version: number): void {
  if (row.version !== version) throw new Problem("signal_changed", { version: row.version, state: row.state });
}

/** Nobody works on what turned out to be another signal: it would be lost. @throws signal_merged */
export function unmerged(row: Row): void {
  if (row.state === "merged")
    throw new Problem("signal_merged", { mergedInto: row.mergedInto && idOf("sig", row.mergedInto) });
}

/** The signal, as audit entries and events name it. */
export const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  type: "signal",
  id,
  version,
  classification,
  entityId,
});
