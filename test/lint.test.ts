import { operationsOf } from "@dais/contracts/kit/derive";
import { idPayload } from "@dais/contracts/kit/event";
import { typeId } from "@dais/contracts/kit/ids";
import { capability, router } from "@dais/contracts/kit/operation";
import { Instant, secret } from "@dais/contracts/kit/shapes";
import { contractProblems } from "@dais/documents/lint";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const id = z.string().max(30);
const problem = { status: 404, title: "No such thing", meaning: "It is not there.", remedy: "Look elsewhere." };
const things = {
  name: "things",
  title: "Things",
  about: "Things, for tests.",
  permissions: { "thing.read": "See things." },
  problems: { thing_not_found: problem },
};
const get = {
  rest: "GET /things/{id}",
  summary: "Read a thing",
  permission: "thing.read",
  input: z.strictObject({ id }),
  output: z.object({ id }),
  examples: [{ title: "One", input: { id: "a" }, output: { id: "a" } }],
};
const change = {
  ...get,
  rest: "POST /things/{id}/change",
  summary: "Change a thing",
  input: z.strictObject({ id, version: z.int().min(1).max(10) }),
  examples: [{ title: "One", input: { id: "a", version: 1 }, output: { id: "a" } }],
};
const make = { ...get, rest: "POST /things", summary: "Make a thing", status: 201, location: "/things/{id}" };

type Bad = { capability?: object; get?: object; change?: object; make?: object; verb?: string; room?: string };

/** What the lint says of a contract that is sound but for what is given. Types would refuse some of these: hence the casts. */
function findings({
  capability: more,
  get: read,
  change: write,
  make: create,
  verb = "get",
  room = "things",
}: Bad): string[] {
  const { query, command } = capability({ ...things, ...more } as never) as unknown as {
    query: (op: object) => never;
    command: (op: object) => never;
  };
  const operations = {
    [verb]: query({ ...get, ...read }),
    change: command({ ...change, ...write }),
    make: command({ ...make, input: z.strictObject({ id }), ...create }),
  };
  return contractProblems(operationsOf(router({ [room]: router(operations) }) as never));
}

/** The same field in an input that is sent in a body. */
const body = (field: z.ZodType) => ({
  change: { input: z.strictObject({ ...change.input.shape, field: field.optional() }) },
});
const query = (field: z.ZodType) => ({ get: { input: z.strictObject({ id, field: field.optional() }) } });
const thing = { id: "sig_01kejc8ht0e6ssypg6m30swm9g" };
const told = {
  about: "A thing changed.",
  version: 1,
  permission: "thing.read",
  payload: idPayload("sig"),
  example: thing,
};
const tells = (more: object, name = "thing.changed") => ({ capability: { events: { [name]: { ...told, ...more } } } });
const says = (field: z.ZodType, example: unknown) =>
  tells({ payload: z.object({ id: typeId("sig"), field }), example: { ...thing, field: example } });
const output = (schema: z.ZodType) => ({ get: { output: schema, examples: [] } });

test("a sound contract passes", () => expect(findings({})).toEqual([]));

