/**
 * `kill -9` of the installer right behind every call of a tool that changes something: the next run goes on by itself, and
 * leaves nothing of the killed one.
 */
import assert from "node:assert/strict";

import type { Parts } from "../../cli/host/script.js";
import type { Machine } from "../../lab/machine.js";
import { bareVps, install, listing, PROGRAM, sampleParts, shell, stepsIn } from "./support/vps.js";

/** The tools through which host/install changes a host. The package manager has its own answer to being killed. */
const TOOLS = ["mkdir", "mv", "chown", "chmod", "rm", "sync", "useradd", "visudo", "age-keygen"];

/**
 * Counts the calls of all tools, and kills the installer and its shell behind the one whose number is in kill-at. Some are
 * called as the sync user, who may not kill root's processes: that `kill` is setuid.
 */
const SHIM = `#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin "\${0##*/}" "$@"
code=$?
flock /run/calls sh -c 'echo "$(($(cat /run/calls) + 1))" >/run/calls'
[ "$(cat /run/calls)" != "$(cat /run/kill-at)" ] || /run/kill -9 "$(cat /run/installer)" "$PPID"
exit "$code"
`;

const ARM = `set -e
echo 0 >/run/calls
install -m 4755 /usr/bin/kill /run/kill
for tool in ${TOOLS.join(" ")}; do cat >/usr/local/sbin/$tool <<'END'
${SHIM}END
chmod 755 /usr/local/sbin/$tool; done
chmod 666 /run/calls`;

/** Called with -s by {@link install}, which is not needed then. */
const STARTED = "echo $$ >/run/installer; exec sh -s";

const DISARM = `cd /usr/local/sbin && rm ${TOOLS.join(" ")}`;

describe("the installer, killed", () => {
  let parts: Parts;
  before(async () => {
    parts = await sampleParts();
  });

  /** Runs it in a fresh machine until it is killed behind that call, and looks on. Gives the number of calls. */
  async function killAt(call: number, then: (machine: Machine) => Promise<void>): Promise<number> {
    const machine = await bareVps();
    try {
      await shell(machine, `${ARM}; echo ${String(call)} >/run/kill-at`);
      const { code } = await install(machine, "apply", parts, "sh", "-c", STARTED);
      const calls = Number(await shell(machine, "cat /run/calls"));
      assert.equal(code === 0, call === 0, `call ${String(call)} ended with ${String(code)}`);
      await shell(machine, DISARM);
      await then(machine);
      return calls;
    } finally {
      await machine.close();
    }
  }

  /** Whoever reads one of these finds it whole, or not at all. */
  async function assertWhole(machine: Machine): Promise<void> {
    const files: readonly [string, string][] = [
      ["/usr/local/sbin/p24-host", PROGRAM],
      ["/etc/p24-host/host", `${parts.host}\n`],
      ["/etc/p24-host/signer.pem", parts.signer],
      ["/etc/p24-host/observers", parts.observers],
      [
        "/home/claude-admin/.ssh/authorized_keys",
        `restrict,command="/usr/local/sbin/p24-host gate" ${parts.sync_public} p24-sync\n`,
      ],
    ];
    for (const [path, text] of files) {
      const { code, stdout } = await machine.run(["cat", path]);
      assert.ok(code === 1 || stdout === text, `${path}: ${stdout}`);
    }
    assert.match(
      await shell(machine, "cat /etc/sudoers.d/p24-host || true"),
      /^(?:#.*\nclaude-admin ALL=.* apply monitoring\n)?$/,
    );
  }

  async function assertHeals(machine: Machine): Promise<void> {
    await assertWhole(machine);
    const healed = await install(machine, "apply", parts);
    assert.deepEqual([healed.code, healed.faults, healed.holes], [0, [], []], healed.stderr);
    const settled = await listing(machine);
    assert.doesNotMatch(settled, /p24-new/);
    const again = await install(machine, "apply", parts);
    assert.deepEqual([again.code, stepsIn(again, "change")], [0, []]);
    assert.equal(await listing(machine), settled);
    assert.equal(await shell(machine, "cat /usr/local/sbin/p24-host"), PROGRAM);
    assert.equal(await shell(machine, "stat -c '%a %U' /root/.age/secrets.key"), "600 root\n");
  }

  it("behind any call goes on with the next run", async () => {
    const calls = await killAt(0, assertHeals);
    assert.ok(calls > 30, `${String(calls)} calls`);
    for (let call = 1; call <= calls; call += 1) {
      await killAt(call, assertHeals);
    }
  });

  it("while another one runs lets that one end first", async () => {
    const machine = await bareVps();
    try {
      const both = await Promise.all([install(machine, "apply", parts), install(machine, "apply", parts)]);
      assert.deepEqual(
        both.map(({ code, faults }) => ({ code, faults })),
        both.map(() => ({ code: 0, faults: [] })),
      );
      const identities = both.map(({ recipient }) => recipient);
      assert.equal(identities[0], identities[1]);
      assert.equal(
        both.flatMap((answer) => stepsIn(answer, "done")).filter((step) => step.startsWith("user makes the user"))
          .length,
        1,
      );
    } finally {
      await machine.close();
    }
  });
});
