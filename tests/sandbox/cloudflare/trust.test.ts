/**
 * Proves the gateway at Cloudflare with the real engine: it is created, seen when somebody changes it, repaired, and left as
 * it is by a destroy. Proof limit: Cloudflare and its plugin are this repository's stand-ins; what they are held to stands in
 * tests/sandbox/cloudflare and in the conformance tables.
 */
import assert from "node:assert/strict";

import { bundleGateway } from "../../../gateway/bundle.js";
import { GATEWAY_HOST, newZoneToken, WORKER } from "../../../sandbox/world/cloudflare.js";
import { inWorktree, p24, rotate, up } from "../../../sandbox/world/engine.js";
import type { World } from "../../../sandbox/world/world.js";
import {
  boundCredential,
  CREDENTIAL,
  DOMAIN,
  look,
  SCRIPT,
  takeWrites,
  useGateway,
  workerOf,
  WORKERS_DEV,
} from "./gateway.js";

const SECRET = `PUT /accounts/A/workers/scripts/${WORKER}/secrets`;
const UPLOAD = `PUT /accounts/A/workers/scripts/${WORKER}`;
const ATTACH = "PUT /accounts/A/workers/domains";
const OFF = `POST /accounts/A/workers/scripts/${WORKER}/subdomain`;

describe("the gateway at Cloudflare", () => {
  const world = useGateway();
  let credential = "";

  async function converge(): Promise<string[]> {
    takeWrites(world());
    const done = await up(world());
    assert.equal(done.code, 0, done.stdout + done.stderr);
    return takeWrites(world()).sort();
  }

  async function isAsGitWants(): Promise<void> {
    const worker = workerOf(world());
    assert.equal(worker.content, (await bundleGateway()).script);
    const policy = worker.bindings.find(({ name }) => name === "POLICY");
    assert.match(policy?.text ?? "", /^\{"hosts":\["dns-gateway\.p24\.example"\]/);
    assert.ok(boundCredential(world()) === credential, "the Worker has git's credential");
    assert.deepEqual(worker.bindings.map(({ name }) => name).sort(), ["POLICY", "ZONE_CREDENTIAL"]);
    assert.deepEqual(worker.domains, [GATEWAY_HOST]);
    assert.deepEqual(worker.subdomain, { enabled: false, previews_enabled: false });
  }

  before(() => {
    credential = world().secrets.stack["cloudflare_zone_token"] ?? "";
  });

  it("is to be created, and a preview writes nothing", async () => {
    const { open, changes } = await look(world());
    assert.deepEqual(open, [
      `domain ${GATEWAY_HOST} missing`,
      "policy missing",
      "script missing",
      "zone credential missing",
    ]);
    assert.deepEqual(changes, [
      `create ${DOMAIN}`,
      `create ${SCRIPT}`,
      `create ${WORKERS_DEV}`,
      `create ${CREDENTIAL}`,
      "create p24:cloudflare:OidcTrust p24-dns-gateway",
      "create p24:cloudflare:ZoneCredential p24-dns-gateway/ZONE_CREDENTIAL",
      "create p24:git:History history",
      "create pulumi:providers:command command",
      "create pulumi:pulumi:Stack p24-infra-sandbox",
    ]);
    assert.deepEqual(takeWrites(world()), []);
  });

  it("is created by up, with four writes", async () => {
    assert.deepEqual(await converge(), [OFF, ATTACH, UPLOAD, SECRET].sort());
    await isAsGitWants();
  });

  it("needs nothing afterwards", async () => {
    const { open, changes } = await look(world());
    assert.deepEqual([open, changes], [[], []]);
    assert.deepEqual(await converge(), []);
    const status = await p24(world(), "status");
    assert.equal(status.code, 0, status.stdout);
    assert.match(status.stdout, /^cloudflare:p24-dns-gateway +in sync \(recorded\) +5 in sync$/m);
  });

  interface Drift {
    readonly what: string;
    readonly act: (world: World) => void;
    /** What the preview must name, and nothing else. */
    readonly open: readonly string[];
    readonly changes: readonly string[];
    /** What repairs it. */
    readonly writes: readonly string[];
  }
  const upload = { changes: [`update ${SCRIPT}`, `update ${CREDENTIAL}`], writes: [UPLOAD, SECRET] };
  const replaced = (resource: string) => [`replace ${resource}`];
  const spoilPolicy = ({ cloudflare }: World) => {
    const text = workerOf(world()).bindings.find(({ name }) => name === "POLICY")?.text ?? "";
    cloudflare.setBinding(WORKER, { name: "POLICY", type: "plain_text", text: text.replace("main", "evil") });
  };
  const drifts: readonly Drift[] = [
    {
      what: "edits the script",
      act: ({ cloudflare }) => {
        cloudflare.editScript(WORKER, "export default { fetch: () => fetch('https://elsewhere.test') };");
      },
      open: ["script differs"],
      ...upload,
    },
    { what: "edits the policy", act: spoilPolicy, open: ["policy differs"], ...upload },
    { what: "edits the policy in the same way again", act: spoilPolicy, open: ["policy differs"], ...upload },
    {
      what: "removes the credential",
      act: ({ cloudflare }) => {
        cloudflare.removeBinding(WORKER, "ZONE_CREDENTIAL");
      },
      open: ["zone credential missing"],
      ...upload,
    },
    {
      what: "overwrites the credential",
      act: ({ cloudflare }) => {
        cloudflare.setBinding(WORKER, { name: "ZONE_CREDENTIAL", type: "secret_text", text: "somebody else's" });
      },
      open: ["zone credential differs"],
      ...upload,
    },
    {
      what: "adds a variable",
      act: ({ cloudflare }) => {
        cloudflare.setBinding(WORKER, { name: "DEBUG", type: "plain_text", text: "1" });
      },
      open: ["binding DEBUG orphan"],
      ...upload,
    },
    {
      what: "moves the host name to another Worker",
      act: ({ cloudflare }) => {
        cloudflare.editScript("somebodys", "export default {};");
        cloudflare.attachDomain(GATEWAY_HOST, "somebodys");
      },
      open: [`domain ${GATEWAY_HOST} differs`],
      changes: replaced(DOMAIN),
      writes: [ATTACH],
    },
    {
      what: "detaches the host name",
      act: ({ cloudflare }) => {
        cloudflare.detachDomain(GATEWAY_HOST);
      },
      open: [`domain ${GATEWAY_HOST} missing`],
      changes: replaced(DOMAIN),
      writes: [ATTACH],
    },
    {
      what: "lets old versions answer under workers.dev",
      act: ({ cloudflare }) => {
        cloudflare.setSubdomain(WORKER, { enabled: false, previews_enabled: true });
      },
      open: ["workers.dev differs"],
      changes: replaced(WORKERS_DEV),
      writes: [OFF],
    },
    {
      what: "deletes the Worker",
      act: ({ cloudflare }) => {
        cloudflare.deleteWorker(WORKER);
        cloudflare.detachDomain(GATEWAY_HOST);
      },
      open: [`domain ${GATEWAY_HOST} missing`, "policy missing", "script missing", "zone credential missing"],
      changes: [...upload.changes, ...replaced(DOMAIN)],
      writes: [UPLOAD, SECRET, ATTACH],
    },
  ];
  for (const { what, act, open, changes, writes } of drifts) {
    it(`somebody ${what}: preview names exactly that, up repairs it`, async () => {
      act(world());
      const seen = await look(world());
      assert.deepEqual(seen.open, open, seen.report);
      assert.deepEqual(seen.changes, [...changes].sort());
      assert.deepEqual(await converge(), [...writes].sort());
      await isAsGitWants();
      const after = await look(world());
      assert.deepEqual([after.open, after.changes], [[], []], after.report);
    });
  }

  it("a secret of somebody else's in the Worker is reported and left alone", async () => {
    world().cloudflare.setBinding(WORKER, { name: "THEIRS", type: "secret_text", text: "not ours" });
    assert.deepEqual((await look(world())).open, ["binding THEIRS foreign", "zone credential differs"]);
    await converge();
    assert.deepEqual((await look(world())).open, ["binding THEIRS foreign"]);
    world().cloudflare.removeBinding(WORKER, "THEIRS");
    await converge();
  });

  it("a rotation is one commit, and binds without an upload", async () => {
    credential = newZoneToken(world().cloudflare);
    await rotate(world(), "stack", "cloudflare_zone_token", credential);
    const { open, changes } = await look(world());
    assert.deepEqual([open, changes], [["zone credential differs"], [`update ${CREDENTIAL}`]]);
    assert.deepEqual(await converge(), [SECRET]);
    await isAsGitWants();
  });

  it("destroy leaves Worker, policy, host name and credential; up takes them over again", async () => {
    const before = workerOf(world());
    takeWrites(world());
    const done = await inWorktree(world(), "pulumi", ["destroy", "--yes", "--skip-preview", "--non-interactive"]);
    assert.equal(done.code, 0, done.stdout);
    assert.deepEqual([takeWrites(world()), workerOf(world())], [[], before]);
    assert.deepEqual((await look(world())).open, ["zone credential adopted"]);
    assert.deepEqual(await converge(), [OFF, ATTACH, UPLOAD, SECRET].sort());
    await isAsGitWants();
  });
});
