import { exampleId } from "./signals.ts";

/** A position in the events of an organisation. */
export const exampleLastEventId = "NzQxOjc0MTo.c2lnbmVkX2J5X3RoZV9zZXJ2ZXI";

/** A signal is looked at. */
export const exampleEvent = {
  specversion: "1.0",
  id: "evt_01kefhrbt0e4stvxpgm30sa98f",
  source: "https://dais.example.org/tenants/rimal",
  type: "signal.acknowledged",
  subject: exampleId,
  time: "2026-01-06T05:30:00.000Z",
  dataschema: "https://dais.example.org/schemas/signal.acknowledged/1",
  datacontenttype: "application/json",
  data: { id: exampleId, from: "new", to: "acknowledged", reason: null },
  tenant: "rimal",
  classification: "internal",
  entity: null,
  resourceversion: 2,
  actor: "key_01kejc8ht0e6ssypg6m30swm9d",
  actorkind: "client",
  onbehalfof: null,
  requestid: "01kejc8ht0e6ssypg6m30swm9j",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  eventversion: 1,
};
