import { type AuditEntry, type audit as contract, mostExported, ndjson } from "@dais/contracts/audit";
import type { Download } from "@dais/contracts/kit/download";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { download } from "@dais/kernel/download";
import { pack } from "@dais/kernel/packed";
import { Problem } from "@dais/kernel/problem";
import { finding } from "@dais/kernel/told";
import { ocsf } from "./ocsf.ts";
import { atPlaces, horizon, oldest, type Row } from "./rows.ts";
import { show } from "./show.ts";

type Wanted = Parameters<Handlers<typeof contract>["export"]>[1];

/** So many entries are in memory at once. */
const pageSize = 100;

/**
 * Entries as lines of JSON, oldest first: those that had been committed up to a moment of the database, so that the same address leads to
 * the same lines while more are written. Only what was erased meanwhile is another line.
 * @throws audit_export_too_large
 */
export async function exported(ctx: Ctx, wanted: Wanted): Promise<Download> {
  const { format, through: given, ...filters } = wanted;
  const through = given ?? (await horizon(ctx));
  const places = await oldest(ctx, filters, through, mostExported + 1);
  if (places.length > mostExported) throw new Problem("audit_export_too_large", { limit: mostExported });
  const line = format === "ocsf" ? ocsf(ctx) : (entry: AuditEntry) => entry;
  const told = finding(ctx.tenant);

  async function* lines(): AsyncGenerator<string> {
    for (let at = 0; at < places.length; at += pageSize) {
      const rows = await atPlaces(ctx, places.slice(at, at + pageSize));
      yield rows.map((row) => `${JSON.stringify(line(shown(row)))}\n`).join("");
    }
  }

  function shown(row: Row): AuditEntry {
    const entry = show(ctx, row);
    const { id, classification, withheld } = entry;
    if (!withheld && classification !== null) told.add({ id, classification });
    return entry;
  }

  return download(ctx, {
    content: await pack(lines()), // before it is known what they tell of
    mediaType: ndjson,
    name: `audit-${through}.ndjson`,
    path: `/audit/export?${new URLSearchParams({ ...said({ ...filters, format, through }) })}`,
    tells: { ...told.found, always: true },
  });
}

const said = (fields: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<string, string>;
