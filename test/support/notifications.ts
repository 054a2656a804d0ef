import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { aDispatch, aPolicy, aTemplate } from "./dispatches.ts";
import { asOwner } from "./owner.ts";
import type { Reply, RestClient } from "./rest.ts";
import type { Home } from "./things.ts";

/** Makes a dispatch for somebody; answers with the recipient's id. */
export async function setRecipient(api: RestClient, to: object, more: object = {}): Promise<string> {
  const done = ({ status, body }: Reply): Reply["body"] => {
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  const { id: templateId } = done(await api.post("/message-templates", aTemplate()));
  const said = aDispatch({ templateId, audience: to, policy: aPolicy("in_app"), ...more });
  const { id } = done(await api.post("/dispatches", said));
  return done(await api.get(`/dispatch-recipients?dispatchId=${id}`)).items[0].id;
}

type Fields = {
  person?: { id: string };
  title?: string;
  classification?: string;
  createdAt?: Date;
  readAt?: Date | null;
};

/** Puts a notification there, by default for somebody of its own; answers with its id. */
export async function setNotification({ place, api }: Home, fields: Fields = {}): Promise<string> {
  const sql = asOwner();
  const { title = "A test", classification = "internal", createdAt = new Date(), readAt = null } = fields;
  const person = fields.person ?? (await place.person({ roles: [] }));
  const row = {
    ...{ id: crypto.randomUUID(), tenant_id: place.tenantId, person_id: uuidOf(person.id), title, body: "A test." },
    recipient_id: uuidOf(await setRecipient(api, { personIds: [person.id] })),
    ...{ language: "en", classification, created_at: createdAt, read_at: readAt },
  };
  await sql`insert into notifications ${sql(row)}`;
  return idOf("ntf", row.id);
}
