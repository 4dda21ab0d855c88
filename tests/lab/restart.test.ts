/**
 * Restart pairs on real Compose: of the team's two projects, as the sandbox has them, a changed secret starts exactly the
 * services anew that use it, directly or by `env_file`, and every process then has the new value; an unchanged apply starts
 * none. What it does not prove: that a service takes its value from the environment (tests/lab/first-start.test.ts).
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

import { type HostName, targetOf } from "../../sandbox/world/hosts.js";
import { applied, apply, observe, restartedSince, startTimes, useLab } from "./support/host.js";

interface Case {
  readonly env: Readonly<Record<string, string>>;
  /** Name to the services that use it, and the variable that shows it there. */
  readonly pairs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const CASES: Readonly<Record<HostName, Case>> = {
  "vps-i1": {
    env: {
      GRAFANA_ADMIN_PASSWORD: "grafana",
      SUPABASE_GRAFANA_PASSWORD: "supabase",
      SMTP_HOST: "mail.example.test",
      SMTP_PASSWORD: "smtp",
      DISCORD_WEBHOOK_ALERTS: "https://discord.example.test/alerts",
      WASABI_SECRET_ACCESS_KEY: "wasabi",
      PDF_SERVICE_API_KEY: "pdf",
      TZ: "Europe/Warsaw",
      SENTRY_DSN: "sentry",
    },
    pairs: {
      GRAFANA_ADMIN_PASSWORD: { grafana: "GF_SECURITY_ADMIN_PASSWORD", mailer: "GRAFANA_ADMIN_PASSWORD" },
      SUPABASE_GRAFANA_PASSWORD: { grafana: "SUPABASE_GRAFANA_PASSWORD", mailer: "SUPABASE_GRAFANA_PASSWORD" },
      SMTP_HOST: { grafana: "GF_SMTP_HOST", mailer: "SMTP_HOST" },
      SMTP_PASSWORD: { grafana: "GF_SMTP_PASSWORD", mailer: "SMTP_PASSWORD" },
      DISCORD_WEBHOOK_ALERTS: { alertmanager: "DISCORD_WEBHOOK_ALERTS", mailer: "DISCORD_WEBHOOK_ALERTS" },
      WASABI_SECRET_ACCESS_KEY: { "thanos-sidecar": "AWS_SECRET_ACCESS_KEY", mailer: "WASABI_SECRET_ACCESS_KEY" },
      PDF_SERVICE_API_KEY: { "pdf-probe": "PDF_SERVICE_API_KEY", mailer: "PDF_SERVICE_API_KEY" },
      TZ: { grafana: "TZ", alertmanager: "TZ", mailer: "TZ" },
      SENTRY_DSN: { mailer: "SENTRY_DSN" },
    },
  },
  "vps-h1": {
    env: {
      N8N_ENCRYPTION_KEY: "long enough",
      POSTGRES_PASSWORD: "postgres",
      WAHA_API_KEY: "waha",
      WEBHOOK_SIGNING_SECRET: "webhook",
      PDF_SERVICE_API_KEY: "pdf",
      SMTP_HOST: "mail.example.test",
      SMTP_PASSWORD: "smtp",
      TZ: "Europe/Warsaw",
    },
    pairs: {
      N8N_ENCRYPTION_KEY: { n8n: "N8N_ENCRYPTION_KEY" },
      POSTGRES_PASSWORD: { n8n: "POSTGRES_PASSWORD", postgres: "POSTGRES_PASSWORD" },
      WAHA_API_KEY: { n8n: "WAHA_API_KEY", waha: "WAHA_API_KEY" },
      WEBHOOK_SIGNING_SECRET: { n8n: "WEBHOOK_SIGNING_SECRET", waha: "WHATSAPP_HOOK_HMAC_KEY" },
      PDF_SERVICE_API_KEY: { n8n: "PDF_SERVICE_API_KEY", "pdf-worker": "PDF_SERVICE_API_KEY" },
      SMTP_PASSWORD: { n8n: "N8N_SMTP_PASS", "pdf-worker": "SMTP_PASSWORD" },
      TZ: { n8n: "GENERIC_TIMEZONE", waha: "TZ" },
    },
  },
};

function envOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join("");
}

/**
 * Grafana has SMTP_PASSWORD under another name only, so its environment does not tell `observe` that it is a former one. Compose
 * knows: it would make the container anew.
 */
describe("a stale process whose value has another name there", () => {
  const lab = useLab(targetOf("vps-i1"));
  const env = envOf(CASES["vps-i1"].env);
  const said = async () => (await observe(lab())).split("\n").filter((line) => line.startsWith("recreate "));

  before(async () => {
    await applied(lab(), env);
    const { host } = lab();
    const up = ["docker", "compose", "--project-directory", host.directory, "-p", host.target, "up", "-d", "grafana"];
    host.writeEnv(env.replace("'smtp'", "'former'"));
    await host.machine.must(up);
    host.writeEnv(env);
  });

  it("is named by observe, which changes nothing", async () => {
    const before = await startTimes(lab());
    assert.deepEqual([await said(), await said()], [["recreate grafana"], ["recreate grafana"]]);
    assert.doesNotMatch(await observe(lab()), /former/);
    assert.deepEqual(await restartedSince(lab(), before), []);
  });

  it("is named although the Compose file wants another service's image that is not there", async () => {
    const file = lab().host.path(`${lab().host.directory}/compose.yaml`);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("example/mailer:1.8.0", "example/mailer:2"));
    assert.deepEqual((await said()).sort(), ["recreate grafana", "recreate mailer"]);
    writeFileSync(file, text);
  });

  it("is started anew by an apply of the same file, alone", async () => {
    const before = await startTimes(lab());
    assert.match((await apply(lab(), env)).stdout, /^unchanged /);
    assert.deepEqual(await restartedSince(lab(), before), ["grafana"]);
    assert.deepEqual(await said(), []);
  });
});

for (const [host, { env, pairs }] of Object.entries(CASES)) {
  describe(`restart pairs of ${targetOf(host as HostName).name}`, () => {
    const lab = useLab(targetOf(host as HostName));
    const values = { ...env };

    before(async () => {
      await applied(lab(), envOf(values));
    });

    it("an unchanged apply starts nothing anew", async () => {
      const before = await startTimes(lab());
      const { code, stdout } = await apply(lab(), envOf(values));
      assert.deepEqual([code, stdout.replace(/\d+/, "N")], [0, "unchanged N as-applied\n"]);
      assert.deepEqual(await restartedSince(lab(), before), []);
    });

    for (const [name, users] of Object.entries(pairs)) {
      it(`${name}: ${Object.keys(users).join(", ")}`, async () => {
        const before = await startTimes(lab());
        values[name] = `${env[name] ?? ""}-changed`;
        await applied(lab(), envOf(values));
        assert.deepEqual(await restartedSince(lab(), before), Object.keys(users).sort());
        const services = await lab().host.services();
        for (const [service, variable] of Object.entries(users)) {
          const shown = services.find((one) => one.name === service)?.env[variable];
          assert.ok(shown?.includes(values[name]), `${service} runs with it: ${shown ?? "nothing"}`);
        }
      });
    }
  });
}