const refused: Record<string, [what: string, bad: Bad, finding: string][]> = {
  addresses: [
    ["two operations at one address", { change: { rest: "POST /things" } }, "has the address POST /things already"],
    ["a read that isn't GET", { get: { rest: "POST /things/{id}" } }, "a query can't be POST"],
    ["a change that is GET", { change: { rest: "GET /things/{id}/change" } }, "a command can't be GET"],
    ["capitals in a path", { get: { rest: "GET /things/{id}/Parts" } }, "is not small letters"],
    ["a path of another noun", { get: { rest: "GET /stuff/{id}" } }, "doesn't begin with /things"],
    ["a path parameter that the input lacks", { get: { rest: "GET /things/{key}" } }, "{key} is not in its input"],
    [
      "a path parameter that isn't text",
      { get: { input: z.strictObject({ id: z.int().min(1).max(9) }) } },
      "{id} is not a string",
    ],
    ["an optional path parameter", { get: { input: z.strictObject({ id: id.optional() }) } }, "{id} is optional"],
    ["an object in a query string", query(z.strictObject({})), "a query string can't say field"],
    ["null in a query string", query(id.nullable()), "a query string can't say field"],
    [
      "a list of objects in a query string",
      query(z.array(z.strictObject({})).max(2)),
      "a query string can't say field",
    ],
  ],
  statuses: [
    [
      "a change of a thing without its version",
      { change: { input: z.strictObject({ id }) } },
      "neither takes `version`",
    ],
    ["an ETag without a version", { get: { etag: true } }, "no `version` in its output"],
    ["201 without a location", { make: { location: undefined } }, "without saying where"],
    ["a location that the output doesn't have", { make: { location: "/things/{thing.id}" } }, "names {thing.id}"],
    ["a location without 201", { make: { status: 200 } }, "answers neither 201 nor 202"],
    ["a read that answers 202", { get: { status: 202 } }, "a query can't answer 202"],
  ],
  inputs: [
    [
      "a field named like a header",
      { change: { input: z.strictObject({ ...change.input.shape, ifMatch: id }) } },
      "part of the transport",
    ],
    ["unknown fields", { get: { input: z.object({ id }) } }, "input takes unknown fields"],
    ["unknown fields further down", body(z.array(z.object({})).max(2)), "input.field[] takes unknown fields"],
    ["endless text", body(z.string()), "input.field has no greatest length"],
    ["an endless pattern", body(z.string().regex(/^a+$/)), "input.field has no greatest length"],
    ["a pattern without an end", body(z.string().regex(/^a{1,3}/)), "input.field has no greatest length"],
    ["a pattern that is open on one side", body(z.string().regex(/^a|b$/)), "input.field has no greatest length"],
    ["a moment with endless digits", body(z.iso.datetime()), "input.field has no greatest length"],
    ["an endless list", body(z.array(id)), "input.field has no greatest number of items"],
    ["a number without bounds", body(z.number()), "input.field has no smallest or no greatest value"],
    ["an integer without bounds", body(z.int().min(0)), "input.field has no smallest or no greatest value"],
    ["anything at all", body(z.unknown()), "input.field may be anything"],
    ["a choice with an endless half", body(z.union([id, z.array(id)])), "input.field has no greatest number of items"],
  ],
  outputs: [
    ["an optional field", output(z.object({ id, more: id.optional() })), "output.more is optional"],
    [
      "an optional field further down",
      output(z.object({ items: z.array(z.object({ more: id.optional() })) })),
      "output.items[].more is optional",
    ],
    ["no object", output(z.array(id)), "its output is not an object"],
  ],
  examples: [
    ["none", { get: { examples: [] } }, "it has no example"],
    [
      "a wrong input",
      { get: { examples: [{ title: "X", input: { id: 1 }, output: { id: "a" } }] } },
      'input of the example "X"',
    ],
    [
      "a wrong output",
      { get: { examples: [{ title: "X", input: { id: "a" }, output: {} }] } },
      'output of the example "X"',
    ],
    [
      "an output with more than there is",
      { get: { examples: [{ title: "X", input: { id: "a" }, output: { id: "a", b: 1 } }] } },
      'output of the example "X"',
    ],
  ],
  names: [
    ["a verb that isn't camelCase", { verb: "get_one" }, "get_one is not a camelCase verb"],
    ["another room than the capability", { room: "stuff" }, "its capability is called things"],
    ["a tool's name that is too long", { verb: `get${"Longer".repeat(12)}` }, "is not 1 to 64 letters"],
    ["a summary with a full stop", { get: { summary: "Read a thing." } }, "ends with a full stop"],
    ["a summary that is too long", { get: { summary: "x".repeat(81) } }, "not 1 to 80 characters"],
    [
      "a capability that isn't one word",
      { capability: { name: "some-things" }, room: "some-things" },
      "its name is not one camelCase noun",
    ],
    ["a capability without a description", { capability: { about: "" } }, "its title or description is missing"],
  ],
  permissions: [
    ["one that nobody declares", { get: { permission: "thing.write" } }, "declares no permission thing.write"],
    [
      "one that isn't noun.verb",
      { capability: { permissions: { readThing: "x", "thing.read": "x" } } },
      "readThing is not noun.verb",
    ],
    [
      "one without a description",
      { capability: { permissions: { "thing.read": " " } } },
      "thing.read has no description",
    ],
  ],
  problems: [
    ["one that nobody declares", { get: { problems: ["thing_lost"] } }, "nobody declares the problem thing_lost"],
    [
      "one that isn't snake_case",
      { capability: { problems: { "thing-lost": problem } } },
      "thing-lost is not snake_case",
    ],
    [
      "one of another noun",
      { capability: { problems: { stuff_lost: problem } } },
      "stuff_lost doesn't begin with thing",
    ],
    [
      "one that is a standard one",
      { capability: { problems: { not_found: problem } } },
      "not_found is one of the standard ones",
    ],
    [
      "one without a remedy",
      { capability: { problems: { thing_lost: { ...problem, remedy: "" } } } },
      "thing_lost is not fully described",
    ],
    [
      "one whose title ends with a full stop",
      { capability: { problems: { thing_lost: { ...problem, title: "Lost." } } } },
      "title that ends with a full stop",
    ],
  ],
};

