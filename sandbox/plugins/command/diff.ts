/** Diff: which inputs changed, and whether the resource must be replaced. */
import { type Change, changes, ignoring } from "../wire/changes.js";
import type { Compared } from "../wire/plugin.js";
import type { Properties } from "../wire/property.js";
import type { Resource } from "./shape.js";

/** The inputs that a state holds, for an engine that does not send the old inputs. */
function inputsOf(resource: Resource, state: Properties): Properties {
  const names = new Set(resource.inputs.fields.map((field) => field.name));
  return Object.fromEntries(Object.entries(state).filter(([name]) => names.has(name)));
}

/**
 * All changes between old and new inputs. Only `triggers` as a whole forces a replacement; a change inside it does
 * not by itself: the SDK of @pulumi/command adds `replaceOnChanges: ["triggers[*]"]`, which the engine applies.
 */
export function diff(resource: Resource, { state, oldInputs, news, ignored }: Compared): Change[] {
  const wanted = Object.entries(ignoring(news, state, ignored));
  const own = wanted.filter(([name]) => name !== "version" && !name.startsWith("__"));
  return changes(oldInputs ?? inputsOf(resource, state), Object.fromEntries(own), (path) => path === "triggers");
}
