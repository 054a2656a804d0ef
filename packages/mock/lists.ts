import type { Operation } from "@dais/contracts/kit/derive";
import { canonical, sha256 } from "@dais/kernel/canonical";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import type { Fields } from "./examples.ts";
import { type Schema, thingIn } from "./schema.ts";
import { object } from "./values.ts";
import { waitingIn } from "./waiting.ts";
import type { World } from "./world.ts";

type Row = { key: string; item: Fields };
type Input = Fields & { limit: number; cursor?: string; sort?: string };

/**
 * One page of what there is, filtered by the input's fields: one that the items have too by its value, `since` and `until` by
 * time, words by text. Others change nothing. Sorted as `sort` says, otherwise newest first.
 * @throws invalid_cursor
 */
export function listed(world: World, operation: Operation, items: Schema, given: Fields): Fields {
  const input = { limit: 25, ...given } as Input;
  const { limit: _, cursor: __, sort, ...filters } = input;
  const by = (sort ?? "").replace(/^[-+]/, "");
  // What stands in the address says whose list it is, and nothing of its items.
  const asked = Object.entries(filters).filter(([name]) => !operation.meta.openapi.path.includes(`{${name}}`));
  const rows = rowsOf(world, operation, items).filter(({ item }) =>
    asked.every(([name, wanted]) => wanted === undefined || fits(item, name, wanted, by)),
  );
  if (by) rows.sort((a, b) => compare(a.item[by], b.item[by]) || compare(a.key, b.key));
  if (sort?.startsWith("-")) rows.reverse();

  const lister = { operation, tenant: { id: "mock" }, cursors: { key: Buffer.from(sha256(world.seed)) } };
  const after = positionOf(lister, input)?.[0];
  const start = after === undefined ? 0 : rows.findIndex(({ key }) => key === after) + 1;
  if (after !== undefined && start === 0) throw new Problem("invalid_cursor");
  return pageOf(
    lister,
    input,
    rows.slice(start, start + input.limit + 1),
    ({ item }) => item,
    ({ key }) => [key],
  );
}

const known = new WeakMap<World, { changes: number; rows: Map<string, Row[]> }>();

/** All that a list has. Made again only when something has changed: a page asks for all of them. */
function rowsOf(world: World, operation: Operation, items: Schema): readonly Row[] {
  const changes = world.changes();
  const last = known.get(world);
  const now = last?.changes === changes ? last : { changes, rows: new Map<string, Row[]>() };
  known.set(world, now);
  const rows = now.rows.get(operation.path) ?? madeRows(world, operation, items);
  now.rows.set(operation.path, rows);
  return rows;
}

/** Items that are no things are made up by their number; what waits is things of many kinds. */
function madeRows(world: World, operation: Operation, items: Schema): Row[] {
  if (operation.path === "inbox.list") return waitingIn(world, items).map((item) => ({ key: String(item.id), item }));
  const kind = thingIn(items);
  if (kind) return world.ids(kind).map((id) => ({ key: id, item: world.thing(kind, id, items) }));
  return Array.from({ length: 30 }, (_, n) => {
    const key = `${operation.path} ${n}`;
    const born = world.now.getTime() - n * 3_600_000;
    return { key, item: object(items, { world, key, kind: null, path: [], n, born, fresh: true, depth: 0 }, {}) };
  });
}

function fits(item: Fields, name: string, wanted: unknown, sortedBy: string): boolean {
  const time = item[sortedBy] ?? item.occurredAt ?? item.createdAt ?? item.since ?? item.at;
  if (typeof wanted === "string" && typeof time === "string") {
    if (/^(since|from|after)/.test(name)) return time >= wanted;
    if (/^(until|to|before)/.test(name)) return time < wanted;
  }
  if (name in item) {
    const all = [wanted].flat().map(canonical);
    return [item[name]].flat().some((one) => all.includes(canonical(one)));
  }
  if (!/^(q|query|search|text|words)$/.test(name)) return true;
  return JSON.stringify(item).toLowerCase().includes(String(wanted).toLowerCase());
}

const compare = (a: unknown, b: unknown) => {
  const [one, other] = [a, b].map((value) => (typeof value === "number" ? value : String(value ?? "")));
  return one === other ? 0 : (one as string) < (other as string) ? -1 : 1;
};
