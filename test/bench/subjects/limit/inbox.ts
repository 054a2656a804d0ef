import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import { listed } from "@dais/kernel/waiting-for";
import type { Known } from "../guard.ts";
import type { Hold } from "./lanes.ts";
import { behindTheWall } from "./list.ts";

/** Of the workflows that wait: what the ids begin with, where they are read, which moves they know in the state they wait in. */
const kinds = {
  agent: ["agt", "/agents/", "Agent", ["resume", "retire"], "agent."],
  approval: ["apr", "/approvals/", "Approval", ["approve", "refuse", "withdraw"], "approval."],
  posture: ["pos", "/posture/changes/", "Change of posture", ["confirm", "reject", "withdraw"], "posture."],
  proposal: ["prp", "/proposals/", "Proposal", ["approve", "reject", "withdraw"], "proposal."],
} as const;
const machines = arrayOf(Object.keys(kinds));
const moment = (value: unknown) => value && (value as Date).toISOString();

/** The first page of what waits for a person to whom nobody has delegated anything; all of it fits there. */
export async function inbox(
  hold: Hold,
  { tenantId, actorId, visible, permissions }: Known,
  url: string,
): Promise<string> {
  const limit = Number(/[?&]limit=(\d+)/.exec(url)?.[1] ?? 25);
  const person = uuidOf(actorId);
  const now = new Date().toISOString();
  const may = arrayOf([...permissions].filter((one) => /^(agent|approval|posture|proposal|signal)\./.test(one)));
  const params = [
    ...[tenantId, person, may, visible, "[]", now, "Asia/Dubai", null, "0001-01-01T00:00:00.000Z"],
    ...["00000000-0000-0000-0000-000000000000", limit + 1, machines],
    ...['{"action open","action in_progress","action blocked"}', `{${person}}`],
  ];
  const [, rows] = await hold((send) => Promise.all([send(behindTheWall, [tenantId]), send(listed, params)]));
  if (rows.length > limit) throw new Error("not what the bench sends");
  const items = rows.map((row) => {
    const [kind, path, title, moves, noun] = kinds[row.machine as keyof typeof kinds];
    const id = idOf(kind, row.resource_id as string);
    const dueAt = moment(row.due_at) as string | null;
    return {
      kind: row.machine,
      id,
      title: { en: row.title_en ?? title, ar: row.title_ar },
      state: row.state,
      since: moment(row.since),
      dueAt,
      overdue: dueAt !== null && dueAt <= now,
      path: `${path}${id}`,
      moves: moves.filter((one) => permissions.has(`${noun}${one}`)),
      via: row.via,
      onBehalfOf: row.from_id && idOf("per", row.from_id as string),
      classification: row.classification,
    };
  });
  return JSON.stringify({ items, nextCursor: null });
}
