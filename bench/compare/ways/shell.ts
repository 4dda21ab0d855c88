import { join } from "node:path";

import { inWorktree } from "../../../sandbox/world/engine.js";
import { succeeded, type Way } from "./way.js";

const SCRIPT = join(__dirname, "../sync.sh");

/** A way of the shell's: one rotation, delivered by sync.sh. */
function shellWay(
  name: string,
  title: string,
  command: (script: string, config: string, hosts: string) => string,
): Way {
  return {
    name,
    title,
    prepare: (fleet) => fleet.rotate(),
    run: async ({ world, sshConfig, hostList }) => {
      const result = await inWorktree(world, "bash", ["-c", command(SCRIPT, sshConfig, hostList)]);
      succeeded(result);
      return { ms: result.elapsedMs };
    },
    check: (fleet) => fleet.verify(),
  };
}

/** No path of ours has a blank or a quote: they are temporary folders and this checkout's. */
export const loop = shellWay(
  "loop",
  "bash loop, sops -d into ssh",
  (script, config, hosts) => `bash '${script}' loop '${config}' '${hosts}'`,
);
export const xargs = shellWay(
  "xargs",
  "the same under xargs -P 16",
  (script, config, hosts) => `xargs -P 16 -L 1 bash '${script}' one '${config}' <'${hosts}'`,
);
