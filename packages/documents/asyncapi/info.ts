import type { EventSpec } from "@dais/contracts/kit/event";
import { info as api, tags } from "../openapi/info.ts";

/** What every reader of events has to know. */
export const info = (events: readonly EventSpec[]) => ({
  title: "Dais: events",
  version: api.version,
  description: `
What has happened, told to whoever should know. Each event is written in the transaction of the change that it speaks of: there is no change
without its event, and no event without its change.

**Envelope.** Every message is a CloudEvents 1.0 event in its JSON format, whatever carries it. \`type\` says what has happened, \`subject\` to
what, \`data\` what is particular to it, and that is little: who wants to know more reads the thing, as far as they may. What is absent is
\`null\`.

**Delivery.** At least once. The same event may come again: its \`id\` tells, so take it in once. Events of one thing come in order, and
\`resourceversion\` says which version the thing had afterwards; events of different things have no order among them.

**Who hears what.** Only events of one's own organisation, of things within one's clearance, and by permission: each message names the one
that it needs (\`x-permission\`; without one, any signed-in caller hears it). All of it is judged when the event is delivered.

**Change.** Events are added, and fields of \`data\` are: ignore what you don't know. What would break a reader counts up \`eventversion\`, and
\`dataschema\` with it.
`.trim(),
  contact: api.contact,
  license: { name: api.license.name },
  tags: tags.filter(({ name }) => events.some(({ capability }) => capability === name)),
});
