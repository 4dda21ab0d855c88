import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import type { Fleet } from "../world.js";
import { succeeded, type Way } from "./way.js";

const PLAYBOOK = join(__dirname, "../playbook.yml");

/** Ansible as Debian packages it, with community.sops that comes in the same package. */
function ansibleWay(name: string, title: string, { tuned }: { readonly tuned: boolean }): Way {
  return {
    name,
    title,
    prepare: (fleet) => fleet.rotate(),
    run: async (fleet) => {
      const { size, world, sshConfig } = fleet;
      const env = {
        ANSIBLE_FORKS: String(size.hosts),
        ...(tuned ? { ANSIBLE_PIPELINING: "True" } : {}),
        // Beside ssh_args, which so stay what they are: -C -o ControlMaster=auto -o ControlPersist=60s.
        ANSIBLE_SSH_COMMON_ARGS: `-F ${sshConfig}`,
        // A folder of its own, so that every run begins without connections, as one on a runner does.
        ANSIBLE_SSH_CONTROL_PATH_DIR: mkdtempSync(join(fleet.folder, CONNECTIONS)),
        ANSIBLE_HOME: join(fleet.folder, "ansible"),
      };
      const values = ["--extra-vars", `clone=${world.paths.work} facts=${String(!tuned)}`];
      const args = ["--inventory", inventory(fleet), ...values, PLAYBOOK];
      const result = await inWorktree(world, "ansible-playbook", args, { env });
      succeeded(result);
      return { ms: result.elapsedMs };
    },
    check: async (fleet) => {
      await endConnections(fleet);
      await fleet.verify();
    },
  };
}

/** As its documentation would have it for speed: no facts, pipelining. */
export const ansible = ansibleWay("ansible", "Ansible, forks = hosts, tuned", { tuned: true });
export const ansibleAsInstalled = ansibleWay("ansible-as-installed", "Ansible, forks = hosts, else as installed", {
  tuned: false,
});

const CONNECTIONS = "connections-";

function inventory({ folder, hostList }: Fleet): string {
  const file = join(folder, "inventory");
  const lines = readFileSync(hostList, "utf8").trimEnd().split("\n");
  writeFileSync(
    file,
    lines
      .map((line) => line.split(" "))
      .map(
        ([name = "", directory = ""]) => `${name} directory=${directory} ansible_python_interpreter=/usr/bin/python3\n`,
      )
      .join(""),
  );
  return file;
}

/** What ControlPersist would leave for a minute. */
async function endConnections({ folder, sshConfig, world }: Fleet): Promise<void> {
  const folders = readdirSync(folder).filter((name) => name.startsWith(CONNECTIONS));
  const sockets = folders.flatMap((name) =>
    readdirSync(join(folder, name)).map((socket) => join(folder, name, socket)),
  );
  for (const socket of sockets) {
    await inWorktree(world, "ssh", ["-F", sshConfig, "-o", `ControlPath=${socket}`, "-O", "exit", "h001"]);
  }
}
