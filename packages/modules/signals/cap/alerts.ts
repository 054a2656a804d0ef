import type { CapAlert } from "@dais/cap/model";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { SignalAlert } from "@dais/contracts/signals";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { instant } from "../beside.ts";
import { foreign, nameOf } from "./names.ts";
import { momentOf } from "./words.ts";

type Asked = {
  limit: number;
  cursor?: string | undefined;
  signalId?: string | undefined;
  sender?: string | undefined;
  identifier?: string | undefined;
  status?: SignalAlert["status"][] | undefined;
};

const conditions = {
  after: (n: number) => `a.id < $${n}::uuid`,
  signalId: (n: number) =>
    `a.signal_id in (select s.id from signals s where s.tenant_id = $1 and (s.id = $${n}::uuid or s.merged_into = $${n}::uuid))`,
  sender: (n: number) => `a.sender = $${n}`,
  identifier: (n: number) => `a.identifier = $${n}`,
  status: (n: number) => `a.status = any ($${n}::text[])`,
};

/** A page of the alerts that the caller sees, newest first. @throws invalid_cursor */
export async function alerts(ctx: Ctx, input: Asked) {
  const [after] = (positionOf(ctx, input) ?? []) as string[];
  const given = {
    after,
    signalId: input.signalId && uuidOf(input.signalId),
    sender: input.sender,
    identifier: input.identifier,
    status: input.status && arrayOf(input.status),
  };
  const wanted = (Object.keys(conditions) as (keyof typeof conditions)[]).filter((name) => given[name] !== undefined);
  const rows = await ctx.send(
    `select a.*, to_json(a.warnings) as said, coalesce(l.merged_into, l.id) as lived, (
       select json_agg(k.name) from signal_alerts k where k.tenant_id = $1 and k.name = any (string_to_array(replace(array_to_string(a.refers, ','), '${foreign}', ''), ','))
     ) as known
     from signal_alerts a left join signals l on l.tenant_id = $1 and l.id = a.signal_id
     where a.tenant_id = $1 and a.classification = any ($2::text[]) ${wanted.map((name, n) => `and ${conditions[name](n + 4)}`).join(" ")}
     order by a.id desc limit $3`,
    [ctx.tenant.id, arrayOf(ctx.visible), input.limit + 1, ...wanted.map((name) => given[name])],
  );
  return pageOf(ctx, input, rows, show, (row) => [row.id as string]);
}

function show(row: Rows[number]): SignalAlert {
  const alert = JSON.parse(row.alert as string) as CapAlert;
  const known = new Set((row.known ?? []) as string[]);
  const entityId = row.entity_id === null ? null : idOf("ent", row.entity_id as string);
  const within = { classification: row.classification as string, entityId };
  return {
    id: idOf("alr", row.id as string),
    signalId: row.lived === null ? null : idOf("sig", row.lived as string),
    source: row.source as string,
    classification: within.classification,
    sender: alert.sender.slice(0, 2000),
    identifier: alert.identifier.slice(0, 2000),
    sent: momentOf(alert.sent),
    messageType: alert.msgType,
    status: alert.status,
    references: alert.references.slice(0, 100).map((one) => ({
      sender: one.sender.slice(0, 2000),
      identifier: one.identifier.slice(0, 2000),
      sent: momentOf(one.sent),
      known: known.has(nameOf(within, one)),
    })),
    note: alert.note,
    signature: row.signature as SignalAlert["signature"],
    warnings: row.said as string[],
    receivedAt: instant(row.received_at),
  };
}
