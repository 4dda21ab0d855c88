import type { LabHost } from "../../../lab/host.js";

/** A call of a tool on a machine that waits. */
export interface Stalled {
  /** Resolves when a program has called the tool. */
  readonly reached: Promise<void>;
  /** The call goes on; resolves when it does. */
  readonly release: () => Promise<void>;
}

/** The next call of a tool by the host program waits until it is released; later calls pass. */
export async function stall({ machine }: LabHost, tool: string): Promise<Stalled> {
  const folder = `/run/p24-stall-${tool}`;
  const wrapper = `#!/bin/sh
if mv ${folder}/next ${folder}/taken 2>/dev/null; then
  echo >${folder}/reached
  read -r _ <${folder}/go
fi
exec /usr/bin/${tool} "$@"
`;
  const wrap = `mkdir -p ${folder}; cd ${folder}; rm -f reached go; mkfifo reached go; cat >${tool}; chmod 755 ${tool}; mv ${tool} /usr/local/sbin/; touch next`;
  await machine.must(["sh", "-euc", wrap], wrapper);
  const reached = machine.must(["cat", `${folder}/reached`]).then(() => undefined);
  return {
    reached,
    release: async () => {
      await machine.must(["sh", "-c", `echo >${folder}/go`]);
    },
  };
}
