/**
 * A service that takes a secret from its environment on its first start only and keeps it in its volume, as Grafana does with
 * its administrator's password: what a rotation does and does not do, and what the target's POST_APPLY action is for. What it
 * does not prove: Grafana itself, or that an action of the team's is right.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseInventory } from "../../core/model/inventory.js";
import { applied, apply, ask, observe, setTarget, useLab } from "./support/host.js";

/** Lets in who names the password in its volume. */
const LOGIN =
  '#!/bin/sh\\nread kept </data/password\\necho\\ntest "$QUERY_STRING" = "$kept" && echo welcome || echo refused\\n';
const COMPOSE = `
services:
  grafana:
    image: example/grafana:1
    environment: [ADMIN_PASSWORD]
    stop_grace_period: 0s
    volumes: [data:/data]
    command:
      - sh
      - -c
      - |
        test -e /data/password || echo "$$ADMIN_PASSWORD" >/data/password
        mkdir -p /www/cgi-bin
        printf '${LOGIN.replaceAll("$", "$$$$")}' >/www/cgi-bin/login
        busybox chmod 755 /www/cgi-bin/login
        exec httpd -f -p 80 -h /www
    healthcheck:
      test: ["CMD", "busybox", "wget", "-q", "-O", "-", "http://127.0.0.1/cgi-bin/login"]
volumes:
  data:
`;

/** Tells the running service what it now has in its environment, as \`grafana-cli admin reset-admin-password\` does. */
const ACTION = `#!/bin/sh
docker exec app-grafana-1 sh -c 'echo "$ADMIN_PASSWORD" >/data/password'
`;
const ACTION_PATH = "/usr/local/sbin/after-app";

describe("a service that reads its password on its first start only", () => {
  const lab = useLab(COMPOSE);
  const envOf = (value: string) => `ADMIN_PASSWORD=${value}\n`;
  const login = (value: string) => ask(lab(), "grafana", `/cgi-bin/login?${value}`);
  const logins = async (...values: string[]) => Promise.all(values.map(login));
  const act = async (script: string) => {
    await lab().host.machine.must(["sh", "-c", `cat >${ACTION_PATH}; chmod 755 ${ACTION_PATH}`], script);
    await setTarget(lab(), 20, ACTION_PATH);
  };

  before(async () => {
    await applied(lab(), envOf("first"));
    assert.deepEqual(await logins("first", "wrong"), ["welcome", "refused"]);
  });

  it("a rotation alone restarts it, and it goes on answering to the old value only", async () => {
    await applied(lab(), envOf("second"));
    const [service] = await lab().host.services();
    assert.equal(service?.env["ADMIN_PASSWORD"], "second");
    assert.deepEqual(await logins("first", "second"), ["welcome", "refused"]);
  });

  it("with an action after the apply it answers to the new one", async () => {
    await act(ACTION);
    await applied(lab(), envOf("third"));
    assert.deepEqual(await logins("first", "second", "third"), ["refused", "refused", "welcome"]);
  });

  it("when the action fails on the way, file, environment and the service's own memory are put back", async () => {
    await act(`${ACTION}grep -q fourth .env && exit 1\nexit 0\n`);
    const ended = await apply(lab(), envOf("fourth"));
    assert.deepEqual(ended, { code: 33, stdout: "", stderr: "p24-host: failed post-apply; put back\n" });
    assert.equal(lab().host.readEnv(), envOf("third"));
    assert.equal((await lab().host.services())[0]?.env["ADMIN_PASSWORD"], "third");
    assert.deepEqual(await logins("third", "fourth"), ["welcome", "refused"]);
    assert.match(await observe(lab()), /^pending no$/m);
  });

  it("when the action never reaches the service, the old value still answers and the next apply tries again", async () => {
    await act("#!/bin/sh\nexit 1\n");
    const ended = await apply(lab(), envOf("fifth"));
    assert.deepEqual(ended, { code: 33, stdout: "", stderr: "p24-host: failed post-apply; put back\n" });
    assert.deepEqual(await logins("third", "fifth"), ["welcome", "refused"]);
    assert.match(await observe(lab()), /^pending yes$/m);
    await act(ACTION);
    await applied(lab(), envOf("fifth"));
    assert.deepEqual(await logins("third", "fifth"), ["refused", "welcome"]);
  });
});

describe("what the inventory says of such secrets", () => {
  const inventory = parseInventory(readFileSync(join(__dirname, "../../inventory.yaml"), "utf8"));

  it("Grafana's takes a procedure, and n8n's must never be generated", () => {
    const grafana = inventory.get("grafana_admin_password");
    assert.equal(grafana?.effect, "procedure");
    assert.match(grafana.procedure ?? "", /post-apply action/);
    assert.equal(inventory.get("n8n_encryption_key")?.effect, "never-generate");
  });
});
