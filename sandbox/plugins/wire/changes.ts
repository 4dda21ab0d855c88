/** Which properties changed, down to the path. */
import { isProperties, isUnknown, isSecret, same, type Properties, type Value } from "./property.js";

export type Kind = "add" | "delete" | "update";

/** A change at a property path; `replace` when it forces a new resource. */
export interface Change {
  readonly path: string;
  /** The input that the path starts with. */
  readonly input: string;
  readonly kind: Kind;
  readonly replace: boolean;
}

type Path = (string | number)[];

/** A path in Pulumi's notation: `environment.A`, `triggers[0]`, `environment["a.b"]`. */
function pathText(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === "number") return `[${String(part)}]`;
      if (/[^A-Za-z0-9_]/.test(part)) return `["${part.replaceAll('"', '\\"')}"]`;
      return i === 0 ? part : `.${part}`;
    })
    .join("");
}

const undecided = (value: Value): boolean => isUnknown(value) && isSecret(value);
const absent = (value: Value): boolean => value === null || undecided(value);

function changesIn(olds: Properties, news: Properties, path: Path): [Path, Kind][] {
  const result: [Path, Kind][] = [];
  for (const [name, old] of Object.entries(olds)) {
    const at = [...path, name];
    const now = news[name];
    if (now === undefined) {
      if (!absent(old)) result.push([at, "delete"]);
    } else if (!undecided(now)) {
      const inner = changesOf(old, now, at);
      if (inner.length > 0 && absent(old)) result.push([at, "add"]);
      else result.push(...inner);
    }
  }
  for (const [name, now] of Object.entries(news)) {
    if (!(name in olds) && !absent(now)) result.push([[...path, name], "add"]);
  }
  return result;
}

function changesOf(old: Value, now: Value, path: Path): [Path, Kind][] {
  if (Array.isArray(old) && Array.isArray(now)) {
    const shared = Math.min(old.length, now.length);
    return [
      ...old.slice(0, shared).flatMap((item, i) => changesOf(item, now[i] ?? null, [...path, i])),
      ...old.slice(shared).map((_, i): [Path, Kind] => [[...path, shared + i], "delete"]),
      ...now.slice(shared).map((_, i): [Path, Kind] => [[...path, shared + i], "add"]),
    ];
  }
  if (isProperties(old) && isProperties(now)) return changesIn(old, now, path);
  if (same(old, now)) return [];
  if (old === null) return [[path, "add"]];
  return [[path, now === null ? "delete" : "update"]];
}

/** What `ignoreChanges` names at the top level keeps its stored value; deeper paths are the engine's matter. */
export function ignoring(news: Properties, state: Properties, ignored: readonly string[]): Properties {
  return { ...news, ...Object.fromEntries(Object.entries(state).filter(([name]) => ignored.includes(name))) };
}

/** All changes between old and new properties, in the order of the old ones; `replaces` tells by its path whether one forces a new resource. */
export function changes(olds: Properties, news: Properties, replaces: (path: string) => boolean): Change[] {
  return changesIn(olds, news, []).map(([path, kind]) => {
    const text = pathText(path);
    return { path: text, input: String(path[0]), kind, replace: replaces(text) };
  });
}
