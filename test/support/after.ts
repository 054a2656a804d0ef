import { afterAll } from "vitest";
import { endAll } from "./ending.ts";

// Vitest reads this anew for each file, also where files share a process.
afterAll(endAll);
