/**
 * A runner for the team's workflows: takes the very `run:` scripts, conditions and variables out of a workflow file and runs
 * them in order in a fresh clone of origin. What stands for GitHub's own actions is here and small: checkout clones, the App's
 * token comes from the emulated GitHub with the permissions that the step asks for, and what brings Node, packages and tools is
 * given by the sandbox. An expression or an action that is not known here ends the test.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { parse } from "yaml";

import { inWorktree } from "../../sandbox/world/engine.js";
import { OWNER } from "../../sandbox/world/github.js";
import type { World } from "../../sandbox/world/world.js";

const WORKFLOWS = resolve(__dirname, "../../.github/workflows");

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "continue-on-error"?: boolean;
}

export interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** A workflow of this repository, as it stands. */
export async function readWorkflow(name: string): Promise<Workflow> {
  return parse(await readFile(join(WORKFLOWS, `${name}.yml`), "utf8")) as Workflow;
}

/** What the sandbox has brought already; exactly these. */
const GIVEN = new Set(["npm ci --ignore-scripts", "npm run setup -- --no-npm"]);

export interface RunOptions {
  /** The event that starts it: its name, and what `github.event` holds. */
  readonly event: string;
  readonly payload?: unknown;
  /** The branch or commit that is checked out. */
  readonly ref?: string;
  /** Variables of the machine, such as the operator's for git. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface StepResult {
  readonly text: string;
  readonly outcome: "success" | "failure" | "skipped";
  readonly output: string;
  readonly code: number;
  readonly elapsedMs: number;
}

export interface JobResult {
  readonly conclusion: "success" | "failure" | "skipped";
  readonly steps: readonly StepResult[];
  /** Everything that the steps printed. */
  readonly output: string;
  /** What the run's page shows. */
  readonly summary: string;
  /** The clone that the job worked in. */
  readonly folder: string;
  /** Uploaded files, by their artifact's name. */
  readonly artifacts: ReadonlyMap<string, string>;
}

/** Secrets of the repository, as the job sees them. */
export async function rootsOfTrust(world: World): Promise<Record<string, string>> {
  return {
    AGE_KEY_GHA: await readFile(join(world.paths.identities, "gha_runner.txt"), "utf8"),
    P24_BOT_APP_ID: "1",
    P24_BOT_PRIVATE_KEY: "the emulated GitHub gives tokens without it",
  };
}

/** Runs one job. */
export async function runJob(world: World, workflow: string, name: string, options: RunOptions): Promise<JobResult> {
  const job = (await readWorkflow(workflow)).jobs[name];
  assert.ok(job !== undefined, `${workflow} has a job ${name}`);
  return new Runner(world, job, options, await rootsOfTrust(world)).run();
}

