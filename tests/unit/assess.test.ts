/**
 * Proves how one look at everything comes together: git's faults in one list and in a fixed order, places side by side,
 * a place that cannot be asked as a report and not as an error. The sources are real ones, the host is ssh2's server on
 * loopback, and the `pulumi` that exports the state is a stand-in; GitHub is not asked here.
 */
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { readSettings } from "../../cli/stack.js";
import { assess, type Context, survey } from "../../core/assess.js";
import { renderReport } from "../../core/compare/render.js";
import { EMPTY_LEDGER, LEDGER_TYPES, readLedger } from "../../core/ledger.js";
import { type Agent, startAgent } from "../../core/seal/agent.js";
import { createFingerprinter } from "../../core/seal/fingerprint.js";
import { Secret } from "../../core/seal/secret.js";
import { type Clone, makeClone } from "../support/clone.js";
import { faultsOfAsync } from "../support/faults.js";
import { temporaryFolder } from "../support/folder.js";
import { ageArmor, sshPair } from "../support/identities.js";
import { put } from "../support/sopsFiles.js";
import { answerWith, type SshServer, type SshServerOptions, startSshServer } from "../support/sshServer.js";

describe("a look at everything", () => {
  const folder = temporaryFolder();
  const sync = sshPair();
  let clone: Clone;
  let agent: Agent;
  let host: SshServer;
  let answer = "";

  before(async () => {
    [clone, agent] = await Promise.all([makeClone(folder()), startAgent(new Secret(sync.private))]);
    const onCommand: SshServerOptions["onCommand"] = (...run) => {
      answerWith(answer)(...run);
    };
    host = await startSshServer({ authorized: sync.public, onCommand });
  });
  after(() => Promise.all([agent.close(), host.close()]));

  async function context(changes: NodeJS.ProcessEnv = {}, settings = ""): Promise<Context> {
    if (settings !== "") {
      await put(clone.root, "Pulumi.host.yaml", settings);
    }
    const stack = settings === "" ? "test" : "host";
    const env = { ...clone.env, SSH_AUTH_SOCK: agent.socket, ...changes };
    return { root: clone.root, stack, ...(await readSettings(clone.root, stack)), env };
  }

  function withHost(port: number): string {
    return `config:
  p24-infra:github: { owner: radieu, repositories: [] }
  p24-infra:hosts:
    vps-i1: { address: 127.0.0.1, port: ${port}, hostKey: ${host.hostKey}, target: monitoring, plain: { TZ: UTC } }
`;
  }

  function withoutFile(): Promise<string> {
    const lines = ["identity ok", "recipient none", "serial 1", "pending no", "file absent", "want 600 root:root"];
    const text = ["p24-observe 1", "program 1", "host vps-i1", "target monitoring", ...lines];
    return ageArmor(`${[...text, "unread 0", "docker ok", "end"].join("\n")}\n`, clone.recipient);
  }

  it("at a stack without places finds nothing to say", async () => {
    const seen = await assess(await context());
    assert.deepEqual([seen.reports, [...seen.desired.github.keys()]], [[], ["OF_GITHUB"]]);
    assert.deepEqual(Object.keys(seen.stackSecrets).sort(), Object.keys(clone.stackValues).sort());
  });

  it("compares a host with its own file and the shared one", async () => {
    await put(clone.root, "secrets/vps-i1.sops.yaml", await clone.encrypt({ own: "1" }));
    answer = await withoutFile();
    const { reports } = await assess(await context({}, withHost(host.port)));
    assert.deepEqual(
      reports.map(({ place, counts, names }) => [place, counts, names.map(({ name }) => name)]),
      [["host:vps-i1", { missing: 3 }, ["OF_SHARED", "OWN", "TZ"]]],
    );
  });

  it("does not ask a host whose write is certain, when it is about to write", async () => {
    const { keyId } = createFingerprinter(new Secret(clone.stackValues["fingerprint_key"] ?? ""));
    answer = await withoutFile();
    const look = async (left: string, writes: boolean) => {
      const ledger = {
        ...EMPTY_LEDGER,
        left: { keyId, hosts: { "vps-i1": left } },
        serials: new Map([["vps-i1", 7]]),
      };
      const before = host.commands.length;
      const known = survey(await context({}, withHost(host.port)), Promise.resolve(ledger), { writes });
      const { reports, contents } = await known.whole;
      return { text: renderReport(reports), asked: host.commands.length - before, content: contents.get("vps-i1") };
    };
    const preview = await look("00000000", false);
    assert.deepEqual([preview.asked, preview.text.split("\n")[0]], [1, "host:vps-i1  missing (verified)  3 missing"]);
    const certain = await look("00000000", true);
    assert.deepEqual(
      [certain.asked, certain.text.split("\n")[0]],
      [0, "host:vps-i1  not asked (recorded)  3 not asked"],
    );
    const equal = await look(certain.content ?? "", true);
    assert.deepEqual([equal.asked, equal.text], [1, preview.text]);
  });

  it("reports a host that cannot be asked, and goes on", async () => {
    const off = await startSshServer();
    await off.close();
    const { reports } = await assess(await context({}, withHost(off.port)));
    assert.match(
      renderReport(reports),
      /^host:vps-i1 {2}unreachable \(unreachable\) {2}3 unreachable\n {4}! host vps-i1: cannot be/,
    );
  });

  it("says what the state remembers of repositories that left the settings", async () => {
    const outputs = { repository: "o/old", name: "A", fingerprint: "a".repeat(64), keyId: "k", updatedAt: "then" };
    const state = {
      deployment: { resources: [{ urn: `urn:${LEDGER_TYPES.secret}`, type: LEDGER_TYPES.secret, outputs }] },
    };
    const { reports } = await assess(await context({ P24_TEST_STATE: JSON.stringify(state) }));
    assert.deepEqual(
      reports.map(({ place, status, confidence }) => [place, status, confidence]),
      [["github:o/old", "orphan", "present"]],
    );
  });

  it("warns of a lock-out in the making, and goes on", async () => {
    assert.deepEqual((await assess(await context())).warnings, []);
    const rules = await readFile(join(clone.root, ".sops.yaml"), "utf8");
    await put(clone.root, ".sops.yaml", rules.replaceAll("dev_test", "host_test"));
    const { warnings, reports } = await assess(await context());
    assert.deepEqual(
      [warnings.map(({ what }) => what), reports],
      [["has no developer (an anchor &dev_…) among its recipients"], []],
    );
    await put(clone.root, ".sops.yaml", rules);
  });

  it("shows the faults of sources and state in one list, always in the same order", async () => {
    await put(clone.root, "secrets/shared.sops.yaml", await clone.encrypt({ "bad-name": "1", path: "2" }));
    await put(
      clone.root,
      "secrets/stack.sops.yaml",
      await clone.encrypt({ ...clone.stackValues, vercel_token: "PLACEHOLDER" }),
    );
    const broken = await context({ P24_TEST_STATE: "" }, withHost(host.port));
    const heads = (await faultsOfAsync(assess(broken))).map((line) => line.split(". Repair")[0]);
    assert.deepEqual(heads, [
      "secrets/stack.sops.yaml: vercel_token: still has the template's placeholder",
      "secrets/shared.sops.yaml: bad-name: cannot be a variable's name: use letters, digits and underscores, not starting with a digit",
      "secrets/shared.sops.yaml: path: would change Compose, Docker or the shell itself",
      "stack host: its state could not be read",
    ]);
  });

  it("says which of its own files are missing, both at once", async () => {
    await Promise.all([".sops.yaml", "inventory.yaml"].map((file) => rm(join(clone.root, file))));
    assert.deepEqual(await faultsOfAsync(assess(await context())), [
      ".sops.yaml: is missing or cannot be read. Repair: git restore .sops.yaml",
      "inventory.yaml: is missing or cannot be read. Repair: git restore inventory.yaml",
    ]);
  });

  it("says so when pulumi is not installed", async () => {
    assert.deepEqual(await faultsOfAsync(readLedger(clone.root, "test", { PATH: join(clone.root, "nowhere") })), [
      "stack test: pulumi was not found. Repair: node toolchain/setup.mjs, or install pulumi",
    ]);
  });
});
