import { uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { makeAgent } from "./agents.ts";
import { asOwner } from "./owner.ts";
import { documentOf } from "./pdf/documents.ts";
import type { Person } from "./people.ts";
import { type Place, place } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";
import { aSignal } from "./samples.ts";
import type { Home } from "./things.ts";

export const aSection = (
  id = "weather",
  en = "Rough sea until **noon**.",
  ar: string | null = "بحر هائج حتى **الظهر**.",
) => ({
  id,
  heading: { en: "Weather", ar: "الطقس" },
  body: { en, ar },
});
export const aBriefing = (fields: object = {}) => ({
  title: { en: "Morning briefing", ar: "إحاطة الصباح" },
  sections: [aSection()],
  ...fields,
});
export const audienceOf = (...people: Person[]) => ({ personIds: people.map(({ id }) => id) });

/** An organisation with people who write briefings, people who approve them, and people who read them. `now` is the server's clock. */
export async function briefingRoom(url: string, now: () => number = Date.now, given?: Place) {
  const here = given ?? (await place());
  /** Speaks as this person, who has just proven a second factor. */
  const as = async (person: Person): Promise<RestClient> =>
    restClient(url, await person.session({ proven: true, openedAt: now() }));
  const [author, chief, reader] = [
    await here.person({ name: "Amal", roles: ["operational"], clearance: "secret" }),
    await here.person({ name: "Basma", roles: ["executive", "approver"], clearance: "secret" }),
    await here.person({ name: "Ziad", roles: [], clearance: "internal" }),
  ];
  const [writes, approves, reads] = [await as(author), await as(chief), await as(reader)];
  const done = (answer: Reply): Reply["body"] => {
    if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const draft = async (fields: object = {}, api = writes): Promise<Reply["body"]> =>
    done(await api.post("/briefings", aBriefing({ audience: audienceOf(reader), ...fields })));
  const send = (of: Reply["body"], event: string, api: RestClient, more: object = {}) =>
    api.post(`/briefings/${of.id}/${event}`, { version: of.version, ...more });
  const submitted = async (fields: object = {}, api = writes) =>
    done(await send(await draft(fields, api), "submit", api));
  const approved = async (fields: object = {}) => done(await send(await submitted(fields), "approve", approves));
  const distributed = async (fields: object = {}) => done(await send(await approved(fields), "distribute", writes));
  /** A signal of a classification. */
  const signal = async (classification = "internal"): Promise<string> =>
    done(await restClient(url, await here.key()).post("/signals", aSignal({ classification }))).signal.id;
  return {
    ...{ here, as, author, chief, reader, writes, approves, reads, done },
    ...{ draft, send, submitted, approved, distributed, signal },
  };
}
export type BriefingRoom = Awaited<ReturnType<typeof briefingRoom>>;

/** A key of a new agent that this person answers for, and the agent's id. */
export async function draftingAgent({ here }: Pick<BriefingRoom, "here">, owner: Person, clearance = "secret") {
  const permissions = [
    ...["briefing.read", "briefing.create", "briefing.update", "briefing.submit", "signal.read"],
    ...["briefing.approve", "briefing.distribute", "briefing.withdraw", "briefing_request.read"],
  ];
  const id = await makeAgent(asOwner(), here.tenantId, new Date(), { ownerId: owner.uuid, permissions, clearance });
  return { id, key: await here.key({ permissions, agent: { id }, clearance }) };
}

/** Something of each table that is about briefings: one that was returned with a comment, and then distributed; and a request of a day. */
export async function setBriefings(url: string, { place: here, api }: Home): Promise<void> {
  const person = await here.person({ roles: ["approver"], clearance: "secret" });
  const approves = restClient(url, await person.session({ proven: true }));
  const made = (await api.post("/briefings", aBriefing({ audience: audienceOf(person) }))).body;
  const send = async (client: RestClient, event: string, version: number, more: object = {}) => {
    const answer = await client.post(`/briefings/${made.id}/${event}`, { version, ...more });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  };
  await send(api, "submit", 1);
  await send(approves, "return", 2, { reason: "A test.", comments: [{ body: "A test." }] });
  await send(api, "submit", 3);
  await send(approves, "approve", 4);
  await send(api, "distribute", 5);
  await setPrinted(here, made.id);
  await setRequest(here);
}

/** What is printed of an approved briefing, without the printing: whoever reads it gets these bytes, and a copy of their own is printed. */
export async function setPrinted({ tenantId }: { tenantId: string }, id: string, owner = asOwner()): Promise<void> {
  const bytes = Buffer.from("%PDF-1.7\n%%EOF\n");
  const document = JSON.stringify(documentOf("As the day began."));
  await owner.begin(async (sql) => {
    const [row] =
      await sql`insert into briefing_papers (tenant_id, briefing_id, version, approved_at, languages, document, made_at)
      select tenant_id, id, version, approved_at, 'en', ${document}::text::jsonb, approved_at from briefings
      where tenant_id = ${tenantId} and id = ${uuidOf(id)} returning version`;
    for (const languages of ["en", "ar", "both"])
      await sql`insert into briefing_files (tenant_id, briefing_id, version, languages, bytes, sha256, pages)
        values (${tenantId}, ${uuidOf(id)}, ${row?.version}, ${languages}, ${bytes}, ${sha256(bytes)}, 1)`;
  });
}

/** A request for a briefing, as the clock makes it; answers with its uuid. */
export async function setRequest(
  { tenantId }: { tenantId: string },
  day = "2026-01-06",
  id: string = crypto.randomUUID(),
): Promise<string> {
  const at = `${day}T02:30:00.000Z`;
  await asOwner().begin(async (sql) => {
    await sql`insert into briefing_requests (id, tenant_id, day, window_from, window_to, ask_at, classification, state, created_at, updated_at)
      values (${id}, ${tenantId}, ${day}, ${at}, ${at}, ${at}, 'public', 'requested', ${at}, ${at})`;
    await sql`insert into audit (id, tenant_id, at, operation, action, outcome, changed, actor_kind, actor_id, resource_type, resource_id,
        event, to_state, request_id, persons, salt)
      values (${crypto.randomUUID()}, ${tenantId}, ${at}, 'briefingRequests.start', 'briefingRequests.start', 'done', true, 'system', 'system',
        'briefing_request', ${id}, 'request', 'requested', 'request-of-the-test', '{}', 'salt')`;
  });
  return id;
}
