import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { asOwner } from "./owner.ts";
import type { Person } from "./people.ts";
import type { Place } from "./place.ts";
import { place as newPlace } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";

export const aTemplate = (fields: object = {}) => ({
  key: `t-${crypto.randomUUID()}`,
  name: { en: "Warning", ar: "تحذير" },
  category: "alert",
  variables: [{ name: "site", about: "Where it is." }],
  languages: {
    en: {
      subject: "{{organisation}}: {{site}}",
      body: "Dear {{name}},\n\nplease leave {{site}}.\n\n{{link}}",
      short: "Leave {{site}}: {{link}}",
    },
    ar: {
      subject: "{{organisation}}: {{site}}",
      body: "عزيزي {{name}}،\n\nيرجى مغادرة {{site}}.\n\n{{link}}",
      short: "غادر {{site}}: {{link}}",
    },
  },
  ...fields,
});

export const step = (channel: string, until = "delivered", waitMinutes = 10) => ({ channel, until, waitMinutes });
export const aPolicy = (...channels: string[]) => ({ steps: channels.map((channel) => step(channel)) });

/** What a dispatch is made from, beside its template and audience. */
export const aDispatch = (fields: object = {}) => ({
  values: { en: { site: "Hall 4" } },
  classification: "public",
  policy: aPolicy("whatsapp", "sms", "email"),
  ...fields,
});

export const anAddressee = (fields: object = {}) => ({
  ...{ name: "Huda", language: "ar", phone: "+971501234567" },
  ...fields,
});

/** An organisation that has people told something, and a template to do it with. */
export async function dispatchRoom(url: string, given?: Place) {
  const here = given ?? (await newPlace());
  const api = restClient(url, await here.key());
  const done = (answer: Reply): Reply["body"] => {
    if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const template = done(await api.post("/message-templates", aTemplate()));
  const to = (...people: Person[]) => ({ personIds: people.map(({ id }) => id) });
  const send = (fields: object, as: RestClient = api): Promise<Reply> =>
    as.post("/dispatches", aDispatch({ templateId: template.id, ...fields }));
  const made = async (fields: object, as: RestClient = api): Promise<Reply["body"]> => done(await send(fields, as));
  const estimated = (fields: object, as: RestClient = api): Promise<Reply> =>
    as.post("/dispatches/estimate", aDispatch({ templateId: template.id, ...fields }));
  /** Says how the organisation communicates. */
  const set = async (communications: object): Promise<void> => {
    const { id, version } = done(await api.get("/organisations/current"));
    done(await api.patch(`/organisations/${id}`, { version, communications }));
  };
  const recipientsOf = async (id: string): Promise<Reply["body"][]> =>
    done(await api.get(`/dispatch-recipients?dispatchId=${id}&limit=100`)).items;
  return { here, api, template, done, to, send, made, estimated, set, recipientsOf };
}
export type DispatchRoom = Awaited<ReturnType<typeof dispatchRoom>>;

/** A dispatch to one person, who may read what is internal; answers with its id. */
export async function aRunningDispatch({ place: here, api }: { place: Place; api: RestClient }): Promise<string> {
  const template = await api.post("/message-templates", aTemplate());
  const personIds = [(await here.person({ roles: [] })).id];
  const said = aDispatch({ templateId: template.body.id, audience: { personIds } });
  const { status, body } = await api.post("/dispatches", said);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id;
}

/** Lets every day's dispatches come to so many messages, as people would have to approve where it is more. */
export async function setDailyMessages({ tenantId }: Place, dailyMessages: number, sql = asOwner()): Promise<void> {
  await sql`update organisations set settings = jsonb_set(settings || jsonb_build_object('communications', coalesce(settings->'communications', '{}')),
    '{communications,dailyMessages}', to_jsonb(${dailyMessages}::int)) where id = ${tenantId}`;
}

/** Something of each table that is about dispatches: one with an attempt on record, a higher cap asked for, and what people want of messages. */
export async function setDispatches(home: { place: Place; api: RestClient }): Promise<void> {
  const { place: here, api } = home;
  const id = await aRunningDispatch(home);
  const [recipient] = (await api.get(`/dispatch-recipients?dispatchId=${id}`)).body.items;
  await here.person({ roles: ["approver"] });
  await api.post("/dispatches/raise-cap", { cap: 5000, reason: "A test." });
  const sql = asOwner();
  const at = new Date();
  const [tenant_id, person_id] = [here.tenantId, uuidOf(recipient.personId)];
  const recipient_id = uuidOf(recipient.id);
  await setAttempt(here, recipient);
  const preference = { tenant_id, person_id, channels: sql.json({}), created_at: at, updated_at: at };
  await sql`insert into contact_preferences ${sql(preference)}`;
  const out = { channel: "sms", address: "+971501234567", source: "reply", at };
  await sql`insert into channel_opt_outs ${sql({ id: crypto.randomUUID(), tenant_id, ...out })}`;
  const told = { title: "A test", body: "A test.", language: "en", classification: "public", created_at: at };
  await sql`insert into notifications ${sql({ id: crypto.randomUUID(), tenant_id, person_id, recipient_id, ...told })}`;
}

/** An address that has opted out of mail by a complaint; answers with the opt-out's id. */
export async function setOptOut({ tenantId }: Place, fields: Record<string, unknown> = {}): Promise<string> {
  const [id, sql] = [crypto.randomUUID(), asOwner()];
  const row = { id, tenant_id: tenantId, channel: "email", address: `${id}@rimal.example`, source: "complaint" };
  await sql`insert into channel_opt_outs ${sql({ ...row, at: new Date(), ...fields })}`;
  return idOf("opt", id);
}

/** Writes a line of a recipient's ledger, as the sender does. */
export async function setAttempt(
  { tenantId }: Place,
  { id, dispatchId }: Reply["body"],
  fields: Record<string, unknown> = {},
): Promise<void> {
  const sql = asOwner();
  const row = {
    ...{ id: crypto.randomUUID(), tenant_id: tenantId, dispatch_id: uuidOf(dispatchId), recipient_id: uuidOf(id) },
    ...{ step: 0, channel: "whatsapp", vendor: "twilio", key: crypto.randomUUID(), address: "+971501234567" },
    ...{ withheld: false, state: "taken", status: "sent", started_at: new Date(), ...fields },
  };
  await sql`insert into dispatch_attempts ${sql(row)}`;
}
