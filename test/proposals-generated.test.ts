import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { uuidOf } from "@dais/contracts/kit/ids";
import type { Proposal } from "@dais/contracts/proposals";
import { canonical } from "@dais/kernel/canonical";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { proposable, sceneOf } from "./support/proposal-scenes.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { call } from "./support/things.ts";

const total = Number(process.env.PROPOSALS_COUNT ?? 150);
const seed = Number(process.env.PROPOSALS_SEED ?? 20260106);
const atOnce = 8;
const sql = asOwner();

let url: string;
let here: Place;
let key: string;
let api: RestClient;
let agent: Proposer;
let person: RestClient;
beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  key = await here.key();
  api = restClient(url, key);
  agent = await proposer(here);
  person = restClient(url, await (await here.person()).session({ proven: true }));
});

const idIn = ({ input }: Proposal) => String(input.id ?? "");
const versionIn = ({ input }: Proposal) => Number(input.version);
const onSignal = (work: (proposal: Proposal) => Promise<unknown>) => async (proposal: Proposal) =>
  idIn(proposal).startsWith("sig_") && work(proposal);

/** What happens between proposing and deciding. */
const meanwhile: Record<string, (proposal: Proposal) => Promise<unknown>> = {
  nothing: async () => {},
  "somebody notes something, which is no part of it": onSignal((proposal) =>
    api.post(`/signals/${idIn(proposal)}/add-note`, { body: "Looked at it." }),
  ),
  "somebody does the same": ({ operation, input }) =>
    call(url, key, operations.get(operation) as Operation, { ...input }),
  "somebody moves it elsewhere": onSignal((proposal) =>
    api.post(`/signals/${idIn(proposal)}/snooze`, {
      version: versionIn(proposal),
      until: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  ),
  "somebody assigns it": onSignal((proposal) =>
    api.post(`/signals/${idIn(proposal)}/assign`, { version: versionIn(proposal), personId: agent.owner.id }),
  ),
  "it comes to lie above everybody": onSignal(
    (proposal) => sql`update signals set classification = 'cosmic' where id = ${uuidOf(idIn(proposal))}`,
  ),
  "more of its kind comes in": async ({ input }) =>
    reported(api, { source: (input.filters as { source?: string } | undefined)?.source ?? crypto.randomUUID() }),
  "somebody names the group": async (proposal) =>
    idIn(proposal).startsWith("sgr_") &&
    api.patch(`/signal-groups/${idIn(proposal)}`, { version: versionIn(proposal), name: "Another flood" }),
};

type Entry = {
  changes: Record<string, [unknown, unknown]> | null;
  at: Date;
  resource_type: string;
  event: string | null;
};
const had = ({ id }: Proposal) => sql<Entry[]>`
  select changes, at, resource_type, event from audit where tenant_id = ${here.tenantId} and decision->>'proposal' = ${id} order by seq`;

/** What differs between what was shown and what is on record, but for the moment of the call. */
function unlike(proposal: Proposal, entries: readonly Entry[]): unknown[] {
  const { changes } = proposal.effect;
  if (changes.length !== entries.length) return [`${changes.length} shown, ${entries.length} done`];
  return changes.flatMap((shown, n) => {
    const { changes: done, at, ...entry } = entries[n] as Entry;
    const later = at.getTime() - Date.parse(proposal.createdAt);
    // Who approves does it instead of the agent.
    const same = (field: string, one: unknown, two: unknown) =>
      canonical(one) === canonical(two) ||
      Date.parse(String(two)) - Date.parse(String(one)) === later ||
      (/(^b|B)y$/.test(field) && one === agent.id && String(two).startsWith("per_"));
    const kind = shown.resource.type === entry.resource_type && shown.event === entry.event;
    const fields =
      Object.keys(done ?? {})
        .sort()
        .join() === (shown.changes ?? []).map(({ field }) => field).join();
    const values = (shown.changes ?? []).filter(({ field, before, after }) => {
      const [was, is] = done?.[field] ?? [];
      return canonical(before) !== canonical(was) || !same(field, after, is);
    });
    return kind && fields && values.length === 0 ? [] : [{ shown, done }];
  });
}

const outcomes = new Map<string, number>();

/** Proposes, lets something happen, and approves: what was shown is done, or nothing. */
async function once([path, operation]: readonly [string, Operation], what: string): Promise<unknown[]> {
  const asked = await call(url, agent.key, operation, await sceneOf(path)({ place: here, api }));
  const proposal = asked.body as Proposal;
  await meanwhile[what]?.(proposal);
  const thing = async () =>
    idIn(proposal).startsWith("sig_") ? sql`select * from signals where id = ${uuidOf(idIn(proposal))}` : [];
  const before = await thing();
  const { status, body } = await person.post(`/proposals/${proposal.id}/approve`, { version: 1 });
  const now = (await api.get(`/proposals/${proposal.id}`)).body;
  const outcome = `${what}: ${status === 200 ? "done" : body.code}`;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const entries = await had(proposal);
  if (status === 200 && now.state === "approved") return unlike(proposal, entries);
  if (body.code !== "proposal_stale" || now.state !== "stale" || entries.length > 0)
    return [path, what, body, now.state];
  return JSON.stringify(await thing()) === JSON.stringify(before) ? [] : [path, what, "changed by what was refused"];
}

describe("proposals and what came of them", () => {
  test(`${total} generated ones: the effect that was shown was had, or it was refused as stale, and nothing done`, {
    timeout: 60_000 + total * 250,
  }, async () => {
    const cases = fc.tuple(fc.constantFrom(...proposable), fc.constantFrom(...Object.keys(meanwhile)));
    const all = fc.sample(cases, { seed, numRuns: total });
    const wrong: unknown[] = [];
    const queue = all.values();
    const worker = async () => {
      for (const [operation, what] of queue) wrong.push(...(await once(operation, what)));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    expect(wrong).toEqual([]);
    if (process.env.PROPOSALS_SHOW) console.log(outcomes);
    expect(outcomes.get("nothing: done")).toBeGreaterThan(0);
    expect(outcomes.get("nothing: proposal_stale")).toBeUndefined();
    expect(outcomes.get("somebody does the same: proposal_stale")).toBeGreaterThan(0);
    expect([...outcomes.values()].reduce((sum, one) => sum + one, 0)).toBe(total);
  });
});
