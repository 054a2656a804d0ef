import type { Operation } from "@dais/contracts/kit/derive";
import { idOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals/shape";
import { proposalWorkflow } from "@dais/contracts/workflows/proposal";
import { proposals } from "@dais/drizzle/schema/proposals";
import { getTableColumns } from "drizzle-orm";
import { record } from "../audit.ts";
import { digest } from "../canonical.ts";
import { type Actor, type Ctx, nothingWritten } from "../context.ts";
import { rowsInserter } from "../insert.ts";
import { emit } from "../outbox.ts";
import { Problem } from "../problem.ts";
import { begun } from "../waiting.ts";
import { effectOf, levelOf } from "./effect.ts";
import { type ProposalRow, proposalWaiting, showProposal } from "./show.ts";

/** How many proposals of an agent may be open at once. */
export const mostOpen = 1000;
/** How long a proposal can be decided about. */
export const openForMs = 7 * 24 * 3_600_000;

/** Whether a call of this actor's is a proposal, and not yet the command itself. */
export const isProposed = ({ meta }: Pick<Operation, "meta">, actor: Pick<Actor, "kind">): boolean =>
  actor.kind === "agent" && meta.agent === "propose";

/**
 * Makes a proposal of a registered agent's call. The command is done within the open transaction and taken back: what it recorded is what
 * it would do. What it would have done outside of the database was only noted, and is forgotten.
 * @throws what the command throws; proposal_limit
 */
export async function propose(
  ctx: Ctx,
  operation: Operation,
  input: Record<string, unknown>,
  handler: (ctx: Ctx, input: unknown) => Promise<unknown>,
): Promise<Proposal> {
  const { tenant, actor, now } = ctx;
  const { agent } = actor;
  if (!agent) throw new Problem("proposal_required");
  const { ids, written } = await tried(ctx, operation, input, handler);
  const effect = effectOf(written, input, actor.clearance);
  const row: ProposalRow = {
    id: ctx.newId(),
    tenantId: tenant.id,
    operation: operation.path,
    input: JSON.parse(JSON.stringify(input)),
    inputHash: inputHash(operation.path, input),
    effect,
    effectHash: digest(effect),
    ids,
    agentId: actor.id,
    onBehalfOf: actor.onBehalfOf,
    persons: [...actor.persons],
    model: actor.said?.model ?? agent.model,
    modelVersion: actor.said?.version ?? agent.version,
    classification: levelOf(written, tenant.levels, actor.clearance),
    state: "open",
    stateReason: null,
    decidedBy: null,
    decidedAt: null,
    output: null,
    expiresAt: new Date(now.getTime() + openForMs),
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  await insert(ctx, row);
  const after = showProposal(row);
  const { id, version, classification } = row;
  const resource = { type: "proposal", id, version, classification };
  const as = { action: "proposal.make", permission: operation.meta.permission ?? operation.path };
  record(ctx, { resource, after, event: "make", from: null, to: row.state, as });
  begun(ctx, { spec: proposalWorkflow, waiting: proposalWaiting }, row);
  emit(ctx, { name: "proposal.made", resource, payload: { id: idOf("prp", id) } });
  return after;
}

/** What is approved: the command and its input, whatever the order of their keys. */
export const inputHash = (operation: string, input: unknown): string => digest({ operation, input });

/** Does a command and takes it back. A problem of its own ends the whole call, as if it had been meant. */
async function tried(
  ctx: Ctx,
  operation: Operation,
  input: unknown,
  handler: (ctx: Ctx, input: unknown) => Promise<unknown>,
) {
  const ids: string[] = [];
  const written = nothingWritten();
  const newId = () => {
    const id = ctx.newId();
    ids.push(id);
    return id;
  };
  const before = ctx.send("savepoint proposed", []);
  before.catch(() => {}); // what kept the transaction from beginning is met by the command's own first statement
  operation.output.parse(await handler({ ...ctx, newId, written }, input));
  await Promise.all([before, ...written.last.map((send) => send()), ctx.send("rollback to savepoint proposed", [])]);
  if (written.entries.length === 0)
    throw new Error(`${operation.path} recorded nothing: a change that leaves no trace`);
  return { ids, written };
}

/** Those of an agent are made one after the other, so that the limit holds. @throws proposal_limit */
async function insert(ctx: Ctx, row: ProposalRow): Promise<void> {
  const { tenant, actor } = ctx;
  const columns = Object.entries(getTableColumns(proposals));
  const named = Object.fromEntries(columns.map(([field, { name }]) => [name, row[field as keyof ProposalRow]]));
  const [, [open]] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`proposals ${tenant.id} ${actor.id}`]),
    ctx.send(openText, [tenant.id, actor.id, mostOpen]),
    insertRows(ctx.send, [named]),
  ]);
  if (Number(open?.count) >= mostOpen) throw new Problem("proposal_limit", { limit: mostOpen });
}

const openText = `
  select count(*) from (select from proposals where tenant_id = $1 and agent_id = $2 and state = 'open' limit $3) as o`;
const insertRows = rowsInserter(proposals, []);
