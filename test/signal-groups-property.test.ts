import { partition, type Tie } from "@dais/modules/signals/groups/partition";
import { gap, type Node } from "@dais/modules/signals/groups/rule";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { shuffled, sorted, together } from "./support/signals.ts";

let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});

const seed = 20260106;
const idsOf = (sets: readonly (readonly Node[])[]) =>
  sorted(sets.filter((set) => set.length > 1).map((set) => set.map(({ id }) => id)));

/** Ids that are in the order of their numbers. */
const name = (n: number) => `n${String(n).padStart(2, "0")}`;
const aNode = fc
  .record({
    km: fc.integer({ min: 0, max: 60 }),
    hours: fc.integer({ min: 0, max: 20 }),
    category: fc.constantFrom("met", "met", "met", "fire"),
    geocodes: fc.constantFrom([], [], ["A"], ["B"], ["A", "B"]),
    placed: fc.constantFrom(true, true, true, false),
  })
  .map(
    ({ km, hours, category, geocodes, placed }): Omit<Node, "id"> => ({
      category,
      geocodes,
      ...(placed ? { latitude: 25 + (km * 4) / 111.195, longitude: 55 } : { latitude: null, longitude: null }),
      occurredAt: hours * 3_600_000,
      groupId: null,
      classification: "internal",
    }),
  );
const nodes = fc
  .array(aNode, { minLength: 1, maxLength: 30 })
  .map((all) => all.map((node, n): Node => ({ ...node, id: name(n) })));
const aTie = fc
  .record({ kind: fc.constantFrom("together", "apart", "refers"), one: fc.nat(29), other: fc.nat(29), at: fc.nat(3) })
  .map((tie) => ({ ...tie, one: name(tie.one), other: name(tie.other) }) as Tie);
const ties = fc.uniqueArray(aTie, {
  maxLength: 8,
  selector: ({ one, other }) => [one, other].sort().join(),
});

/** The same by its definition alone: one connection after another, with all sets looked through each time. */
function byDefinition(all: readonly Node[], said: readonly Tie[]): string[][] {
  const there = new Set(all.map(({ id }) => id));
  const known = said.filter(({ one, other }) => there.has(one) && there.has(other) && one !== other);
  const pairs = all.flatMap((a, n) => all.slice(n + 1).map((b) => ({ one: a.id, other: b.id, share: gap(a, b) })));
  const rank = { together: 0, refers: 1, rule: 2 };
  const edges = [
    ...known.flatMap(({ kind, ...tie }) =>
      kind === "apart" ? [] : [{ ...tie, rank: rank[kind], by: kind === "together" ? -tie.at : 0 }],
    ),
    ...pairs.flatMap(({ share, ...pair }) => (share === null ? [] : [{ ...pair, rank: rank.rule, by: share }])),
  ].map((edge) => (edge.one < edge.other ? edge : { ...edge, one: edge.other, other: edge.one }));
  edges.sort((a, b) => a.rank - b.rank || a.by - b.by || (a.one + a.other < b.one + b.other ? -1 : 1));
  let sets = all.map(({ id }) => [id]);
  for (const { one, other } of edges) {
    const [a, b] = [one, other].map((id) => sets.find((set) => set.includes(id)) as string[]) as [string[], string[]];
    const both = [...a, ...b];
    const cut = known.some((tie) => tie.kind === "apart" && both.includes(tie.one) && both.includes(tie.other));
    if (a !== b && !cut) sets = [...sets.filter((set) => set !== a && set !== b), both];
  }
  return sorted(sets);
}

describe("groups by the rule and by what people said", () => {
  test("are what the definition says, in whatever order signals and ties come", () => {
    fc.assert(
      fc.property(nodes, ties, fc.nat(), (all, said, order) => {
        const found = partition(shuffled(all, order), shuffled(said, order + 1));
        expect(sorted(found.map((set) => set.map(({ id }) => id)))).toEqual(byDefinition(all, said));
      }),
      { seed, numRuns: 1000 },
    );
  });

  test("without anything apart, they are the connected components", () => {
    fc.assert(
      fc.property(nodes, (all) => {
        const reached = (from: Node): Set<Node> => {
          const found = new Set([from]);
          for (const node of found) for (const other of all) if (gap(node, other) !== null) found.add(other);
          return found;
        };
        const sets = new Set(
          all.map((node) =>
            [...reached(node)]
              .map(({ id }) => id)
              .sort()
              .join(" "),
          ),
        );
        const found = partition(all, []).map((set) =>
          set
            .map(({ id }) => id)
            .sort()
            .join(" "),
        );
        expect(new Set(found)).toEqual(sets);
      }),
      { seed, numRuns: 300 },
    );
  });
});

