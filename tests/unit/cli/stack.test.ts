/**
 * Proves how a stack is opened: which one, its settings without the engine, and the environment that a child gets. The
 * sources are real ones; the `pulumi` in it is a stand-in that only writes down how it was called.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { openStack, readSettings, stackName } from "../../../cli/stack.js";
import { exec } from "../../../cli/verbs/exec.js";
import type { Invocation } from "../../../cli/verb.js";
import { type Clone, makeClone } from "../../support/clone.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { put } from "../../support/sopsFiles.js";

describe("a stack's name", () => {
  const cases: readonly [string | boolean | undefined, NodeJS.ProcessEnv, string][] = [
    ["dev", { PULUMI_STACK: "other" }, "dev"],
    [undefined, { PULUMI_STACK: "other" }, "other"],
    [undefined, {}, "prod"],
    [undefined, { PULUMI_STACK: "" }, "prod"],
    [true, {}, "prod"],
  ];
  for (const [option, env, expected] of cases) {
    it(`is ${expected} for ${String(option)} and ${JSON.stringify(env)}`, () => {
      assert.equal(stackName(option, env), expected);
    });
  }
});

describe("a stack's settings", () => {
  const folder = temporaryFolder();

  it("are read without the engine", async () => {
    await put(
      folder(),
      "Pulumi.dev.yaml",
      `encryptionsalt: v1:x
config:
  other:github: no
  p24-infra:backend: file:///state
  p24-infra:github: { owner: radieu, repositories: [a] }
  p24-infra:hosts: {}
`,
    );
    const { settings, settingsFile } = await readSettings(folder(), "dev");
    assert.equal(settingsFile, "Pulumi.dev.yaml");
    assert.deepEqual(settings, {
      backend: "file:///state",
      github: { owner: "radieu", repositories: ["a"] },
      hosts: {},
    });
  });

  const faults: readonly [string, string | undefined, string[]][] = [
    [
      "missing",
      undefined,
      ["Pulumi.STACK.yaml: is missing for the stack that was named. Repair: name one that is there with --stack: dev"],
    ],
    ["broken", "config:\n  a: [\n", ["Pulumi.broken.yaml:3: is not valid YAML. Repair: edit the file"]],
    [
      "empty",
      "",
      [
        "Pulumi.empty.yaml: github: is missing. Repair: pulumi config set --path p24-infra:github VALUE",
        "Pulumi.empty.yaml: hosts: is missing. Repair: pulumi config set --path p24-infra:hosts VALUE",
      ],
    ],
  ];
  for (const [stack, text, messages] of faults) {
    it(`that are ${stack} are refused`, async () => {
      if (text !== undefined) {
        await put(folder(), `Pulumi.${stack}.yaml`, text);
      }
      assert.deepEqual(await faultsOfAsync(readSettings(folder(), stack)), messages);
    });
  }
});

describe("an opened stack", () => {
  const folder = temporaryFolder();
  let clone: Clone;
  before(async () => {
    clone = await makeClone(folder());
  });

  it("has the engine's variables and an agent that ends with it, and keeps the caller's environment as it is", async () => {
    const caller = { ...clone.env, OF_THE_CALLER: "1", SSH_AUTH_SOCK: "/of/the/caller" };
    const before = { ...caller };
    const opened = await openStack(clone.root, "test", caller);
    assert.deepEqual(caller, before);
    const { context } = opened;
    const { SSH_AUTH_SOCK: socket = "", ...env } = context.env;
    assert.ok(existsSync(socket));
    await opened.close();
    assert.equal(existsSync(socket), false);
    assert.deepEqual(env, {
      ...clone.env,
      OF_THE_CALLER: "1",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_CONTINUE_ON_ERROR: "true",
      PULUMI_PARALLEL: "64",
      GOGC: "400",
      GOMEMLIMIT: "192MiB",
      PULUMI_CONFIG_PASSPHRASE: clone.stackValues["pulumi_passphrase"],
      AWS_ACCESS_KEY_ID: "backend id",
      PULUMI_STACK: "test",
    });
    assert.deepEqual([context.root, context.stack, context.settingsFile], [clone.root, "test", "Pulumi.test.yaml"]);
  });

  it("has the settings' backend, unless the environment names one", async () => {
    await put(
      clone.root,
      "Pulumi.other.yaml",
      "config:\n  p24-infra:backend: file:///theirs\n  p24-infra:github: { owner: radieu, repositories: [] }\n  p24-infra:hosts: {}\n",
    );
    for (const [env, expected] of [
      [clone.env, "file:///theirs?metadata=skip"],
      [{ ...clone.env, PULUMI_BACKEND_URL: "file:///mine" }, "file:///mine?metadata=skip"],
    ] as const) {
      const opened = await openStack(clone.root, "other", env);
      await opened.close();
      assert.equal(opened.context.env["PULUMI_BACKEND_URL"], expected);
    }
  });

  const invocation = (rest: readonly string[], more: NodeJS.ProcessEnv = {}): Invocation => ({
    options: {},
    rest,
    root: clone.root,
    env: { ...clone.env, ...more },
    print: () => undefined,
  });

  it("gives exec's command this environment, and its exit code back", async () => {
    const script =
      "require('fs').writeFileSync('seen', JSON.stringify([process.env, process.argv.slice(1), process.cwd()])); process.exit(7)";
    const code = await exec.run(invocation([process.execPath, "-e", script, "--", "a b", "$HOME"]));
    assert.equal(code, 7);
    const [env, args, cwd] = JSON.parse(await readFile(join(clone.root, "seen"), "utf8")) as [
      NodeJS.ProcessEnv,
      string[],
      string,
    ];
    assert.equal(env["PULUMI_CONFIG_PASSPHRASE"], clone.stackValues["pulumi_passphrase"]);
    assert.deepEqual([args, cwd], [["a b", "$HOME"], clone.root]);
    assert.equal(existsSync(env["SSH_AUTH_SOCK"] ?? ""), false, "the agent ended with the command");
  });

  it("gives 1 for a command that a signal ended", async () => {
    assert.equal(await exec.run(invocation([process.execPath, "-e", "process.kill(process.pid, 'SIGKILL')"])), 1);
  });

  it("has exec refused for a command that is not there", async () => {
    assert.deepEqual(await faultsOfAsync(exec.run(invocation(["no-such-program"]))), [
      "the command: was not found on PATH. Repair: install the command, or run node toolchain/setup.mjs",
    ]);
  });

  it("is refused with the faults of settings and source together, before any agent is started", async () => {
    await put(clone.root, "Pulumi.bad.yaml", "config: {}\n");
    const lines = await faultsOfAsync(openStack(clone.root, "bad", { ...clone.env, SOPS_AGE_KEY: "" }));
    assert.deepEqual(
      lines.map((line) => line.split(". Repair")[0]),
      [
        "Pulumi.bad.yaml: github: is missing",
        "Pulumi.bad.yaml: hosts: is missing",
        "secrets/stack.sops.yaml: no age identity was found on this machine",
      ],
    );
  });
});
