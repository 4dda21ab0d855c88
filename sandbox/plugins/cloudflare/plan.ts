/**
 * The planned state, as pulumi-terraform-bridge gets it from a resource of the plugin framework: what an update computes is
 * unknown as soon as anything changes. A diff is the difference between the stored and the planned state.
 */
import { bare, isProperties, isUnknown, type Properties, same, unknown, type Value } from "../wire/property.js";
import { withSecrets } from "./check.js";
import type { Shape } from "./shape.js";

export function planCreate(shape: Shape, inputs: Properties): Properties {
  return { ...unknowns(shape.computed), ...fallbacks(shape), ...given(inputs) };
}

/** Without a change it is the stored state. */
export function planUpdate(shape: Shape, news: Properties, state: Properties): Properties {
  const inputs = { ...fallbacks(shape), ...known(news) };
  const changed = shape.inputs.some(({ name }) => {
    const [now, before] = [inputs[name], state[name]];
    if (now !== undefined) return before === undefined || !covers(before, now);
    const kept = shape.computed.includes(name) && !shape.open.includes(name);
    return before !== undefined && !kept;
  });
  if (!changed) return state;
  const stays = Object.entries(state).filter(([name]) => shape.stable.includes(name));
  const computed = shape.computed.filter((name) => !shape.stable.includes(name));
  return { ...unknowns(computed), ...fallbacks(shape), ...Object.fromEntries(stays), ...given(news) };
}

/** Names whose planned value is another one than the stored. */
export function changedNames(state: Properties, planned: Properties): string[] {
  const names = new Set([...Object.keys(state), ...Object.keys(planned)]);
  return [...names].filter((name) => {
    const [before, now] = [state[name], planned[name]];
    return before === undefined || now === undefined ? before !== now : !same(before, now);
  });
}

/** Without what the engine and the bridge keep for themselves. */
export function known(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith("__")));
}

function fallbacks({ inputs }: Shape): Properties {
  return Object.fromEntries(inputs.flatMap(({ name, fallback }) => (fallback === undefined ? [] : [[name, fallback]])));
}

const unknowns = (names: readonly string[]): Properties => Object.fromEntries(names.map((name) => [name, unknown()]));

/** Annotations have a computed part. */
function given(inputs: Properties): Properties {
  const { annotations } = inputs;
  const own = withSecrets(known(inputs));
  return isProperties(annotations) ? { ...own, annotations: { ...annotations, workersTriggeredBy: unknown() } } : own;
}

/** Whether a stored value has all that is given. */
function covers(stored: Value, now: Value): boolean {
  const [before, wanted] = [bare(stored), bare(now)];
  if (Array.isArray(before) && Array.isArray(wanted)) {
    return before.length === wanted.length && wanted.every((item, index) => covers(before[index] ?? null, item));
  }
  if (isProperties(before) && isProperties(wanted)) {
    return Object.entries(wanted).every(([name, value]) => name in before && covers(before[name] ?? null, value));
  }
  return !isUnknown(now) && same(before, wanted);
}
