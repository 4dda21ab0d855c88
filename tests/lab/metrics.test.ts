/**
 * Metrics and alerts with the parts that read them: promtool takes the rules, their tests and the file that the real host
 * program wrote; node_exporter shows it. Into a folder as Debian's package lays it out: root's, below one of somebody else's.
 * What it does not prove: that a Prometheus loads the rules and an Alertmanager sends what fires.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { request } from "undici";

import { freePort } from "../../lab/host.js";
import { programOf } from "../../lab/packages.js";
import { temporaryFolder } from "../support/folder.js";
import { samplesIn } from "../support/textfile.js";
import { ANSWERING, freshEnv } from "./support/answering.js";
import { applied, apply, observe, useLab } from "./support/host.js";
import { METRICS } from "./support/vps.js";

const MONITORING = join(__dirname, "../../monitoring");
const FILE = `${METRICS}/p24-host-app.prom`;
const BAD = "WEB_PASSWORD=bad\n";

describe("metrics and alerts", () => {
  const lab = useLab(ANSWERING);
  const folder = temporaryFolder();
  const sh = (command: string) => lab().host.machine.must(["sh", "-c", command]);
  const samples = async () => samplesIn(await sh(`cat ${FILE}`));

  function promtool(args: readonly string[], input = "") {
    const { status, stdout, stderr } = spawnSync(join(folder(), "promtool"), args, { input, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  }

  before(async () => {
    writeFileSync(join(folder(), "promtool"), programOf("prometheus", "./usr/bin/promtool"), { mode: 0o755 });
    await sh(`useradd --system prometheus; mkdir -p ${METRICS}; chown prometheus: ${join(METRICS, "..")}`);
    await applied(lab(), freshEnv().env);
  });

  it("promtool takes the rules, and each alert fires and does not fire as its tests say", () => {
    const rules = promtool(["check", "rules", "--lint-fatal", join(MONITORING, "alerts/secrets.rules.yml")]);
    assert.equal(rules.status, 0, rules.said);
    const files = readdirSync(join(MONITORING, "tests")).map((name) => join(MONITORING, "tests", name));
    const tests = promtool(["test", "rules", ...files]);
    assert.equal(tests.status, 0, tests.said);
    assert.match(tests.said, /SUCCESS/);
  });

  it("promtool takes what the host program wrote, in each of its states, and finds no fault with its form", async () => {
    const states: Record<string, () => Promise<unknown>> = {
      applied: () => applied(lab(), freshEnv().env),
      failed: () => apply(lab(), BAD),
      "never applied": () => sh(`rm -r /var/lib/p24-host/app /var/lib/p24-host/app.attempt`).then(() => observe(lab())),
      "applied again": () => apply(lab(), freshEnv().env),
    };
    for (const [state, reach] of Object.entries(states)) {
      await reach();
      const text = await sh(`cat ${FILE}`);
      assert.deepEqual(promtool(["check", "metrics"], text), { status: 0, said: "" }, state);
    }
    assert.notEqual(promtool(["check", "metrics"], "p24 {broken\n").status, 0, "it would find one");
  });

  it("is root's, readable by everybody, and tells of success, failure and drift", async () => {
    const { env } = freshEnv();
    await apply(lab(), env);
    assert.equal((await sh(`stat -c '%a %U:%G' ${FILE}`)).trim(), "644 root:root");
    const good = await samples();
    assert.deepEqual([good["last_attempt_exit_code"], good["file_as_applied"], good["identity_usable"]], [0, 1, 1]);
    assert.equal((await apply(lab(), BAD)).code, 32);
    const bad = await samples();
    assert.deepEqual([bad["last_attempt_exit_code"], bad["file_as_applied"]], [32, 1]);
    assert.ok((bad["last_attempt_timestamp_seconds"] ?? 0) >= (good["last_success_timestamp_seconds"] ?? Infinity));
    assert.equal(bad["last_success_timestamp_seconds"], good["last_success_timestamp_seconds"]);
    lab().host.writeEnv(`${env}EDITED=1\n`);
    await observe(lab());
    assert.equal((await samples())["file_as_applied"], 0);
    lab().host.writeEnv(env);
  });

  it("node_exporter shows it as it is written", async () => {
    const { machine } = lab().host;
    const binary = programOf("prometheus-node-exporter", "./usr/bin/prometheus-node-exporter");
    await machine.must(
      ["sh", "-c", "cat >/usr/local/bin/node_exporter; chmod 755 /usr/local/bin/node_exporter"],
      binary,
    );
    await observe(lab());
    const port = await freePort();
    const options = [
      "--collector.disable-defaults",
      "--collector.textfile",
      `--collector.textfile.directory=${METRICS}`,
    ];
    const asUser = ["setpriv", "--reuid=prometheus", "--regid=prometheus", "--clear-groups"];
    const command = [...asUser, "node_exporter", `--web.listen-address=127.0.0.1:${String(port)}`, ...options];
    const exporter = machine.spawn(command, { stdio: "ignore" });
    const ended = once(exporter, "close");
    try {
      const shown = await answered(`http://127.0.0.1:${String(port)}/metrics`);
      assert.match(shown, /^node_textfile_scrape_error 0$/m);
      const written = await samples();
      const values = Object.keys(written).map((name) => {
        const [, value] =
          new RegExp(`^p24_secrets_${name}\\{host="vps-i1",target="app"\\} (\\S+)$`, "m").exec(shown) ?? [];
        return [name, Number(value)];
      });
      assert.deepEqual(Object.fromEntries(values), written);
    } finally {
      await sh("kill $(pgrep -x node_exporter)");
      await ended;
    }
  });

  it("who owns the folder above leads root nowhere else, and no apply fails for it", async () => {
    const asOwner = ["setpriv", "--reuid=prometheus", "--regid=prometheus", "--clear-groups", "sh", "-c"];
    const replace = (command: string) => lab().host.machine.must([...asOwner, `cd ${join(METRICS, "..")}; ${command}`]);
    await replace("mv node-exporter kept; ln -s /etc node-exporter");
    await applied(lab(), freshEnv().env);
    await replace("rm node-exporter; mkdir node-exporter; ln -s /etc/shadow node-exporter/p24-host-app.prom");
    const shadow = await sh("stat -c '%a %Y %s' /etc/shadow");
    await applied(lab(), freshEnv().env);
    assert.equal(await sh("stat -c '%a %Y %s' /etc/shadow"), shadow);
    assert.ok(!existsSync(lab().host.path("/etc/p24-host-app.prom")));
    await replace("rm -r node-exporter; mv kept node-exporter");
    await applied(lab(), freshEnv().env);
    assert.deepEqual([(await samples())["last_attempt_exit_code"], (await samples())["file_as_applied"]], [0, 1]);
  });
});

/** What a server says that is just starting. */
async function answered(url: string): Promise<string> {
  for (let left = 100; ; left -= 1) {
    try {
      const { body } = await request(url);
      return await body.text();
    } catch (error) {
      if (left === 0) {
        throw error;
      }
      await sleep(50);
    }
  }
}
