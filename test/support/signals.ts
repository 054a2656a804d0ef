import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./place.ts";
import type { Reply, RestClient } from "./rest.ts";
import { aSignal } from "./samples.ts";

export type Report = Record<string, unknown>;
/** Reports by name, and which of them are one signal, and which of those one group. */
export type Case = { name: string; reports: Record<string, Report>; signals: string[][]; groups: string[][] };

const folder = join(import.meta.dirname, "../fixtures/signals");

/** Every case of fixtures/signals. */
export const cases: Case[] = readdirSync(folder).flatMap((file) => {
  const { cases } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { cases: Case[] };
  return cases.map((one) => ({ ...one, name: `${file.replace(".json", "")}: ${one.name}` }));
});

/** A report of a fixture as it is sent: entities are named by their keys there. */
export const sent = ({ entities }: Place, { entityId, ...report }: Report) =>
  aSignal({ ...report, ...(entityId ? { entityId: entities[entityId as keyof Place["entities"]] } : {}) });

/** Sends reports in batches of a size, and answers with the answers for each. */
export async function send(api: RestClient, reports: readonly Report[], size = 1000) {
  const items: { outcome: string; id: string | null; problem: string | null }[] = [];
  for (let n = 0; n < reports.length; n += size)
    items.push(...(await api.post("/signals/batch", { items: reports.slice(n, n + size) })).body.items);
  return items;
}

/** Every signal that there is, merged ones too. */
export async function everySignal(api: RestClient, query = ""): Promise<Reply["body"][]> {
  const all: Reply["body"][] = [];
  for (let cursor = ""; ; ) {
    const { items, nextCursor } = (await api.get(`/signals?limit=100${query}${cursor && `&cursor=${cursor}`}`)).body;
    all.push(...items);
    if (!nextCursor) return all;
    cursor = nextCursor;
  }
}

/** The signal that an id leads to. */
export async function lived(api: RestClient, id: string): Promise<Reply["body"]> {
  const { body } = await api.get(`/signals/${id}`);
  return body.mergedInto ? lived(api, body.mergedInto) : body;
}

/** Sets of names, in an order of their own. */
export const sorted = (sets: Iterable<readonly string[]>) => [...sets].map((set) => [...set].sort()).sort();

/** Names put together by what they have in common; those that have nothing are left out. */
export function together(entries: Iterable<readonly [string, string | null]>): string[][] {
  const sets = new Map<string, string[]>();
  for (const [name, key] of entries) if (key !== null) sets.set(key, [...(sets.get(key) ?? []), name]);
  return sorted(sets.values());
}

/** The same in another order, each time the same for the same seed. */
export function shuffled<T>(list: readonly T[], seed: number): T[] {
  const all = [...list];
  let state = (seed + 1) * 2_654_435_761;
  for (let n = all.length - 1; n > 0; n -= 1) {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    const m = state % (n + 1);
    [all[n], all[m]] = [all[m] as T, all[n] as T];
  }
  return all;
}
