import { filesOfHead, readObjects, readSteps } from "../observe/history.js";
import { namesIn } from "../model/recipients.js";
import { openVersions, type Print, type VersionText } from "../sources/versions.js";
import type { History, Version } from "./versions.js";

const SOURCES = "*.sops.yaml";
const RULES = ".sops.yaml";

/** Everything that this clone remembers of sources and rules. */
export interface Remembered {
  readonly history: History;
  /** By name, as .sops.yaml ever had it: every recipient that stood behind it. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Reads all versions of all sources from git, opened as far as the caller's identities open them. The present is what HEAD
 * has below secrets/. Throws a FaultsError when history is cut off.
 */
export async function readHistory(root: string, print: Print, env: NodeJS.ProcessEnv): Promise<Remembered> {
  const [all, head] = await Promise.all([readSteps(root, SOURCES), filesOfHead(root, "secrets")]);
  const steps = all.filter(({ path }) => path !== RULES && !path.endsWith(`/${RULES}`));
  const rules = all.filter(({ path }) => path === RULES);

  const contents = new Map<string, Content>();
  for (const { path, from, to } of steps) {
    for (const object of [from, to].filter((name) => name !== undefined)) {
      contents.set(idOf(path, object), { path, object });
    }
  }
  const wanted = [...contents.values()];
  const opened = await openVersions(textsOf(root, wanted), print, env);
  const versions = new Map(wanted.map(({ path, object }, index) => [idOf(path, object), opened[index]]));
  const versionOf = (path: string, object: string | undefined) =>
    object === undefined ? undefined : versions.get(idOf(path, object));
  return {
    history: {
      versions: [...versions.values()].filter((version) => version !== undefined),
      steps: steps.map(({ path, from, to, commit, at }) => ({
        from: versionOf(path, from),
        to: versionOf(path, to),
        commit,
        at,
      })),
      present: new Map(
        [...head].flatMap(([path, object]): [string, Version][] => {
          const version = versionOf(path, object);
          return version === undefined ? [] : [[path, version]];
        }),
      ),
    },
    names: await namesEver(root, [...new Set(rules.flatMap(({ from, to }) => [from, to]))]),
  };
}

interface Content {
  readonly path: string;
  readonly object: string;
}

function idOf(path: string, object: string): string {
  return `${object} ${path}`;
}

async function* textsOf(root: string, contents: readonly Content[]): AsyncGenerator<VersionText> {
  let index = 0;
  for await (const text of readObjects(
    root,
    contents.map(({ object }) => object),
  )) {
    yield { path: contents[index]?.path ?? "", text: text ?? "" };
    index += 1;
  }
}

async function namesEver(root: string, objects: readonly (string | undefined)[]): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>();
  for await (const text of readObjects(
    root,
    objects.filter((name) => name !== undefined),
  )) {
    for (const [name, recipient] of namesIn(text ?? "")) {
      names.set(name, (names.get(name) ?? new Set()).add(recipient));
    }
  }
  return names;
}
