import { atMost } from "../atMost.js";
import { type Fault, FaultList, FaultsError } from "../fault.js";
import { decryptSource, type Source } from "../sources/decrypt.js";
import type { Recipients } from "./recipients.js";
import type { Settings } from "./settings.js";

/** The sources of a stack, opened: three of fixed name and one a host. */
export interface Sources {
  readonly shared: Source;
  readonly github: Source;
  readonly stack: Source;
  readonly hosts: ReadonlyMap<string, Source>;
}

/** The path of a source from the repository's root: `secrets/shared.sops.yaml`. */
export function sourcePath(name: string): string {
  return `secrets/${name}.sops.yaml`;
}

/** Each is a process of about 35 MB: with one for every host the memory of a run would grow by them, and nothing is faster for it. */
const SOURCES_AT_ONCE = 8;

/**
 * Opens all sources side by side and holds each file's recipients against its rule. Throws a FaultsError with the
 * faults of all of them.
 */
export async function openSources(
  root: string,
  settings: Settings,
  recipients: Recipients,
  env: NodeJS.ProcessEnv,
): Promise<Sources> {
  const faults = new FaultList();
  const openOne = (name: string) => faults.collectAsync(openSource(root, sourcePath(name), recipients, env));
  const names = Object.keys(settings.hosts);
  const all = ["shared", "github-actions", "stack", ...names];
  const [shared, github, stack, ...hosts] = await atMost(SOURCES_AT_ONCE, all, openOne);
  faults.throwIfAny();
  return {
    shared: shared as Source,
    github: github as Source,
    stack: stack as Source,
    hosts: new Map(names.map((name, index) => [name, hosts[index] as Source])),
  };
}

/** Opens one source and checks its recipients. */
export async function openSource(
  root: string,
  path: string,
  recipients: Recipients,
  env: NodeJS.ProcessEnv,
): Promise<Source> {
  const source = await decryptSource(root, path, env);
  const fault = recipientFault(source, recipients.ruleFor(path));
  if (fault !== undefined) {
    throw new FaultsError([fault]);
  }
  return source;
}

function recipientFault(source: Source, rule: ReadonlySet<string> | undefined): Fault | undefined {
  if (rule === undefined) {
    return { where: ".sops.yaml", name: source.path, what: "no rule matches this file", repair: "add a creation rule" };
  }
  if (rule.size === source.recipients.size && [...rule].every((recipient) => source.recipients.has(recipient))) {
    return undefined;
  }
  return {
    where: source.path,
    what: "its recipients are not those of its rule in .sops.yaml",
    repair: `sops updatekeys ${source.path}`,
  };
}
