import { leavesOf, type Step, type Workflow } from "./workflow.js";

/**
 * The owner's repositories that steps surely reach for: what a checkout or another action gets as its repository, what `gh`
 * gets with `--repo`, `-R` or GH_REPO, a path of the API, an address that git clones from. A name that merely occurs is not
 * taken: the App's token is refused as a whole when one of its repositories does not exist.
 */
export function repositoriesIn(workflow: Workflow, steps: readonly Step[], owner: string): string[] {
  const its = `(?:${owner}|\\$\\{\\{\\s*github\\.repository_owner\\s*\\}\\})/([A-Za-z0-9_-][\\w.-]*)`;
  const whole = new RegExp(`^\\s*${its}\\s*$`, "i");
  const inText = [
    `(?:--repo[ =]|-R[ =]?|GH_REPO=)["']?${its}`,
    `(?<![\\w-])repos/${its}`,
    `@github\\.com[/:]${its}`,
    `\\bgit\\b[^\\n;|&]*github\\.com[/:]${its}`,
  ].map((pattern) => new RegExp(pattern, "gi"));
  const names = steps
    .flatMap(({ map }) => leavesOf(workflow, map))
    .flatMap(({ keys, scalar }) => {
      const key = keys.at(-1) ?? "";
      const found = /repo/i.test(key) ? (whole.exec(scalar.value) ?? []).slice(1) : [];
      return key === "uses"
        ? []
        : [...found, ...inText.flatMap((pattern) => [...scalar.value.matchAll(pattern)].map(([, name]) => name))];
    })
    .map((name) => (name ?? "").replace(/\.git$|\.+$/g, ""));
  return names.filter((name, index) => name !== "" && !hasName(names.slice(0, index), name));
}

/** GitHub's names of repositories do not tell upper and lower case apart. */
export function hasName(names: readonly string[], name: string): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}
