import { setTimeout as sleep } from "node:timers/promises";
import type { RestClient } from "./rest.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function chances(seed: number): () => number {
  let state = (seed + 1) * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return state / 2 ** 32;
  };
}

/** What one edit wanted, and what its phone was told in the end. */
export type Told = { field: string; value: string; status: number; merged: boolean };

/** One on whose line 30 of 100 answers are lost after the server has done what was asked. */
export type Line = { api: RestClient; chance(): number };
const lost = 0.3;

/** Sends until an answer comes through, each time under the same key: a phone that knows no better. */
async function until(
  line: Line,
  send: (key: Record<string, string>) => Promise<Awaited<ReturnType<RestClient["get"]>>>,
) {
  const key = { "idempotency-key": crypto.randomUUID() };
  for (;;) {
    const answer = await send(key);
    // What is too busy, or still under way, has not been answered.
    const open = answer.status === 503 || answer.body.code === "idempotency_in_progress";
    if (open) await sleep(20);
    else if (line.chance() >= lost) return answer;
  }
}

const fields = ["title", "details", "priority"] as const;
const priorities = ["urgent", "high", "normal", "low"];

/**
 * Edits one action over a bad line for a while: each time one field, upon the version that the phone saw last, which may be an old one. Where
 * it is refused, it takes the version of now and goes on with something else.
 * @param more Whether to go on
 */
export async function phone(line: Line, name: string, id: string, more: (edits: number) => boolean): Promise<Told[]> {
  const told: Told[] = [];
  let version = 1;
  for (let n = 0; more(n); n += 1) {
    const field = fields[Math.floor(line.chance() * fields.length)] as (typeof fields)[number];
    const value = field === "priority" ? (priorities[Math.floor(line.chance() * 4)] as string) : `${name} ${n}`;
    const answer = await until(line, (key) => line.api.patch(`/actions/${id}`, { version, [field]: value }, key));
    told.push({ field, value, status: answer.status, merged: answer.body.merged ?? false });
    // Now and then it goes on with what it saw before.
    if (answer.status === 412 || line.chance() < 0.7) version = answer.body.version;
  }
  return told;
}
