import type { Bench } from "../bench.ts";
import { audit } from "./audit.ts";
import { dispatch } from "./dispatch.ts";
import { events } from "./events.ts";
import { face } from "./face.ts";
import { inbox } from "./inbox.ts";
import { memory } from "./memory.ts";
import { operations } from "./operations.ts";
import { pages } from "./pages.ts";
import { pdf } from "./pdf.ts";
import { rate } from "./rate.ts";
import { revocation } from "./revocation.ts";
import { sealing } from "./sealing.ts";
import { search } from "./search.ts";
import { start } from "./start.ts";
import { streams } from "./streams.ts";
import { webhooks } from "./webhooks.ts";
import { command, list, mine, move, moves } from "./work.ts";

/** In the order of the report. */
export const benches: readonly Bench[] = [
  face,
  list,
  mine,
  command,
  move,
  moves,
  audit,
  sealing,
  events,
  streams,
  webhooks,
  dispatch,
  revocation,
  operations,
  pages,
  pdf,
  search,
  inbox,
  memory,
  start,
  rate,
];
