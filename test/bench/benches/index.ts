import type { Bench } from "../bench.ts";
import { events } from "./events.ts";
import { face } from "./face.ts";
import { memory } from "./memory.ts";
import { operations } from "./operations.ts";
import { pages } from "./pages.ts";
import { rate } from "./rate.ts";
import { revocation } from "./revocation.ts";
import { search } from "./search.ts";
import { start } from "./start.ts";
import { streams } from "./streams.ts";
import { command, list, move, moves } from "./work.ts";

/** In the order of the report. */
export const benches: readonly Bench[] = [
  face,
  list,
  command,
  move,
  moves,
  events,
  streams,
  revocation,
  operations,
  pages,
  search,
  memory,
  start,
  rate,
];
