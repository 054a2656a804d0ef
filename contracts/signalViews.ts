import { z } from "zod";
import { exampleSignal } from "./examples/signals.ts";
import { exampleSignalView } from "./examples/signalViews.ts";
import { typeId } from "./kit/ids.ts";
import { capability, router } from "./kit/operation.ts";
import { page, paging } from "./kit/paging.ts";
import { Instant, line, Version } from "./kit/shapes.ts";
import { Signal, SignalSort, searchFilters } from "./signals.ts";

export const SignalViewId = typeId("viw");

const { query, command } = capability({
  name: "signalViews",
  title: "Saved views of signals",
  about:
    "Searches for signals under a name. A view belongs to who saved it, and is theirs alone until they share it. It keeps the search, not what it found: each reader of a shared one finds what lies within their own clearance, and `me` in it is the reader.",
  permissions: {
    "signal_view.read": "See one's own and the shared views, and the signals that they find.",
    "signal_view.create": "Save views.",
    "signal_view.update": "Change one's own views.",
    "signal_view.delete": "Delete one's own views.",
    "signal_view.share": "Show one's own views to everybody in the organisation, or no longer.",
  },
  problems: {
    signal_view_not_found: {
      status: 404,
      title: "No such view",
      meaning:
        "There is no view with this id in the caller's organisation, or it was deleted, or it is somebody else's who does not share it.",
      remedy: "Check the id, or list views.",
    },
    signal_view_not_owner: {
      status: 403,
      title: "Somebody else's view",
      meaning: "The view is shared with the caller, but only its owner may change it.",
      remedy: "Save one of your own with the same filters.",
    },
    signal_view_changed: {
      status: 412,
      title: "The view has changed since",
      meaning: "Somebody changed the view after the version that the caller saw. `version` is the one that it has now.",
      remedy: "Read the view again, and decide again.",
    },
  },
});

type Shown<T extends Record<string, z.ZodOptional<z.ZodType>>> = {
  [K in keyof T]: z.ZodNullable<ReturnType<T[K]["unwrap"]>>;
};
const nullable = <T extends Record<string, z.ZodOptional<z.ZodType>>>(fields: T) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.unwrap().nullable()]),
  ) as unknown as Shown<T>;

export const SignalView = z
  .object({
    id: SignalViewId,
    ownerId: z.string().max(64).describe("Id of who saved it."),
    name: line(200),
    shared: z.boolean().describe("Whether everybody in the organisation sees it."),
    filters: z
      .object(nullable(searchFilters))
      .describe("What it looks for, as `signals.list` takes it. Null: it doesn't matter."),
    sort: SignalSort,
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "SignalView", description: "A search for signals under a name." });
export type SignalView = z.infer<typeof SignalView>;

const none = Object.fromEntries(Object.keys(searchFilters).map((name) => [name, null]));
const { filters: saved, ...rest } = exampleSignalView;
const example = { ...rest, filters: { ...none, ...saved } };
const later = (fields: object) => ({ ...example, ...fields, version: 2, updatedAt: "2026-01-06T05:00:00.000Z" });
const { id, name } = example;
const changing = ["signal_view_not_found", "signal_view_not_owner", "signal_view_changed"] as const;

export const signalViews = router({
  list: query({
    rest: "GET /signal-views",
    summary: "List one's own views and the shared ones, by name",
    permission: "signal_view.read",
    problems: ["invalid_cursor"],
    input: z.strictObject({
      ...paging,
      own: z.boolean().optional().describe("True: only one's own. False: only others'."),
    }),
    output: page(SignalView),
    examples: [{ title: "All", input: {}, output: { items: [example], nextCursor: null } }],
  }),
  get: query({
    rest: "GET /signal-views/{id}",
    summary: "Read one view",
    permission: "signal_view.read",
    problems: ["signal_view_not_found"],
    input: z.strictObject({ id: SignalViewId }),
    output: SignalView,
    examples: [{ title: "One view", input: { id }, output: example }],
  }),
  signals: query({
    rest: "GET /signal-views/{id}/signals",
    summary: "List the signals that a view finds",
    description: "In the view's order. A cursor is good until the view changes.",
    permission: "signal_view.read",
    problems: ["signal_view_not_found", "invalid_cursor"],
    input: z.strictObject({ ...paging, id: SignalViewId }),
    output: page(Signal),
    examples: [{ title: "The first page", input: { id }, output: { items: [exampleSignal], nextCursor: null } }],
  }),
  create: command({
    rest: "POST /signal-views",
    summary: "Save a search under a name",
    permission: "signal_view.create",
    status: 201,
    location: "/signal-views/{id}",
    input: z.strictObject({
      name: line(200),
      filters: z.strictObject(searchFilters).describe("As `signals.list` takes them."),
      sort: SignalSort.default("-occurredAt"),
    }),
    output: SignalView,
    examples: [{ title: "Floods", input: { name, filters: saved }, output: example }],
  }),
  update: command({
    rest: "PATCH /signal-views/{id}",
    summary: "Rename a view, or change what it looks for",
    permission: "signal_view.update",
    problems: changing,
    input: z.strictObject({
      id: SignalViewId,
      version: Version,
      name: line(200).optional(),
      filters: z
        .strictObject(searchFilters)
        .optional()
        .describe("All of them: those left out don't matter from now on."),
      sort: SignalSort.optional(),
    }),
    output: SignalView,
    examples: [{ title: "Another name", input: { id, version: 1, name: "Floods" }, output: later({ name: "Floods" }) }],
  }),
  delete: command({
    rest: "POST /signal-views/{id}/delete",
    summary: "Delete a view",
    description: "Answers with what it was.",
    permission: "signal_view.delete",
    problems: changing,
    input: z.strictObject({ id: SignalViewId, version: Version }),
    output: SignalView,
    examples: [{ title: "Delete", input: { id, version: 1 }, output: later({}) }],
  }),
  share: command({
    rest: "POST /signal-views/{id}/share",
    summary: "Show a view to everybody in the organisation, or no longer",
    permission: "signal_view.share",
    problems: changing,
    input: z.strictObject({ id: SignalViewId, version: Version, shared: z.boolean() }),
    output: z.object({
      changed: z.boolean().describe("False where it was so already."),
      view: SignalView,
    }),
    examples: [
      {
        title: "Share",
        input: { id, version: 1, shared: true },
        output: { changed: true, view: later({ shared: true }) },
      },
    ],
  }),
});
