import type { ValueSearch } from "../core/seal/valueSearch.js";
import { type Finding, shownPath } from "./finding.mjs";
import { Blobs } from "./git/blobs.mjs";
import { parseListed } from "./git/entries.mjs";
import { gitText } from "./git/run.mjs";
import { judgeRange } from "./range.mjs";
import { MATERIAL_RULES } from "./rules/material.mjs";
import { MODE } from "./rules/names.mjs";

/** A value that a commit holds in clear. */
export interface SeenInCommit {
  /** The name that the search has for the value. */
  readonly name: string;
  /** The file, or `message of the commit`; of a file whose name itself holds a value not even that. */
  readonly where: string;
  readonly line?: number;
  readonly form: string;
}

/** What a commit holds. */
export interface CommitSearch {
  readonly seen: readonly SeenInCommit[];
  /** Private material that shows by its form and that the commit itself brought: `deploy.sh:12 holds a GitHub credential`. */
  readonly material: readonly string[];
}

const NAMELESS = "a file whose name holds a value";

/**
 * Looks for values in all that a commit has: every file, every file's name, its message. Who has the commit has all of that,
 * whichever commit brought it.
 */
export async function searchCommit(
  root: string,
  commit: string,
  search: ValueSearch,
  env: NodeJS.ProcessEnv,
): Promise<CommitSearch> {
  const seen: SeenInCommit[] = [];
  const entries = parseListed(await gitText(root, ["ls-tree", "-r", "-z", "--full-tree", commit], { env }));
  const shownOf = (path: string) => (findIn(search, Buffer.from(path)).length > 0 ? NAMELESS : shownPath(path));
  const pathsOf = new Map<string, string[]>();
  for (const { path, mode, blob } of entries) {
    for (const { secret, form } of findIn(search, Buffer.from(path))) {
      seen.push({ name: secret, where: "a file's name", form });
    }
    if (mode !== MODE.module) {
      pathsOf.set(blob, [...(pathsOf.get(blob) ?? []), path]);
    }
  }
  const blobs = new Blobs(root, env);
  const look = (object: string, tell: (hit: Omit<SeenInCommit, "where">) => void) => {
    const stream = search.start();
    return blobs.ask(object, {
      chunk: (chunk) => {
        stream.push(chunk);
      },
      end: () => {
        for (const { secret, form, line } of stream.end()) {
          tell({ name: secret, form, ...(line === undefined ? {} : { line }) });
        }
      },
    });
  };
  try {
    // What git writes above the message is a part of it here: an author's name can hold a value, too.
    await look(commit, ({ name, form }) => seen.push({ name, form, where: "the commit's message" }));
    for (const [blob, paths] of pathsOf) {
      await look(blob, (hit) => seen.push(...paths.map((path) => ({ ...hit, where: shownOf(path) }))));
    }
  } finally {
    await blobs.close();
  }
  const known = new Set(seen.map(({ where, line }) => `${where}:${String(line)}`));
  const material = (await materialIn(root, commit, env))
    .map(({ path, line, what }) => ({ where: shownOf(path), line, what }))
    .filter(({ where, line }) => !known.has(`${where}:${String(line)}`))
    .map(({ where, line, what }) => `${where}${line === undefined ? "" : `:${String(line)}`} ${what}`);
  return { seen, material };
}

function findIn(search: ValueSearch, content: Buffer) {
  const stream = search.start();
  stream.push(content);
  return stream.end();
}

async function materialIn(root: string, commit: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const found: Finding[] = [];
  const onFinding = (finding: Finding) => found.push(finding);
  await judgeRange(root, ["--no-walk", commit], { env, onFinding });
  return found.filter(({ rule }) => MATERIAL_RULES.includes(rule));
}
