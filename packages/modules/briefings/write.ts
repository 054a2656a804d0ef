import type { briefings as contract } from "@dais/contracts/briefings";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { today } from "@dais/kernel/today";
import { begun } from "@dais/kernel/waiting";
import { checked, columnsOf } from "./content.ts";
import { hold, insert, write } from "./rows.ts";
import { contentOf, type Row, show, workflow } from "./workflow.ts";

type Its = Handlers<typeof contract>;

/** Makes a draft with its first edition. @throws briefing_day_past, what `checked` does */
export const create: Its["create"] = async (ctx, said) => {
  const day = said.day ?? today(ctx);
  if (day < today(ctx)) throw new Problem("briefing_day_past", { today: today(ctx) });
  const row = insert(ctx, await checked(ctx, { ...said, day }));
  const [resource, after] = [resourceOf(row), show(row)];
  record(ctx, { resource, after, event: "create", from: null, to: row.state });
  begun(ctx, workflow, row);
  emit(ctx, { name: "briefing.created", resource, payload: { id: after.id, day } });
  return after;
};

/**
 * Edits a draft: what is said anew is another edition, and what is said as it was is none.
 * @throws briefing_not_found, briefing_changed, briefing_wrong_state, what `checked` does
 */
export const update: Its["update"] = async (ctx, { id, version, ...said }) => {
  const row = await holdDraft(ctx, id, version);
  const wanted = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const content = await checked(ctx, { ...contentOf(row), ...wanted });
  const changed = columnsOf(content).contentSha256 !== row.contentSha256;
  const now = changed ? write(ctx, row, content) : row;
  const [resource, after] = [resourceOf(now), show(now)];
  record(ctx, { resource, before: show(row), after, changed });
  if (changed) emit(ctx, { name: "briefing.updated", resource, payload: { id, edition: after.edition } });
  return after;
};

async function holdDraft(ctx: Ctx, id: string, version: number): Promise<Row> {
  const row = await hold(ctx, id);
  if (row.version !== version) throw new Problem("briefing_changed", { version: row.version, state: row.state });
  if (row.state !== "draft") throw new Problem("briefing_wrong_state", { state: row.state, event: "update" });
  return row;
}

const resourceOf = ({ id, version, classification }: Row) => ({ type: "briefing", id, version, classification });
