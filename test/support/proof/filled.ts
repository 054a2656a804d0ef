import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { idOf } from "@dais/contracts/kit/ids";
import { expect, vi } from "vitest";
import { type Face, faces } from "../faces/speak.ts";
import type { Place } from "../place.ts";
import { type RestClient, restClient } from "../rest.ts";
import { aSignal } from "../samples.ts";
import { type SealingHome, sealKey } from "../sealing.ts";

/** An organisation whose log the product itself has written, and sealed. */
export type Filled = {
  place: Place;
  api: RestClient;
  /** An administrator, and somebody who may approve, both with a second factor. */
  admin: RestClient;
  chief: RestClient;
  key: string;
};

/** Sends a call over a face, and answers with its output. */
export async function said(face: Face, url: string, key: string, path: string, input: Record<string, unknown>) {
  const operation = operations.get(path) as Operation;
  const answer = await face(url, { operation, input, key, idempotencyKey: null, ifMatch: false });
  if (!answer || "problem" in answer) throw new Error(`${path} answered ${JSON.stringify(answer)}`);
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
  return answer.output as Record<string, any>;
}

/** An organisation at work: signals that come in and are dealt with over all faces, refusals, and reads of what is classified. */
export async function atWork(home: SealingHome, signals: number): Promise<Filled> {
  const { url, kernel } = home.server;
  const place = await home.place();
  const key = await place.key();
  const api = restClient(url, key);
  const items = Array.from({ length: signals }, (_, n) =>
    aSignal({ classification: n % 9 === 4 ? "secret" : "internal", title: `Pump ${n} — مضخة` }),
  );
  const { items: made } = await said(faces.rpc as Face, url, key, "signals.ingestBatch", { items });
  const all = Object.values(faces);
  for (const [n, { id }] of (made as { id: string }[]).entries()) {
    const face = all[n % all.length] as Face;
    await said(face, url, key, "signals.acknowledge", { id, version: 1 });
    if (n % 3 === 0) await said(face, url, key, "signals.dismiss", { id, version: 2, reason: `Seen, n° ${n} “بعد”.` });
    if (n % 10 === 4) await said(face, url, key, "signals.get", { id });
  }
  const nobody = api.as(await place.key({ permissions: [] }));
  expect((await nobody.get("/signals")).status).toBe(403);
  expect((await api.get(`/signals/${idOf("sig", crypto.randomUUID())}`)).status).toBe(404);
  await kernel.settle();
  const admin = api.as(await (await place.person()).session({ proven: true }));
  const chief = api.as(await (await place.person({ roles: ["approver"] })).session({ proven: true }));
  return { place, api, admin, chief, key };
}

/** Waits until all that there is has its leaf, under a signature. */
export const sealedAll = (home: SealingHome, { place }: Filled) =>
  vi.waitFor(async () => expect(await home.size(place)).toBe(await home.entries(place)), { timeout: 20_000 });

/** Has the content of an entry erased, as the law may ask for. */
export async function erase({ admin, chief }: Filled, entryId: string): Promise<void> {
  const reason = "Article 17 of the law.";
  const { body } = await admin.post("/erasures", { entryIds: [entryId], reason });
  expect(await chief.post(`/erasures/${body.id}/erase`, { version: 1, reason })).toMatchObject({ status: 200 });
}

/**
 * All that happens to a log in a year: it is sealed, something of it is erased, also before it was sealed; its key is changed, and lost.
 * Answers with the size of the log at each turn.
 */
export async function aYear(home: SealingHome, log: Filled): Promise<number[]> {
  const { api, admin, place } = log;
  const sizes: number[] = [];
  const turn = async () => {
    await sealedAll(home, log);
    sizes.push(await home.size(place));
  };
  home.seal();
  await turn();
  const [first] = (await api.get("/audit?action=signal.dismiss&limit=1")).body.items;
  await erase(log, first.id);
  await turn();
  expect((await admin.post("/audit/rotate", {})).status).toBe(202);
  await turn();
  await home.rest();
  const { body } = await api.post("/signals", aSignal());
  const [unsealed] = (await api.get(`/audit?resourceId=${body.signal.id}`)).body.items;
  await erase(log, unsealed.id);
  home.seal({ sealKeys: [sealKey("two")], lostAfterMs: 0 });
  await vi.waitFor(async () => expect(await home.keys(place)).toHaveLength(3), { timeout: 20_000 });
  await turn();
  return sizes;
}