/** No identity, no token and no passphrase of the sandbox's operator is on a runner. */
const OPERATORS = ["SOPS_AGE_KEY_FILE", "GITHUB_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "SSH_AUTH_SOCK", "P24_CONTROL_URL"];

class Runner {
  readonly #results = new Map<string, { outcome: string; outputs: Record<string, string> }>();
  readonly #steps: StepResult[] = [];
  readonly #artifacts = new Map<string, string>();
  #isRed = false;
  #folder = "";

  constructor(
    readonly world: World,
    readonly job: Job,
    readonly options: RunOptions,
    readonly secrets: Readonly<Record<string, string>>,
  ) {}

  async run(): Promise<JobResult> {
    if (this.job.if !== undefined && !this.#holds(this.job.if)) {
      return { conclusion: "skipped", steps: [], output: "", summary: "", folder: "", artifacts: this.#artifacts };
    }
    this.#folder = await mkdtemp(join(this.world.paths.dir, "runner-"));
    await writeFile(join(this.#folder, "summary.md"), "");
    for (const step of this.job.steps) {
      await this.#step(step);
    }
    return {
      conclusion: this.#isRed ? "failure" : "success",
      steps: this.#steps,
      output: this.#steps.map(({ output }) => output).join(""),
      summary: await readFile(join(this.#folder, "summary.md"), "utf8"),
      folder: join(this.#folder, "work"),
      artifacts: this.#artifacts,
    };
  }

  async #step(step: Step): Promise<void> {
    const text = step.run ?? step.uses ?? "";
    const hasStatus = /\b(?:always|failure|cancelled|success)\(\)/.test(step.if ?? "");
    const goes = (hasStatus || !this.#isRed) && (step.if === undefined || this.#holds(step.if));
    const started = performance.now();
    const done = goes ? await this.#do(step) : { code: 0, output: "", outputs: {} };
    const outcome = goes ? (done.code === 0 ? "success" : "failure") : "skipped";
    if (outcome === "failure" && step["continue-on-error"] !== true) {
      this.#isRed = true;
    }
    if (step.id !== undefined) {
      this.#results.set(step.id, { outcome, outputs: done.outputs });
    }
    const elapsedMs = performance.now() - started;
    this.#steps.push({ text, outcome, output: done.output, code: done.code, elapsedMs });
  }

  async #do(step: Step): Promise<{ code: number; output: string; outputs: Record<string, string> }> {
    if (step.run !== undefined) {
      return GIVEN.has(step.run)
        ? { code: 0, output: "", outputs: {} }
        : { ...(await this.#script(step.run, step.env ?? {})), outputs: {} };
    }
    const action = step.uses?.split("@")[0];
    const given = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([name, value]) => [name, this.#expand(String(value))]),
    );
    switch (action) {
      case "actions/checkout":
        await this.#checkout(given);
        return { code: 0, output: "", outputs: {} };
      case "actions/create-github-app-token":
        return { code: 0, output: "", outputs: { token: this.#appToken(given) } };
      case "actions/upload-artifact":
        this.#artifacts.set(
          given["name"] ?? "",
          await readFile(join(this.#folder, "work", given["path"] ?? ""), "utf8"),
        );
        return { code: 0, output: "", outputs: {} };
      case "actions/setup-node":
        return { code: 0, output: "", outputs: {} };
      default:
        throw new Error(`the runner does not know the action ${step.uses ?? ""}`);
    }
  }

  /** A clone as actions/checkout makes it: the default branch, the whole history, no credential left behind. */
  async #checkout(given: Readonly<Record<string, string>>): Promise<void> {
    assert.equal(given["persist-credentials"], "false");
    assert.equal(given["fetch-depth"], "0");
    const token = this.world.github.issueInstallation(this.world.installation).value;
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    const work = join(this.#folder, "work");
    const env = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.https://github.com/.extraheader",
      GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
    };
    const url = `https://github.com/${OWNER}/p24-infra`;
    const args = ["clone", "--quiet", "--branch", this.options.ref ?? "main", url, work];
    const { code, stderr } = await inWorktree(this.world, "git", args, {
      cwd: this.#folder,
      env: { ...this.options.env, ...env },
    });
    assert.equal(code, 0, stderr);
    // npm ci brings these.
    await symlink(resolve(__dirname, "../../node_modules"), join(work, "node_modules")).catch(() => undefined);
  }

  #appToken(given: Readonly<Record<string, string>>): string {
    assert.ok(given["client-id"] === this.secrets["P24_BOT_APP_ID"] && given["private-key"] !== undefined);
    const asked = Object.entries(given).flatMap(([name, level]) => {
      const permission = /^permission-(.+)$/.exec(name)?.[1];
      return permission === undefined ? [] : [[permission.replaceAll("-", "_"), level]];
    });
    return this.world.github.issueInstallation(this.world.installation, {
      permissions: { metadata: "read", ...(Object.fromEntries(asked) as object) },
    }).value;
  }

  async #script(script: string, env: Readonly<Record<string, string>>) {
    const own = Object.fromEntries(
      Object.entries({ ...this.job.env, ...env }).map(([name, value]) => [name, this.#expand(value)]),
    );
    const machine = Object.fromEntries(Object.entries(this.world.env).filter(([name]) => !OPERATORS.includes(name)));
    const { code, stdout, stderr } = await inWorktree({ ...this.world, env: machine }, "sh", ["-e", "-c", script], {
      cwd: join(this.#folder, "work"),
      env: {
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_REPOSITORY: `${OWNER}/p24-infra`,
        GITHUB_RUN_ID: "7",
        GITHUB_EVENT_NAME: this.options.event,
        GITHUB_STEP_SUMMARY: join(this.#folder, "summary.md"),
        npm_config_update_notifier: "false",
        ...this.options.env,
        ...own,
      },
    });
    return { code, output: stdout + stderr };
  }

  /** Replaces `${{ }}` in a text. */
  #expand(text: string): string {
    return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(this.#value(expression.trim())));
  }

  /** A condition, with or without its braces. */
  #holds(condition: string): boolean {
    const inner = /^\$\{\{(.*)\}\}$/s.exec(condition.trim())?.[1] ?? condition;
    return inner.split("&&").every((part) => this.#term(part.trim()));
  }

  #term(term: string): boolean {
    const [, left = "", operator = "", right = ""] = /^(\S+) (==|!=) (\S+)$/.exec(term) ?? [];
    if (operator !== "") {
      return (this.#value(left) === this.#value(right)) === (operator === "==");
    }
    return term === "always()" || (term === "!cancelled()" ? true : Boolean(this.#value(term)));
  }

  #value(expression: string): unknown {
    const literal = /^'(.*)'$/.exec(expression)?.[1];
    if (literal !== undefined) {
      return literal;
    }
    const [context = "", ...path] = expression.split(".");
    const roots: Record<string, unknown> = {
      secrets: this.secrets,
      steps: Object.fromEntries(this.#results),
      github: {
        event_name: this.options.event,
        event: this.options.payload ?? {},
        repository: `${OWNER}/p24-infra`,
      },
    };
    assert.ok(context in roots, `the runner does not know ${expression}`);
    return (
      path.reduce((at: unknown, name) => (at as Record<string, unknown> | undefined)?.[name], roots[context]) ?? ""
    );
  }
}