refused.events = [
  ["a name that isn't noun.verbed", tells({}, "thing-changed"), "its name is not noun.verbed"],
  ["a name of another noun", tells({}, "stuff.changed"), "its name doesn't begin with thing"],
  ["a name in the present", tells({}, "thing.change"), "change is not in the past tense"],
  ["a name that only looks like the past", tells({}, "thing.red"), "red is not in the past tense"],
  ["one without a description", tells({ about: "" }), "not described by sentences"],
  ["one without a version", tells({ version: 0 }), "its version is not 1 to 1000"],
  ["a permission that nobody declares", tells({ permission: "thing.hear" }), "declares the permission thing.hear"],
  ["a payload without an id", tells({ payload: z.object({}), example: {} }), "has no `id` of a thing"],
  ["an id that names nothing", tells({ payload: z.object({ id }), example: { id: "a" } }), "has no `id` of a thing"],
  ["endless text", says(z.string(), "a"), "its payload.field has no greatest length"],
  ["an endless list", says(z.array(id), []), "its payload.field has no greatest number of items"],
  ["unknown fields further down", says(z.looseObject({}), {}), "its payload.field takes unknown fields"],
  ["an optional field", says(id.optional(), "a"), "its payload.field is optional"],
  ["a secret", says(secret(), "a"), "its payload tells a secret"],
  ["an example that doesn't fit", says(id, 1), "its example doesn't fit"],
  ["an example with more than there is", tells({ example: { ...thing, more: 1 } }), "its example doesn't fit"],
];

describe.each(Object.entries(refused))("%s: the lint refuses", (_, cases) => {
  test.each(cases)("%s", (_what, bad, finding) =>
    expect(findings(bad)).toContainEqual(expect.stringContaining(finding)),
  );
});

test("names: the lint refuses a tag that isn't the capability", () => {
  const operations = operationsOf(
    router({ things: router({ get: capability(things as never).query(get as never) }) }) as never,
  );
  const { meta } = operations.get("things.get") ?? expect.fail();
  meta.openapi.tags = ["stuff"];
  expect(contractProblems(operations)).toEqual(["things.get: its tag is stuff, not things"]);
});

test("events: what everybody, or nobody outside, hears passes, and so do other pasts", () => {
  for (const permission of [null, "nobody"]) expect(findings(tells({ permission }))).toEqual([]);
  for (const name of ["thing.sent", "thing.parts_set", "thing.part_added"])
    expect(findings(tells({}, name))).toEqual([]);
});

test("events: the lint refuses two capabilities that tell of the same", () => {
  const one = capability({ ...things, events: { "thing.changed": told } } as never) as unknown as {
    query: (op: object) => never;
  };
  const other = capability({ ...things, name: "others", events: { "thing.changed": told } } as never) as unknown as {
    query: (op: object) => never;
  };
  const operations = router({
    things: router({ get: one.query(get) }),
    others: router({ get: other.query({ ...get, rest: "GET /others/{id}" }) }),
  });
  expect(contractProblems(operationsOf(operations as never))).toEqual([
    "thing.changed: another capability declares this event already",
  ]);
});

test("a bounded moment, a day, a choice and a bounded pattern pass", () => {
  const fields = [
    Instant,
    z.iso.date(),
    z.enum(["a"]),
    z.string().regex(/^[a-z*+]{1,3}(x|y)\.$/),
    z.literal(1),
    z.boolean(),
    id.nullable(),
  ];
  for (const field of fields) expect(findings(body(field))).toEqual([]);
});
