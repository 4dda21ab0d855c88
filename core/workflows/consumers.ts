import type { Scalar } from "yaml";

import type { Edit } from "./edits.js";
import { contextUses, type Quoting } from "./expression.js";
import { entriesOf, entry, type Leaf, leavesOf, startOf, endOf, textOf, type Workflow } from "./workflow.js";

/** Where in a workflow something stands. It decides which contexts GitHub offers there. */
export type Place =
  | { readonly kind: "step"; readonly job: string; readonly index: number }
  | { readonly kind: "job env"; readonly job: string; readonly variable: string }
  | { readonly kind: "workflow env"; readonly variable: string }
  | { readonly kind: "call"; readonly job: string; readonly secret: string }
  | { readonly kind: "other" };

/** One use of a secret. */
export interface SecretUse {
  /** In upper case; `undefined` when it is computed, or all secrets are taken. */
  readonly name: string | undefined;
  /** Offsets of the use in the file: the whole of `secrets.NAME`. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The keys that lead to it: `jobs.deploy.steps.0.env.GH_TOKEN`. */
  readonly keys: readonly string[];
  readonly place: Place;
  readonly scalar: Scalar<string>;
  /** Escapes or foldings hide it: it is there, but cannot be edited where it stands. */
  readonly isHidden: boolean;
}

/** Every use of a secret in a workflow, by the places that it has: one behind an anchor comes once for every alias. */
export function secretUses(workflow: Workflow): SecretUse[] {
  return entriesOf(workflow, workflow.root).flatMap(({ key, value }) => {
    switch (key) {
      case "env":
        return usesBelow(workflow, value, [key], ([, variable = ""]) => ({ kind: "workflow env", variable }));
      case "jobs":
        return workflow.jobs.flatMap(({ id }) => usesInJob(workflow, id));
      default:
        return usesBelow(workflow, value, [key], () => ({ kind: "other" }));
    }
  });
}

function usesInJob(workflow: Workflow, id: string): SecretUse[] {
  const job = workflow.jobs.find((candidate) => candidate.id === id);
  const isCall = textOf(entry(workflow, job?.map, "uses")?.value) !== undefined;
  return entriesOf(workflow, job?.map).flatMap(({ key, value }) =>
    usesBelow(workflow, value, ["jobs", id, key], ([, , , name = ""]) => {
      if (key === "steps") {
        return { kind: "step", job: id, index: Number(name) };
      }
      if (key === "env") {
        return { kind: "job env", job: id, variable: name };
      }
      return key === "secrets" && isCall ? { kind: "call", job: id, secret: name } : { kind: "other" };
    }),
  );
}

function usesBelow(
  workflow: Workflow,
  node: unknown,
  keys: readonly string[],
  placeOf: (keys: readonly string[]) => Place,
): SecretUse[] {
  return leavesOf(workflow, node, keys).flatMap((leaf) =>
    usesInLeaf(workflow, leaf, "secrets").map((use) => ({ ...use, place: placeOf(leaf.keys) })),
  );
}

/** The uses of a context in one scalar, with offsets into the file. */
export function usesInLeaf(workflow: Workflow, { keys, scalar }: Leaf, context: string): Omit<SecretUse, "place">[] {
  const bare = keys.at(-1) === "if";
  const start = startOf(scalar);
  const source = workflow.text.slice(start, endOf(scalar));
  const seen = contextUses(source, quotingOf(scalar), context, bare);
  const meant = contextUses(scalar.value, "plain", context, bare);
  const isHidden = meant.map(({ name }) => String(name)).join() !== seen.map(({ name }) => String(name)).join();
  return (isHidden ? meant.map((use) => ({ ...use, start: 0, end: 0 })) : seen).map((use) => ({
    name: use.name,
    start: start + use.start,
    end: start + use.end,
    line: workflow.lineOf(start + use.start),
    keys,
    scalar,
    isHidden,
  }));
}

/**
 * The changes that put `output` in the place of uses. Two that only `||` stands between become one: the personal tokens were
 * alternatives, the App's is one.
 */
export function replaceUses(text: string, uses: readonly Pick<SecretUse, "start" | "end">[], output: string): Edit[] {
  const edits: Edit[] = [];
  for (const { start, end } of uses.toSorted((a, b) => a.start - b.start)) {
    const last = edits.at(-1);
    if (last !== undefined && start >= last.end && /^\s*\|\|\s*$/.test(text.slice(last.end, start))) {
      edits[edits.length - 1] = { ...last, end };
    } else if (last?.start !== start) {
      edits.push({ start, end, text: output });
    }
  }
  return edits;
}

/** Whether a node's strings use `env.NAME`, in expressions. */
export function usesVariable(workflow: Workflow, node: unknown, name: string): boolean {
  return leavesOf(workflow, node).some((leaf) =>
    usesInLeaf(workflow, leaf, "env").some((use) => use.name === name.toUpperCase() || use.name === undefined),
  );
}

function quotingOf({ type }: Scalar): Quoting {
  return type === "QUOTE_SINGLE" ? "single" : type === "QUOTE_DOUBLE" ? "double" : "plain";
}
