/**
 * Proves `p24 host install` from end to end: the real ssh and sshd, a host that is not pinned, then pinned, then somebody
 * else's; root and another admin; and that the sync then gets in with its own key and no further.
 */
import assert from "node:assert/strict";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";

import { EXIT, type Invocation } from "../../cli/verb.js";
import { hostInstall } from "../../cli/verbs/hostInstall.js";
import { type HostSettings, parseSettings } from "../../core/model/settings.js";
import { runOverSsh } from "../../core/observe/ssh.js";
import { startAgent } from "../../core/seal/agent.js";
import { Secret } from "../../core/seal/secret.js";
import { DockerEngine } from "../../lab/docker.js";
import { freePort, LabHost } from "../../lab/host.js";
import { makeSshIdentity } from "../../sandbox/hosts/index.js";
import { type Clone, makeClone } from "../support/clone.js";
import { temporaryFolder } from "../support/folder.js";
import { put } from "../support/sopsFiles.js";
import { bareVps, DIRECTORY, publicOf, shell } from "./support/vps.js";

/** The operator's configuration: nothing is asked, and what this machine's own user knows does not count. */
const SSH = `#!/bin/sh
exec /usr/bin/ssh -F "\${0%/*}/ssh_config" "$@"
`;

describe("host install over ssh", () => {
  const folder = temporaryFolder();
  const admin = makeSshIdentity("admin");
  let clone: Clone;
  let host: LabHost;

  before(async () => {
    clone = await makeClone(folder());
    const config = ["BatchMode yes", `UserKnownHostsFile ${clone.root}/known_hosts`, "GlobalKnownHostsFile /dev/null"];
    await put(clone.root, "bin/ssh_config", `${config.join("\n")}\n`);
    await put(clone.root, "bin/ssh", SSH);
    await put(clone.root, "admin", admin.private);
    await chmod(join(clone.root, "bin/ssh"), 0o755);
    await chmod(join(clone.root, "admin"), 0o600);
    const machine = await bareVps();
    const target = { name: "monitoring", composeFile: `${DIRECTORY}/compose.yaml` };
    host = new LabHost("vps-i1", machine, new DockerEngine(machine, "install"), target, await freePort());
    await shell(
      machine,
      `umask 077; useradd --create-home --password '*' debian
      for home in /root /home/debian; do mkdir -p $home/.ssh; echo '${admin.public}' >$home/.ssh/authorized_keys; done
      chown -R debian: /home/debian`,
    );
    await host.up();
    await know(await identity());
    await settings("PENDING");
  });
  after(() => host.close());

  const identity = async () => publicOf(await shell(host.machine, "cat /etc/ssh/ssh_host_ed25519_key.pub"));
  const know = (hostKey: string) => put(clone.root, "known_hosts", `[127.0.0.1]:${String(host.port)} ${hostKey}\n`);

  async function settings(hostKey: string): Promise<HostSettings> {
    const raw = {
      github: { owner: "radieu", repositories: [] },
      hosts: { "vps-i1": { address: "127.0.0.1", port: host.port, hostKey, target: "monitoring" } },
    };
    const config = Object.fromEntries(Object.entries(raw).map(([name, value]) => [`p24-infra:${name}`, value]));
    await put(clone.root, "Pulumi.test.yaml", JSON.stringify({ config }));
    return parseSettings(raw, "Pulumi.test.yaml", "bootstrap").hosts["vps-i1"] as HostSettings;
  }

  async function install(options: Invocation["options"] = {}) {
    const printed: string[] = [];
    const print = (text: string) => printed.push(text);
    const given = { identity: join(clone.root, "admin"), json: true, ...options };
    const code = await hostInstall.run({ options: given, rest: ["vps-i1"], root: clone.root, env: clone.env, print });
    const { faults, next, holes } = JSON.parse(printed.join("\n")) as {
      faults: { what: string }[];
      next: string[];
      holes: string[];
    };
    return { code, faults: faults.map(({ what }) => what.split(" at 127")[0]), next, holes };
  }

  it("does not go on with a host that nobody has vouched for", async () => {
    await put(clone.root, "known_hosts", "");
    assert.deepEqual(await install({ yes: true }), {
      code: EXIT.blocked,
      faults: ["is not known to ssh, and the settings do not pin it yet"],
      next: [],
      holes: [],
    });
    await know(await identity());
  });

  it("says so when the admin's sudo asks for a password, and when the admin may not log in", async () => {
    await shell(host.machine, "echo 'debian ALL=(ALL) ALL' >/etc/sudoers.d/admin; chmod 440 /etc/sudoers.d/admin");
    assert.deepEqual(await install({ admin: "debian" }), {
      code: EXIT.blocked,
      faults: ["asks debian for a password before sudo"],
      next: [],
      holes: [],
    });
    assert.deepEqual((await install({ admin: "nobody" })).faults, ["did not let nobody in"]);
  });

  it("brings a bare host to ready as another admin, and says what to do next", async () => {
    await shell(host.machine, "echo 'debian ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin");
    const answer = await install({ admin: "debian", yes: true });
    const recipient = (await shell(host.machine, "age-keygen -y /root/.age/secrets.key")).trim();
    assert.deepEqual(answer, {
      code: EXIT.ok,
      faults: [],
      next: [
        `pulumi config set --stack test --path p24-infra:hosts.vps-i1.hostKey "${await identity()}"`,
        `in .sops.yaml put ${recipient} behind &vps_i1`,
      ],
      holes: [],
    });
  });

  it("lets the sync in then, for its two commands", async () => {
    const pinned = await settings(await identity());
    const agent = await startAgent(new Secret(clone.stackValues["sync_ssh_key"] ?? ""));
    try {
      const call = (command: string) => runOverSsh(pinned, command, { SSH_AUTH_SOCK: agent.socket });
      const observed = await call("p24-host observe monitoring");
      assert.match("stdout" in observed ? observed.stdout : observed.kind, /^-----BEGIN AGE ENCRYPTED FILE-----/);
      for (const command of ["sh", "p24-host observe other; id", "p24-host version"]) {
        const refused = { kind: "ran", code: 10, stdout: "", stderr: "p24-host: refused command\n" };
        assert.deepEqual(await call(command), refused, command);
      }
    } finally {
      await agent.close();
    }
  });

  it("knows a pinned host by its pinned identity alone, and finds nothing to do", async () => {
    const shown = await identity();
    await put(clone.root, "known_hosts", "");
    await put(clone.root, ".sops.yaml", await withRecipient());
    await settings(shown);
    assert.deepEqual(await install(), { code: EXIT.ok, faults: [], next: [], holes: [] });
    await know(shown);
    await settings(publicOf(makeSshIdentity().public));
    assert.deepEqual((await install()).faults, ["shows another identity than the settings pin (hostKey)"]);
  });

  /** What the last step of the answer asks for. */
  async function withRecipient(): Promise<string> {
    const recipient = (await shell(host.machine, "age-keygen -y /root/.age/secrets.key")).trim();
    const rules = await readFile(join(clone.root, ".sops.yaml"), "utf8");
    assert.match(rules, /^keys:\n/);
    return rules.replace("keys:\n", `keys:\n  - &vps_i1 ${recipient}\n`);
  }
});
