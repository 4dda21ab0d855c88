/** Run by fence.test.ts, in a Mocha of its own: of these, one test asks for something that is not emulated and does not say so. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ProxyAgent, request } from "undici";

import { type Fence, startFence } from "../../../sandbox/fence/index.js";
import { createGitHub } from "../../../sandbox/github/index.js";
import { failOutside, takeRefused, takeUnhandled } from "../../support/fence.js";

const emulated = "http://api.github.com";

describe("a world", () => {
  const github = createGitHub();
  const folder = mkdtempSync(join(tmpdir(), "p24-outside-"));
  let fence: Fence | undefined;
  const world = () => (fence === undefined ? undefined : { fence, github });
  before(async () => {
    fence = await startFence({ routes: { "api.github.com": github.handle }, caDir: folder });
  });
  after(async () => {
    await fence?.close();
    rmSync(folder, { recursive: true });
  });
  failOutside(world);

  const ask = async (address: string) => {
    const dispatcher = new ProxyAgent({ uri: fence?.url ?? "", proxyTunnel: false });
    const { body } = await request(address, { dispatcher, headers: { "user-agent": "p24-infra" } });
    await body.dump();
  };

  it("asks nobody", () => undefined);
  it("asks what is emulated", () => ask(`${emulated}/rate_limit`));
  it("declares what it asks", async () => {
    await ask("http://declared.example.com/");
    assert.deepEqual(takeRefused(world() as NonNullable<ReturnType<typeof world>>), ["http://declared.example.com:80"]);
    await ask(`${emulated}/declared`);
    assert.equal(takeUnhandled({ github }).length, 1);
  });
  if (process.env["P24_FIXTURE"] === "address") {
    it("asks for an address that is not emulated", () => ask(`${emulated}/elsewhere`));
  } else {
    it("asks a host that is not emulated", () => ask("http://elsewhere.example.com/"));
  }
});
