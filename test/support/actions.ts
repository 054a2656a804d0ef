import type { Person } from "./people.ts";
import { place } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";

/** An organisation in which somebody asks for things to be done, and others do them. `now` is the server's clock. */
export async function actionRoom(url: string, now: () => number = Date.now) {
  const here = await place();
  const as = async (person: Person): Promise<RestClient> => restClient(url, await person.session({ openedAt: now() }));
  const api = restClient(url, await here.key());
  const chief = await here.person({ name: "Chief", roles: ["operational"] });
  const officer = await here.person({ name: "Officer", roles: ["operational"] });
  const deputy = await here.person({ name: "Deputy", roles: ["operational"] });
  /** Makes an action, by default the officer's. */
  const made = async (wanted: object = {}, by: RestClient = api): Promise<Reply["body"]> => {
    const said = { title: "Call the supplier", classification: "internal", ownerId: officer.id, ...wanted };
    const answer = await by.post("/actions", said);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  /** Sends events to an action, one after the other. */
  const moved = async (id: string, events: readonly string[], by: RestClient = api): Promise<Reply["body"]> => {
    let { body } = await api.get(`/actions/${id}`);
    for (const event of events) {
      const reason = ["block", "reopen", "cancel"].includes(event) ? { reason: "A test." } : {};
      const answer = await by.post(`/actions/${id}/${event}`, { version: body.version, ...reason });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      body = answer.body;
    }
    return body;
  };
  return { here, api, as, chief, officer, deputy, made, moved };
}
export type ActionRoom = Awaited<ReturnType<typeof actionRoom>>;

/** A day of a zone's calendar, so many days after that of a moment. */
export const dayAfter = (days: number, from: number = Date.now(), timeZone = "Asia/Dubai"): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(from + days * 86_400_000));

export const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
