import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { operations } from "@dais/contracts";
import { movesOf, type Workflow } from "@dais/kernel/machine";
import { getTableColumns, getTableName } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";

type Found = {
  capability: string;
  workflow: Workflow<never, object>;
  machine: Workflow<never, object>["machine"];
  /** Events that no caller sends. */
  own: ReadonlySet<string>;
};
type Move = { from: string; event: string; to: string };

const modules = resolve(import.meta.dirname, "../packages/modules");
const found: Found[] = await Promise.all(
  readdirSync(modules)
    .filter((capability) => existsSync(resolve(modules, capability, "machine.ts")))
    .map(async (capability) => {
      const { machine, own = new Set() } = await import(resolve(modules, capability, "machine.ts"));
      const { workflow } = await import(resolve(modules, capability, "workflow.ts"));
      return { capability, workflow, machine, own };
    }),
);
const each = found.map((one) => [one.workflow.name, one] as const);
/** What makes a thing is no move of the machine, but a row of the database: from nothing to the initial state. */
const initial = ({ machine }: Found) => machine.current as string;
const sorted = (moves: Move[]) => moves.map(({ from, event, to }) => `${from} --${event}--> ${to}`).sort();

let rows: (Move & { machine: string })[];
beforeAll(async () => {
  rows = await asOwner()`select machine, from_state as "from", event, to_state as "to" from workflow_moves`;
});

describe("machines", () => {
  test("every machine in the database is one of a module's, and the other way round", () => {
    expect(found.length).toBeGreaterThan(0);
    expect([...new Set(rows.map((row) => row.machine))].sort()).toEqual(
      found.map(({ workflow }) => workflow.name).sort(),
    );
  });

  test.each(each)("%s: the workflow runs on the machine of its own folder", (_, { workflow, machine }) => {
    expect(workflow.machine).toBe(machine);
  });

  test.each(each)("%s: the database knows the same moves, and makes things in the initial state only", (name, one) => {
    const its = rows.filter((row) => row.machine === name);
    expect(sorted(its.filter((row) => row.from !== ""))).toEqual(sorted(movesOf(one.machine)));
    const made = its.filter((row) => row.from === "");
    expect(made.length).toBeGreaterThan(0);
    for (const { to } of made) expect(to).toBe(initial(one));
  });

  test.each(each)("%s: every state can be reached, and no move leads out of the machine", (_, one) => {
    const states = Object.keys(one.machine.states);
    const moves = movesOf(one.machine);
    for (const { to } of moves) expect(states).toContain(to);
    const reached = new Set([initial(one)]);
    for (const from of reached) for (const move of moves) if (move.from === from) reached.add(move.to);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  test.each(each)(
    "%s: a state and an event lead to one state, without guards: what a move needs is said in policy and rules",
    (_, { machine }) => {
      const from = movesOf(machine).map((move) => `${move.from} ${move.event}`);
      expect(new Set(from).size).toBe(from.length);
    },
  );

  test.each(each)("%s: every event that callers send is an operation, and takes a version", (_, one) => {
    const { capability, machine, own } = one;
    const events = new Set(movesOf(machine).map((move) => move.event));
    for (const event of own) expect(events).toContain(event);
    for (const event of own) expect(operations.get(`${capability}.${event}`), event).toBeUndefined();
    for (const event of [...events].filter((one) => !own.has(one)))
      expect(operations.get(`${capability}.${event}`), `${capability}.${event}`).toMatchObject({
        kind: "command",
        meta: { version: "required" },
      });
  });

  test.each(each)(
    "%s: the database checks every insert and every change of state, at commit",
    async (name, { workflow }) => {
      const table = getTableName(workflow.table);
      expect(getTableColumns(workflow.table)).toHaveProperty("state");
      const triggers = await asOwner()`
      select tgname, tgdeferrable, tginitdeferred, tgenabled, pg_get_triggerdef(oid) as definition from pg_trigger
      where tgrelid = ${table}::regclass and tgfoid = 'workflow_checked'::regproc`;
      for (const trigger of triggers)
        expect(trigger).toMatchObject({ tgdeferrable: true, tginitdeferred: true, tgenabled: "O" });
      const definitions = triggers
        .map((trigger) => trigger.definition as string)
        .filter((text) => text.includes(`workflow_checked('${name}')`));
      expect(definitions.some((text) => text.includes("AFTER INSERT ON"))).toBe(true);
      expect(definitions.some((text) => text.includes("AFTER UPDATE OF state ON"))).toBe(true);
    },
  );
});
