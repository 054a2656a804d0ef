import type { Bench } from "../bench.ts";
import { face } from "./face.ts";
import { memory } from "./memory.ts";
import { operations } from "./operations.ts";
import { pages } from "./pages.ts";
import { rate } from "./rate.ts";
import { start } from "./start.ts";
import { command, list, move } from "./work.ts";

/** In the order of the report. */
export const benches: readonly Bench[] = [face, list, command, move, operations, pages, memory, start, rate];
