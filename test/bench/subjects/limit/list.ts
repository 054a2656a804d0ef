import { createHmac } from "node:crypto";
import { sha256 } from "@dais/kernel/canonical";
import { cursorKey } from "../fixed.ts";
import type { Known } from "../guard.ts";
import type { Hold } from "./lanes.ts";
import { columns, show } from "./signal.ts";

const text = `select ${columns.join(", ")} from signals where tenant_id = $1 and classification = any ($2::text[]) and state <> $3
  order by occurred_at desc, id desc limit $4`;
export const behindTheWall =
  "select set_config('dais.tenant', $1, false), set_config('default_transaction_read_only', 'on', false)";

/** The newest signals, with a signed cursor. */
export async function list(hold: Hold, { tenantId, visible }: Known, url: string): Promise<string> {
  const limit = Number(/[?&]limit=(\d+)/.exec(url)?.[1] ?? 25);
  const [, rows] = await hold((send) =>
    Promise.all([send(behindTheWall, [tenantId]), send(text, [tenantId, visible, "merged", limit + 1])]),
  );
  const items = rows.slice(0, limit).map(show);
  const last = rows[limit - 1];
  if (rows.length <= limit || !last) return JSON.stringify({ items, nextCursor: null });
  const body = Buffer.from(JSON.stringify([(last.occurred_at as Date).toISOString(), last.id])).toString("base64url");
  const mark = createHmac("sha256", cursorKey)
    .update([tenantId, "signals.list", sha256('{"sort":"-occurredAt"}'), body].join("\n"))
    .digest()
    .subarray(0, 18);
  return JSON.stringify({ items, nextCursor: `${body}.${mark.toString("base64url")}` });
}
