import { z } from "zod";
import { event, idPayload } from "./kit/event.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, Name, NameInput, Version } from "./kit/shapes.ts";

const { query, command, events } = capability({
  name: "entities",
  title: "Entities",
  about: "The parts of the organisation (companies, divisions, departments) as a tree.",
  permissions: {
    "entity.read": "See the organisation's entities.",
    "entity.create": "Add entities.",
    "entity.update": "Rename and move entities.",
  },
  problems: {
    entity_not_found: {
      status: 404,
      title: "No such entity",
      meaning: "There is no entity with this id in the caller's organisation.",
      remedy: "Check the id, or list entities.",
    },
    entity_changed: {
      status: 412,
      title: "The entity has changed since",
      meaning:
        "Somebody changed the entity after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the entity again, and decide again.",
    },
    entity_key_taken: {
      status: 409,
      title: "The key is taken",
      meaning: "Another entity of the organisation has this key.",
      remedy: "Choose another key.",
    },
    entity_parent_unknown: {
      status: 422,
      title: "No such parent",
      meaning: "The entity named as parent does not exist in this organisation.",
      remedy: "List entities, or leave `parentId` out for one at the top.",
    },
    entity_cycle: {
      status: 422,
      title: "An entity can't lie below itself",
      meaning: "The new parent is the entity itself, or lies below it.",
      remedy: "Choose a parent outside the entity's own branch.",
    },
  },
  events: {
    "entity.created": event({
      about: "An entity was added.",
      version: 1,
      permission: "entity.read",
      payload: idPayload("ent"),
      example: { id: "ent_01kejc8ht0e6ssypg6m30swm9b" },
    }),
    "entity.updated": event({
      about: "An entity was renamed or moved.",
      version: 1,
      permission: "entity.read",
      payload: idPayload("ent"),
      example: { id: "ent_01kejc8ht0e6ssypg6m30swm9b" },
    }),
  },
});
export type EntityEvents = typeof events;

export const EntityId = typeId("ent");
export const entityKinds = ["holding", "company", "division", "department"] as const;

const Key = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, "Must be 2 to 40 small letters, digits and hyphens.")
  .describe("Short name, unique in the organisation. Never changes.");

export const Entity = z
  .object({
    id: EntityId,
    key: Key,
    name: Name,
    kind: z.enum(entityKinds),
    parentId: EntityId.nullable().describe("Null at the top of the tree."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Entity", description: "A part of the organisation." });
export type Entity = z.infer<typeof Entity>;

const example = {
  id: "ent_01kejc8ht0e6ssypg6m30swm9b",
  key: "rimal-cloud",
  name: { en: "Rimal Cloud", ar: "رمال كلاود" },
  kind: "company",
  parentId: "ent_01kejc8ht0e6ssypg6m30swm9a",
  version: 1,
  createdAt: "2026-01-05T04:00:00.000Z",
  updatedAt: "2026-01-05T04:00:00.000Z",
};

export const entities = router({
  list: query({
    rest: "GET /entities",
    summary: "List entities, by key",
    permission: "entity.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({ ...paging, parentId: EntityId.optional().describe("Only those right below this one.") }),
    output: page(Entity),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /entities/{id}",
    summary: "Read one entity",
    permission: "entity.read",
    problems: ["entity_not_found"],
    input: z.strictObject({ id: EntityId }),
    output: Entity,
    examples: [{ title: "One entity", input: { id: example.id }, output: example }],
  }),
  create: command({
    rest: "POST /entities",
    summary: "Add an entity",
    permission: "entity.create",
    problems: ["entity_key_taken", "entity_parent_unknown"],
    status: 201,
    location: "/entities/{id}",
    mcp: false,
    input: z.strictObject({
      key: Key,
      name: NameInput,
      kind: z.enum(entityKinds),
      parentId: EntityId.nullable().default(null),
    }),
    output: Entity,
    examples: [
      {
        title: "A company",
        input: { key: example.key, name: example.name, kind: "company", parentId: example.parentId },
        output: example,
      },
    ],
  }),
  update: command({
    rest: "PATCH /entities/{id}",
    summary: "Rename or move an entity",
    permission: "entity.update",
    problems: ["entity_not_found", "entity_changed", "entity_parent_unknown", "entity_cycle"],
    mcp: false,
    input: z.strictObject({
      id: EntityId,
      version: Version,
      name: NameInput.optional(),
      kind: z.enum(entityKinds).optional(),
      parentId: EntityId.nullable().optional().describe("Null moves it to the top."),
    }),
    output: Entity,
    examples: [
      {
        title: "A new name",
        input: { id: example.id, version: 1, name: { en: "Rimal Cloud Services", ar: null } },
        output: { ...example, name: { en: "Rimal Cloud Services", ar: null }, version: 2 },
      },
    ],
  }),
});
