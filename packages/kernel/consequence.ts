import { Problem } from "./problem.ts";
import type { On, Perform } from "./task.ts";

/**
 * A refusal that must not be without a trace: all that the call did is rolled back, and then `follow` does what follows from it, as the
 * server's own work in a transaction of its own. The caller is answered with the problem, whatever became of that.
 */
export class Consequence extends Problem {
  readonly follow: (perform: Perform, on: On) => Promise<unknown>;

  constructor(problem: Problem, follow: Consequence["follow"]) {
    super(problem.code, problem.extensions);
    this.follow = follow;
  }
}
