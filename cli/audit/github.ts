import type { Standing, Use } from "../../core/audit/sheet.js";
import { FaultsError, renderFault } from "../../core/fault.js";
import type { Settings } from "../../core/model/settings.js";
import { githubHeaders, observeRepository } from "../../core/observe/github.js";
import type { Get } from "../../core/observe/http.js";
import { observeStored, observeWorkflows } from "../../core/observe/storedCredentials.js";
import { secretUses } from "../../core/workflows/consumers.js";
import { readWorkflow, type WorkflowText } from "../../core/workflows/workflow.js";
import { readWorkflowFiles } from "../workflowFiles.js";

/** What one look at some places gave. */
export interface Gathered {
  readonly standings: readonly Standing[];
  readonly uses: readonly Use[];
  readonly usersKnownOf: readonly string[];
  readonly read: readonly string[];
  readonly unread: readonly string[];
}

/** Every repository of the settings: names of its secrets, and what its workflows use. */
export async function gatherGithub(
  get: Get,
  root: string,
  { github }: Pick<Settings, "github">,
  env: NodeJS.ProcessEnv,
): Promise<Gathered[]> {
  return Promise.all(
    github.repositories.map((name) =>
      gatherRepository(get, `${github.owner}/${name}`, name === github.home ? root : undefined, env),
    ),
  );
}

async function gatherRepository(
  get: Get,
  full: string,
  checkout: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Gathered> {
  const [owner = "", name = ""] = full.split("/");
  const observed = await observeRepository(get, owner, name, env);
  const local = checkout === undefined ? undefined : await readWorkflowFiles(checkout).catch(noWorkflows);
  if ("unreachable" in observed) {
    return { ...usesOf(full, local, [], []), standings: [], unread: [renderFault(observed.unreachable)] };
  }
  const headers = githubHeaders(env) ?? {};
  const [stored, texts] = await Promise.all([
    observeStored(get, full, [], env),
    local ?? observeWorkflows(get, full, headers).then((all) => all?.filter(isWorkflow).map(asText)),
  ]);
  const place = `github:${full}`;
  const elsewhere = [...stored.secrets].map(([where, names]) => ({ place: `${place} (${where})`, names, where }));
  const standings = [
    ...[...observed.seen.secrets.keys()].map((secret): Standing => ({ name: secret, place, kind: "github" })),
    ...elsewhere.flatMap((one) =>
      one.names.map((secret): Standing => ({ name: secret.toUpperCase(), place: one.place, kind: "github" })),
    ),
  ];
  // What the organization has is for others, too.
  const own = [place, ...elsewhere.filter(({ where }) => where !== "organization").map((one) => one.place)];
  const all = [place, ...elsewhere.map((one) => one.place)];
  const { unread, ...uses } = usesOf(full, texts, own, all);
  return {
    ...uses,
    standings,
    read: [`${place}: ${String(standings.length)} names of secrets`, ...uses.read],
    unread: [
      ...unread,
      ...stored.unseen
        .filter((what) => what !== "workflow files")
        .map(
          (what) =>
            `${place}: ${what}: the token may not list them. Repair: run with an owner's GITHUB_TOKEN (gh auth token)`,
        ),
    ],
  };
}

function noWorkflows(error: unknown): WorkflowText[] {
  if (error instanceof FaultsError) {
    return [];
  }
  throw error;
}

function isWorkflow({ name }: { readonly name: string }): boolean {
  return /\.ya?ml$/.test(name);
}

function asText({ name, text }: { readonly name: string; readonly text: string }): WorkflowText {
  return { path: `.github/workflows/${name}`, text };
}

/** The uses of secrets in workflows. `GITHUB_TOKEN` is there by itself. */
function usesOf(
  full: string,
  texts: readonly WorkflowText[] | undefined,
  own: readonly string[],
  from: readonly string[],
): Omit<Gathered, "standings"> {
  const where = `github:${full}`;
  if (texts === undefined) {
    const unread = `${where}: workflow files: the token may not read them. Repair: Contents: read`;
    return { uses: [], usersKnownOf: [], read: [], unread: [unread] };
  }
  const uses: Use[] = [];
  const unread: string[] = [];
  let takesAll = false;
  for (const text of texts) {
    try {
      const workflow = readWorkflow(text);
      // The secrets of a workflow that is called are those that its caller gives.
      const isOptional = /\bworkflow_call\b/.test(text.text);
      for (const { name, line } of secretUses(workflow)) {
        takesAll ||= name === undefined;
        if (name !== undefined && name !== "GITHUB_TOKEN") {
          uses.push({ name, at: `${full} ${text.path}:${String(line)}`, from, isOptional });
        }
      }
    } catch (error) {
      if (!(error instanceof FaultsError)) {
        throw error;
      }
      unread.push(...error.faults.map((fault) => `${where}: ${renderFault(fault)}`));
    }
  }
  const all = takesAll
    ? [`${where}: a workflow takes all secrets, or computes a name: none of them is called unused`]
    : [];
  return {
    uses,
    usersKnownOf: takesAll || unread.length > 0 ? [] : own,
    read: [`${where}: ${String(texts.length)} workflow and action files`, ...all],
    unread,
  };
}