type Report = {
  km: number;
  hour: number;
  minute: number;
  category: string;
  title: string;
  externalId: string | null;
  code: string | null;
  placed: boolean;
};
type Step =
  | { kind: "report"; reports: Report[] }
  | { kind: "split"; group: number; signals: number[] }
  | { kind: "merge"; group: number; other: number };

const aReport: fc.Arbitrary<Report> = fc.record({
  km: fc.integer({ min: 0, max: 12 }).map((n) => n * 8),
  hour: fc.integer({ min: 0, max: 11 }),
  minute: fc.integer({ min: 0, max: 59 }),
  category: fc.constantFrom("met", "met", "fire"),
  title: fc.constantFrom("A", "B", "C"),
  externalId: fc.constantFrom(null, null, "x-1", "x-2"),
  code: fc.constantFrom(null, "G1", "G2"),
  placed: fc.constantFrom(true, true, false),
});
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      reports: fc.array(aReport, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("split" as const),
      group: fc.nat(9),
      signals: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("merge" as const), group: fc.nat(9), other: fc.nat(9) }) },
);

const reported = ({ km, hour, minute, title, category, externalId, code, placed }: Report) =>
  aSignal({
    ...{ title, category, externalId },
    place: placed ? { points: [{ lat: 25 + km / 111.195, lon: 55 }] } : null,
    geocodes: code ? [{ scheme: "T", value: code }] : [],
    occurredAt: new Date(Date.UTC(2026, 0, 6, hour)).toISOString(),
    reportedAt: new Date(Date.UTC(2026, 0, 7, 0, minute)).toISOString(),
  });

/** Does a step, and answers with the status that it should have had and the one that it had. */
async function act(api: RestClient, step: Step): Promise<[number, number]> {
  if (step.kind === "report")
    return [200, (await api.post("/signals/batch", { items: step.reports.map(reported) })).status];
  const groups = (await api.get("/signal-groups?limit=100")).body.items;
  if (groups.length === 0) return [0, 0];
  const { id, version } = groups[step.group % groups.length];
  if (step.kind === "merge") {
    const otherId = groups[step.other % groups.length].id;
    return [otherId === id ? 422 : 200, (await api.post(`/signal-groups/${id}/merge`, { version, otherId })).status];
  }
  const { items } = (await api.get(`/signal-groups/${id}/signals?limit=100`)).body;
  const signalIds = [...new Set(step.signals.map((n) => items[n % items.length].id))];
  const { status } = await api.post(`/signal-groups/${id}/split`, { version, signalIds });
  return [signalIds.length === items.length ? 422 : 200, status];
}

/** All signals of an organisation as the rule sees them, and all that was said of them. */
async function everything({ tenantId }: Place): Promise<{ all: Node[]; said: Tie[] }> {
  const all = await asOwner()`
    select id, category, latitude, longitude, geocodes, group_id as "groupId", classification,
      (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt"
    from signals where tenant_id = ${tenantId} and state <> 'merged'`;
  const said = await asOwner()`
    select t.kind, coalesce(o.merged_into, o.id) as one, coalesce(p.merged_into, p.id) as other, (extract(epoch from t.at) * 1000)::float8 as at
    from signal_ties t join signals o on o.id = t.one_id join signals p on p.id = t.other_id
    where t.tenant_id = ${tenantId} and t.ended_at is null`;
  return { all: all as unknown as Node[], said: said as unknown as Tie[] };
}

describe("groups that change with each report, split and merge", () => {
  test("are what they would be if all signals were put into groups from the beginning", {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 3, maxLength: 10 }), async (steps) => {
        const here = await place();
        const api = restClient(url, await here.key());
        for (const step of steps) {
          const [right, status] = await act(api, step);
          expect(status).toBe(right);
          const { all, said } = await everything(here);
          expect(together(all.map((node) => [node.id, node.groupId] as const))).toEqual(idsOf(partition(all, said)));
        }
      }),
      { seed: Number(process.env.GROUPS_SEED ?? seed), numRuns: Number(process.env.GROUPS_RUNS ?? 100) },
    );
  });
});
