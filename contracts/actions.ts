import { besideOperations } from "./actions/beside.ts";
import { changeOperations } from "./actions/change.ts";
import { findOperations } from "./actions/find.ts";
import { moveOperations } from "./actions/moves.ts";
import { router } from "./kit/operation.ts";

export type { Action } from "./actions/action.ts";
export type { ActionItem } from "./actions/beside.ts";
export type { ActionEvents } from "./actions/capability.ts";
export { actionStates, priorities, sourceTypes } from "./actions/values.ts";

export const actions = router({
  ...findOperations,
  ...changeOperations,
  ...moveOperations,
  ...besideOperations,
});
