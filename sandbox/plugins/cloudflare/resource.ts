/** What the three resources have in common: check, plan, and writing when it is no preview. */
import { ignoring } from "../wire/changes.js";
import type { ResourceType } from "../wire/plugin.js";
import { bare, isProperties, isUnknown, type Properties, type Value } from "../wire/property.js";
import { check, withSecrets } from "./check.js";
import { changedNames, known, planCreate, planUpdate } from "./plan.js";
import type { Shape } from "./shape.js";

/** Plain values: what is sent. */
export type Plain = Record<string, unknown>;

/** How one type reads and writes at Cloudflare. Outputs come without marks. */
export interface Remote {
  readonly shape: Shape;
  idOf(state: Plain): string;
  create(inputs: Plain): Promise<Plain>;
  /** Left out: everything makes a new resource. */
  readonly update?: (inputs: Plain) => Promise<Plain>;
  /** `undefined` when it is gone. */
  read(state: Plain): Promise<Plain | undefined>;
  remove(state: Plain): Promise<void>;
}

export function resourceType(remote: Remote): ResourceType {
  const { shape } = remote;
  const replacing = new Set(shape.inputs.filter(({ replaces }) => replaces).map(({ name }) => name));
  const stateOf = (outputs: Plain) => withSecrets(withoutNothing(outputs));
  return {
    check: (news) => check(shape, news),
    diff({ state, news, ignored }) {
      const stored = known(state);
      const changed = changedNames(stored, planUpdate(shape, ignoring(news, stored, ignored), stored));
      const changes = changed.map((name) => ({
        path: name,
        input: name,
        kind: "update" as const,
        replace: replacing.has(name) && name in news,
      }));
      return { changes, detailed: false };
    },
    async create({ preview }, inputs) {
      if (preview) return { id: "", state: planCreate(shape, inputs) };
      const state = await remote.create(plainOf(inputs));
      return { id: remote.idOf(state), state: stateOf(state) };
    },
    async read(_, stored) {
      const state = await remote.read(plainOf(stored.state));
      if (state === undefined) return undefined;
      const marked = stateOf(state);
      const inputs = Object.keys(known(stored.inputs)).map((name) => [
        name,
        marked[name] ?? stored.inputs[name] ?? null,
      ]);
      return { id: remote.idOf(state), state: marked, inputs: Object.fromEntries(inputs) as Properties };
    },
    async update({ preview }, _, news, state) {
      if (preview) return planUpdate(shape, news, known(state));
      const updated = await remote.update?.({ ...plainOf(state), ...plainOf(news) });
      return updated === undefined ? state : stateOf(updated);
    },
    async remove(_, __, state) {
      await remote.remove(plainOf(state));
    },
  };
}

function withoutNothing(outputs: Plain): Properties {
  const there = Object.entries(outputs).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(there) as Properties;
}

/** Values without marks; unknown ones are left out. */
function plainOf(values: Properties): Plain {
  const strip = (value: Value): unknown => {
    const inner = bare(value);
    if (Array.isArray(inner)) return inner.map(strip);
    return isProperties(inner) ? plainOf(inner) : inner;
  };
  const entries = Object.entries(known(values)).filter(([, value]) => !isUnknown(value));
  return Object.fromEntries(entries.map(([name, value]) => [name, strip(value)]));
}
