/**
 * Identities that are not what they should be, through the whole program on machines with real sshd and Docker: the host's
 * age identity is readable by others, absent, or another one; its sshd shows another identity. Each time the run ends red
 * and names the host and the repair, nothing on the host changes, its services answer as before; the repair is carried out
 * as the message says it, and the next `up` converges.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { commit, inWorktree } from "../../sandbox/world/engine.js";
import { findsNothing, useTeam } from "./support/team.js";

describe("identities that are not right", () => {
  const team = useTeam();

  /** What must not change while a run is refused. */
  const untouched = () => [
    team.host().readEnv(),
    readFileSync(team.host().path("/var/lib/p24-host/monitoring/serial"), "utf8"),
  ];

  async function refused(...said: readonly string[]): Promise<string> {
    const before = untouched();
    const { stdout } = await team.fails(...said);
    assert.deepEqual(untouched(), before);
    await team.answersLikeTheFile();
    return stdout;
  }

  /** The command that a message names behind "Repair: on the host: ". */
  async function repairOnHost(stdout: string): Promise<void> {
    const [, command = ""] = /Repair: on the host: ([^,\n]*)/.exec(stdout) ?? [];
    await team.host().machine.must(["sh", "-euc", command]);
  }

  async function inClone(command: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inWorktree(team.world, command, args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  it("an age identity that others can read is refused until its mode is right", async () => {
    await team.change();
    await team.host().machine.must(["chmod", "644", "/root/.age/secrets.key"]);
    const said = await refused(
      " host vps-i1: its age identity can be read by others than root. Repair: on the host: chmod 600 /root/.age/secrets.key\n",
      "\n    p24-host: refused identity\n",
    );
    await repairOnHost(said);
    await team.converges();
  });

  it("an absent one is made anew; as long as it is another one than in .sops.yaml nothing is sent for it", async () => {
    await team.change();
    await team.host().machine.must(["rm", "/root/.age/secrets.key"]);
    const said = await refused(
      " host vps-i1: has no age identity at /root/.age/secrets.key. Repair: on the host: age-keygen -o /root/.age/secrets.key, then put its public part into .sops.yaml\n",
      "\n    p24-host: refused identity\n",
    );
    await repairOnHost(said);
    await refused(
      " host vps-i1: its age identity is not the recipient in .sops.yaml. Repair: put the host's public part (age-keygen -y /root/.age/secrets.key) behind &vps_i1 in .sops.yaml, then sops updatekeys\n",
      "\n    p24-host: refused recipient\n",
    );
    await putIntoRules(await team.host().machine.must(["age-keygen", "-y", "/root/.age/secrets.key"]));
    await team.converges();
  });

  async function putIntoRules(recipient: string): Promise<void> {
    const rules = join(team.world.paths.work, ".sops.yaml");
    const text = readFileSync(rules, "utf8").replace(/(&vps_i1) .*/, `$1 ${recipient.trim()}`);
    writeFileSync(rules, text);
    for (const source of ["shared", "vps-i1"]) {
      await inClone("sops", "updatekeys", "--yes", `secrets/${source}.sops.yaml`);
    }
    await commit(team.world, "fix(secrets): vps-i1 has another age identity");
  }

  it("a server with another identity gets nothing, and heals by itself; one that was set up anew is pinned by name", async () => {
    const host = team.host();
    await team.change();
    await host.showOtherIdentity();
    const words =
      " host vps-i1: shows another identity than the settings pin (hostKey). Repair: compare with the provider's console; " +
      'only when the host was really set up anew: pulumi config set --path p24-infra:hosts.vps-i1.hostKey "…"\n';
    const said = await refused(words, "ssh: handshake failed: ssh: host key mismatch\n");
    await host.up();
    await team.converges();
    await team.change();
    await host.showOtherIdentity();
    const [, command = ""] = /anew: pulumi (config set --path \S+) "…"\n/.exec(said) ?? [];
    const shown = readFileSync(host.path("/tmp/other.pub"), "utf8").split(" ").slice(0, 2).join(" ");
    await inClone("pulumi", ...command.split(" "), shown);
    await commit(team.world, "fix: vps-i1 was set up anew");
    await team.converges();
  });

  findsNothing(team);
});
