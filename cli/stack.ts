import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseDocument } from "yaml";

import { type Context, readStackSecrets } from "../core/assess.js";
import { type Fault, FaultList, FaultsError } from "../core/fault.js";
import { HOSTS_AT_ONCE } from "../core/observe/atOnce.js";
import { parseSettings, SETTINGS, type Settings, type Stage } from "../core/model/settings.js";
import { startAgent } from "../core/seal/agent.js";
import { engineEnvironment } from "../core/seal/environment.js";

const PROJECT = "p24-infra";

/** The stack that a call is about: its own option, else PULUMI_STACK, else `prod`. */
export function stackName(option: string | boolean | undefined, env: NodeJS.ProcessEnv): string {
  const named = typeof option === "string" ? option : env["PULUMI_STACK"];
  return named === undefined || named === "" ? "prod" : named;
}

/** Reads `Pulumi.STACK.yaml` without the engine. Throws a FaultsError. */
export async function readSettings(
  root: string,
  stack: string,
  stage?: Stage,
): Promise<{ settings: Settings; settingsFile: string }> {
  const text = await readFile(join(root, settingsFileOf(stack)), "utf8").catch(async () => {
    throw new FaultsError([await noSettingsFault(root)]);
  });
  return settingsIn(text, stack, stage);
}

/** Where a stack's settings stand, below the repository's root. */
export function settingsFileOf(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

/** The same for the text of the file, from wherever it is. Throws a FaultsError. */
export function settingsIn(text: string, stack: string, stage?: Stage): { settings: Settings; settingsFile: string } {
  const settingsFile = settingsFileOf(stack);
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const line = String(document.errors[0]?.linePos?.[0].line ?? 1);
    throw new FaultsError([{ where: `${settingsFile}:${line}`, what: "is not valid YAML", repair: "edit the file" }]);
  }
  const config = (document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
  const raw = Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = config[`${PROJECT}:${name}`];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { settings: parseSettings(raw, settingsFile, stage), settingsFile };
}

/** The name that was given is not repeated: it may be a value that was typed at the wrong place. */
async function noSettingsFault(root: string): Promise<Fault> {
  const stacks = (await readdir(root)).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  const repair = `name one that is there with --stack: ${stacks.sort().join(", ") || "none is"}`;
  return { where: "Pulumi.STACK.yaml", what: "is missing for the stack that was named", repair };
}

/** A stack that is ready to be worked with: its settings, and an environment in which the engine can run. */
export interface OpenStack {
  readonly context: Context;
  close(): Promise<void>;
}

/**
 * Opens a stack: decrypts what the engine and its providers read from the environment, and loads the sync key into an
 * agent that ends with this process. Throws a FaultsError with the faults of settings and source together.
 */
export async function openStack(root: string, stack: string, env: NodeJS.ProcessEnv): Promise<OpenStack> {
  const faults = new FaultList();
  const [read, secrets] = await Promise.all([
    faults.collectAsync(readSettings(root, stack)),
    faults.collectAsync(readStackSecrets(root, env)),
  ]);
  faults.throwIfAny();
  const { settings, settingsFile } = read as NonNullable<typeof read>;
  const opened = secrets as NonNullable<typeof secrets>;
  const agent = await startAgent(opened.sync_ssh_key);
  const backend = env["PULUMI_BACKEND_URL"] ?? settings.backend;
  const context: Context = {
    root,
    stack,
    settings,
    settingsFile,
    env: {
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // One place that fails stops no other, and the ledger keeps what was written.
      PULUMI_CONTINUE_ON_ERROR: "true",
      // The engine's own limit follows the runner's processors; what is written here waits for other machines.
      PULUMI_PARALLEL: String(HOSTS_AT_ONCE),
      // The engine, its plugins and sops live for seconds, and collect garbage seldom. The second bounds an engine that works
      // on a large state: most of its heap is states already saved (docs/performance.md, "Growth").
      GOGC: "400",
      GOMEMLIMIT: "192MiB",
      ...env,
      ...engineEnvironment(opened),
      ...(backend === undefined ? {} : { PULUMI_BACKEND_URL: withoutSidecars(backend) }),
      PULUMI_STACK: stack,
      SSH_AUTH_SOCK: agent.socket,
    },
  };
  return { context, close: () => agent.close() };
}

/**
 * A `file://` backend keeps attributes in a file of its own beside the state, which is not written as a whole: a run that
 * is killed at the wrong moment leaves it empty, and the state cannot be read any more ("failed to load checkpoint: EOF",
 * run with 3.259). Nothing needs these attributes (gocloud.dev, blob/fileblob, `metadata=skip`).
 */
function withoutSidecars(backend: string): string {
  return !backend.startsWith("file://") || /[?&]metadata=/.test(backend)
    ? backend
    : `${backend}${backend.includes("?") ? "&" : "?"}metadata=skip`;
}
