import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";

import { FaultsError } from "../fault.js";
import { column, nextLine } from "./edits.js";

/** One file below `.github`, as git has it. */
export interface WorkflowText {
  /** From the checkout's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** One `key: value` of a map. */
export interface Entry {
  readonly key: string;
  /** Offset of the key. */
  readonly start: number;
  /** What stands there; an alias is followed in `value`. */
  readonly raw: Node | undefined;
  readonly value: Node | undefined;
}

/** One step of a job. */
export interface Step {
  readonly index: number;
  readonly map: YAMLMap;
  /** Offset of the item: its dash, or what stands between commas. */
  readonly start: number;
  /** `[…]` or `{…}`: it has no lines of its own. */
  readonly isFlow: boolean;
  /** An anchor makes it a step of another place as well; a change here is one there. */
  readonly isShared: boolean;
}

export interface Job {
  readonly id: string;
  readonly map: YAMLMap;
  /** Empty for a job that calls a reusable workflow. */
  readonly steps: readonly Step[];
}

/** A parsed workflow (or composite action) with its source text: nodes tell where, the text is what is edited. */
export interface Workflow extends WorkflowText {
  readonly document: Document.Parsed;
  readonly root: YAMLMap;
  readonly jobs: readonly Job[];
  /** Nodes that an alias points to. */
  readonly shared: ReadonlySet<Node>;
  /** Line of an offset, from 1. */
  lineOf(offset: number): number;
}

/** Aliases may point at aliases; a file with more nodes than this is not one that people wrote. */
const MOST_NODES = 100_000;

/** Reads one file. Throws a FaultsError with all faults when it is no YAML, or no map. */
export function readWorkflow({ path, text }: WorkflowText): Workflow {
  const lines = new LineCounter();
  const document = parseDocument(text, { keepSourceTokens: true, lineCounter: lines });
  const at = (offset: number) => `${path}:${String(lines.linePos(offset).line)}`;
  if (document.errors.length > 0) {
    throw new FaultsError(
      document.errors.map(({ code, pos }) => ({
        where: at(pos[0]),
        what: code === "DUPLICATE_KEY" ? "has a key twice" : "is not valid YAML",
        repair: "edit the file; actionlint shows what GitHub would say",
      })),
    );
  }
  const root: unknown = document.contents;
  if (!isMap(root)) {
    throw new FaultsError([{ where: path, what: "is no map of keys", repair: "edit the file, or delete it" }]);
  }
  const shared = sharedNodes(document);
  checkSize(path, root, document);
  const parts = { path, text, document, root, shared, lineOf: (offset: number) => lines.linePos(offset).line };
  return { ...parts, jobs: readJobs({ ...parts, jobs: [] }) };
}

function sharedNodes(document: Document.Parsed): Set<Node> {
  const shared = new Set<Node>();
  visit(document, {
    Alias(_key, alias) {
      const node = alias.resolve(document);
      if (node !== undefined) {
        shared.add(node);
      }
    },
  });
  return shared;
}

/** Refuses what would take for ever to walk: an alias inside of its own anchor, aliases of aliases of aliases. */
function checkSize(path: string, root: Node, document: Document.Parsed): void {
  let nodes = 0;
  const walk = (node: unknown, above: ReadonlySet<unknown>): void => {
    const target = isAlias(node) ? node.resolve(document) : node;
    nodes += 1;
    if (nodes > MOST_NODES || above.has(target)) {
      throw new FaultsError([
        { where: path, what: "has aliases that never come to an end", repair: "write out what the anchors stand for" },
      ]);
    }
    const below = new Set(above).add(target);
    if (isMap(target)) {
      target.items.forEach(({ value }) => walk(value, below));
    } else if (isSeq(target)) {
      target.items.forEach((item) => walk(item, below));
    }
  };
  walk(root, new Set());
}

function readJobs(workflow: Workflow): Job[] {
  return entriesOf(workflow, entry(workflow, workflow.root, "jobs")?.value).flatMap(({ key, value }) =>
    isMap(value) ? [{ id: key, map: value, steps: readSteps(workflow, value) }] : [],
  );
}

function readSteps(workflow: Workflow, job: YAMLMap): Step[] {
  const steps = entry(workflow, job, "steps")?.value;
  if (!isSeq(steps)) {
    return [];
  }
  const dashes = steps.srcToken?.type === "block-seq" ? steps.srcToken.items : undefined;
  return steps.items.flatMap((item, index): Step[] => {
    const map = follow(workflow, item);
    if (!isNode(item) || !isMap(map)) {
      return [];
    }
    const dash = dashes?.[index]?.start.find(({ type }) => type === "seq-item-ind");
    return [
      {
        index,
        map,
        start: dash?.offset ?? startOf(item),
        isFlow: dash === undefined || map.flow === true,
        isShared: isAlias(item) || workflow.shared.has(map) || workflow.shared.has(steps),
      },
    ];
  });
}

/** The node itself, or what its alias points to. */
export function follow({ document }: Pick<Workflow, "document">, node: unknown): Node | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  return isNode(target) ? target : undefined;
}

/** The entries of a map whose keys are words; none for anything else. */
export function entriesOf(workflow: Pick<Workflow, "document">, node: unknown): Entry[] {
  return isMap(node)
    ? node.items.flatMap(({ key, value }) =>
        isScalar(key)
          ? [
              {
                key: String(key.value),
                start: startOf(key),
                raw: isNode(value) ? value : undefined,
                value: follow(workflow, value),
              },
            ]
          : [],
      )
    : [];
}

/** One entry of a map by its key. */
export function entry(workflow: Pick<Workflow, "document">, node: unknown, key: string): Entry | undefined {
  return entriesOf(workflow, node).find((candidate) => candidate.key === key);
}

/** The text of a scalar that is a string. */
export function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === "string" ? node.value : undefined;
}

/** A string somewhere below a node, and the keys that lead to it. */
export interface Leaf {
  readonly keys: readonly string[];
  readonly scalar: Scalar<string>;
}

/** All strings below a node, aliases followed, in the order of the text. */
export function leavesOf(workflow: Pick<Workflow, "document">, node: unknown, keys: readonly string[] = []): Leaf[] {
  const target = follow(workflow, node);
  if (isMap(target)) {
    return entriesOf(workflow, target).flatMap(({ key, value }) => leavesOf(workflow, value, [...keys, key]));
  }
  if (isSeq(target)) {
    return target.items.flatMap((item, index) => leavesOf(workflow, item, [...keys, String(index)]));
  }
  return textOf(target) === undefined ? [] : [{ keys, scalar: target as Scalar<string> }];
}

/** Offset at which a node's own text starts. */
export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Offset behind a node's own text. */
export function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}

/** Columns from `jobs:` to a job: what the file's author uses for a level. */
export function indentationOf(workflow: Workflow): number {
  const jobs = entry(workflow, workflow.root, "jobs");
  const [job] = entriesOf(workflow, jobs?.value);
  const found = jobs === undefined || job === undefined ? 2 : column(workflow.text, job.start);
  return found > 0 && found <= 8 ? found : 2;
}

/** Start of the line behind a map's last one. The empty lines that a `|+` keeps belong to it. */
export function behind({ text }: Pick<Workflow, "text">, map: YAMLMap): number {
  const last = map.items.at(-1)?.value;
  const keeps = isScalar(last) && /^[|>][0-9-]*\+/.test(text.slice(startOf(last)));
  const end = endOf(map);
  return keeps ? end : nextLine(text, text.slice(0, end).trimEnd().length - 1);
}
