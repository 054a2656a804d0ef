import type { Action } from "@dais/contracts/actions";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { actionWorkflow } from "@dais/contracts/workflows/action";
import { movesFrom } from "@dais/contracts/workflows/derived";
import { actions } from "@dais/drizzle/schema/actions";
import type { Ctx } from "@dais/kernel/context";
import type { Workflow } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import type { Waiter } from "@dais/kernel/waiting";
import { along, machine } from "./machine.ts";
import { sourceOf } from "./sources.ts";

export type Row = typeof actions.$inferSelect;

/** The action as a thing whose state moves. */
export const workflow: Workflow<typeof actions, Action> = {
  spec: actionWorkflow,
  idKind: "act",
  table: actions,
  machine,
  along,
  show,
  policies: { another },
  waiting: (row) => (row.state === "done" ? { barred: doersOf(row).map(uuidOf) } : { waiters: workersOf(row) }),
  problems: { notFound: "action_not_found", wrongState: "action_wrong_state", changed: "action_changed" },
};

/** Whoever owns it or has completed it, in whatever way, doesn't verify it; nor does a program with nobody behind it. */
function another({ actor }: Ctx, row: Row): Problem | null {
  const theirs = doersOf(row);
  const own = actor.persons.length === 0 || actor.persons.some((person) => theirs.includes(person));
  return own ? new Problem("action_own_work") : null;
}

/** Ids of the people whose work it is. */
const doersOf = ({ ownerId, completedPersons }: Row): string[] => [
  ...new Set([idOf("per", ownerId), ...completedPersons]),
];

/** Who sees to it: its owner, and whoever may in the owner's place. */
export function workersOf({ ownerId, deputyIds, state }: Row): Waiter[] {
  const moves = movesFrom(actionWorkflow, state).map(({ permission }) => permission);
  return [...new Set([ownerId, ...deputyIds])].map((personId) => ({ personId, moves }));
}

/** The row as the contract shows it. */
export function show(row: Row): Action {
  return {
    id: idOf("act", row.id),
    title: row.title,
    details: row.details,
    priority: row.priority,
    dueDay: row.dueDay,
    ownerId: idOf("per", row.ownerId),
    deputyIds: row.deputyIds.map((id) => idOf("per", id)),
    entityId: row.entityId && idOf("ent", row.entityId),
    dueAt: row.dueAt?.toISOString() ?? null,
    classification: row.classification,
    source: sourceOf(row),
    createdBy: row.createdBy,
    completedBy: row.completedBy,
    completedAt: row.completedAt?.toISOString() ?? null,
    verifiedBy: row.verifiedBy,
    verifiedAt: row.verifiedAt?.toISOString() ?? null,
    state: row.state,
    stateReason: row.stateReason,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The action, as audit entries and events name it. */
export const resourceOf = ({ id, version, classification, entityId }: Row) => ({
  type: "action",
  ...{ id, version, classification, entityId },
});
