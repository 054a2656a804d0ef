import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { operations, permissions } from "@dais/contracts";
import { leastReason } from "@dais/contracts/kit/workflow";
import { workflows } from "@dais/contracts/workflows/all";
import { movesOf, type Workflow } from "@dais/kernel/machine";
import { getTableColumns, getTableName } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";

type Found = {
  capability: string;
  workflow: Workflow<never, object>;
  machine: Workflow<never, object>["machine"];
};
type Move = { from: string; event: string; to: string };
type Row = Move & { machine: string; fourEyes: boolean; hand: boolean };

const modules = resolve(import.meta.dirname, "../packages/modules");
const found: Found[] = await Promise.all(
  readdirSync(modules)
    .filter((capability) => existsSync(resolve(modules, capability, "machine.ts")))
    .map(async (capability) => {
      const { machine } = await import(resolve(modules, capability, "machine.ts"));
      const { workflow } = await import(resolve(modules, capability, "workflow.ts"));
      return { capability, workflow, machine };
    }),
);
const each = found.map((one) => [one.workflow.spec.name, one] as const);
/** What makes a thing is no move of the machine, but a row of the database: from nothing to the initial state. */
const initial = ({ machine }: Found) => machine.current as string;
const sorted = (moves: Move[]) => moves.map(({ from, event, to }) => `${from} --${event}--> ${to}`).sort();

let rows: Row[];
beforeAll(async () => {
  rows =
    await asOwner()`select machine, from_state as "from", event, to_state as "to", four_eyes as "fourEyes", hand from workflow_moves`;
});

describe("machines", () => {
  test("every machine in the database is one of a module's, and the other way round", () => {
    expect(found.length).toBeGreaterThan(0);
    expect([...new Set(rows.map((row) => row.machine))].sort()).toEqual(
      found.map(({ workflow }) => workflow.spec.name).sort(),
    );
  });

  test("the contract has a table of each", () => {
    expect([...workflows.values()].sort((a, b) => a.name.localeCompare(b.name))).toEqual(
      found.map(({ workflow }) => workflow.spec).sort((a, b) => a.name.localeCompare(b.name)),
    );
  });

  test.each(each)("%s: the workflow runs on the machine of its own folder", (_, { workflow, machine }) => {
    expect(workflow.machine).toBe(machine);
    expect(workflow.spec.kind).toBe(workflow.idKind);
  });

  test.each(each)("%s: the database knows the same moves, and makes things in the initial state only", (name, one) => {
    const its = rows.filter((row) => row.machine === name);
    expect(sorted(its.filter((row) => row.from !== ""))).toEqual(sorted(movesOf(one.machine)));
    const made = its.filter((row) => row.from === "");
    expect(made.length).toBeGreaterThan(0);
    for (const { to } of made) expect(to).toBe(initial(one));
  });

  test.each(each)(
    "%s: the database asks for four eyes where the table does, and counts the same hands",
    (name, one) => {
      for (const { event, from, fourEyes, hand } of rows.filter((row) => row.machine === name)) {
        const rule = one.workflow.spec.moves[event];
        expect([fourEyes, hand], `${from} --${event}`).toEqual([rule?.fourEyes ?? false, rule?.hand ?? false]);
      }
    },
  );

  test.each(each)(
    "%s: no state is limbo, and what is final has no way out but is reached",
    (_, { workflow, machine }) => {
      const moves = movesOf(machine);
      for (const [state, spec] of Object.entries(workflow.spec.states)) {
        const out = moves.filter((move) => move.from === state);
        expect("final" in spec, `${state}: final is what nothing leads out of`).toBe(out.length === 0);
        if ("waits" in spec && "for" in spec.waits) expect(Object.keys(permissions)).toContain(spec.waits.for);
      }
    },
  );

  test.each(each)("%s: every move has its permission, and each rule its problem in the contract", (_, { workflow }) => {
    const { capability, moves } = workflow.spec;
    for (const [event, rule] of Object.entries(moves).filter(([, { by }]) => by !== "system")) {
      const operation = operations.get(`${capability}.${event}`);
      if (!operation) throw new Error(`${capability}.${event} is no operation`);
      expect(operation.meta.permission, event).not.toBeNull();
      if (rule.fourEyes) expect(operation.meta.problems, event).toContain("four_eyes");
      if (!rule.irreversible) continue;
      const said = { ...operation.meta.examples[0]?.input, reason: "x".repeat(leastReason - 1) };
      expect(operation.input.safeParse(said).success, `${event}: a short reason`).toBe(false);
      expect(operation.input.safeParse({ ...said, reason: `${said.reason}x` }).success, event).toBe(true);
    }
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

  /** What can't wait for another look: a stop, and a receipt. */
  const anyVersion = ["dispatches.stop", "dispatchRecipients.acknowledge"];

  test.each(each)("%s: every event that callers send is an operation, and takes a version", (_, one) => {
    const { capability, machine, workflow } = one;
    const events = new Set(movesOf(machine).map((move) => move.event));
    const own = new Set([...events].filter((event) => workflow.spec.moves[event]?.by === "system"));
    for (const event of own) expect(operations.get(`${capability}.${event}`), event).toBeUndefined();
    for (const event of [...events].filter((one) => !own.has(one)))
      expect(operations.get(`${capability}.${event}`), `${capability}.${event}`).toMatchObject({
        kind: "command",
        meta: { version: anyVersion.includes(`${capability}.${event}`) ? "any" : "required" },
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
