import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";

import ssh2 from "ssh2";

import { nextSerial, sealDraft } from "./seal.js";
import { apply, snapshot, startTestHost, type TestHost } from "./support.js";

const FORMER = "WEB_PASSWORD=former\nQUEUE_PASSWORD=former\n";
const NEW = "WEB_PASSWORD=new\nQUEUE_PASSWORD=new\n";

type Forgery = readonly [what: string, word: string, code: number, make: (host: TestHost) => Promise<string>];

/** Every kind of forgery and replay once, as an attacker with the sync key would send it. */
const FORGERIES: readonly Forgery[] = [
  ["unsigned", "refused signature", 15, async (host) => (await sealDraft(host, NEW)).replace(/^signature .*\n/m, "")],
  [
    "with an empty signature",
    "refused signature",
    15,
    async (host) => (await sealDraft(host, NEW)).replace(/^signature .*$/m, "signature "),
  ],
  [
    "signed by somebody else",
    "refused signature",
    15,
    (host) => sealDraft(host, NEW, { signer: generateKeyPairSync("ed25519").privateKey }),
  ],
  ["cut off", "refused signature", 15, async (host) => (await sealDraft(host, NEW)).slice(0, -120)],
  ["with one bit flipped", "refused signature", 15, async (host) => flipped(await sealDraft(host, NEW))],
  ["for another host", "refused host", 16, (host) => sealDraft(host, NEW, { host: "vps-t2" })],
  ["for another target", "refused target-mismatch", 17, (host) => sealDraft(host, NEW, { target: "web" })],
  [
    "with the serial before the last one",
    "refused serial",
    18,
    (host) => sealDraft(host, NEW, { serial: lastSerial - 1 }),
  ],
  ["with the last serial", "refused serial", 18, (host) => sealDraft(host, NEW, { serial: lastSerial })],
  [
    "encrypted to another recipient",
    "refused recipient",
    20,
    (host) => sealDraft(host, NEW, { recipient: otherRecipient }),
  ],
  ["with a reserved name", "refused reserved-name", 21, (host) => sealDraft(host, `${NEW}COMPOSE_FILE=x\n`)],
  ["above 1 MiB", "refused oversized", 13, async (host) => (await sealDraft(host, NEW)).padEnd(1_200_000, "\n")],
];

let lastSerial = 0;
let otherRecipient = "";

/** From end to end: an SSH login with the sync key, the forced command, the host program. */
describe("host: forged and replayed payloads over SSH", () => {
  let host: TestHost;
  before(async () => {
    host = await startTestHost();
    const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
    otherRecipient = await identityToRecipient(await generateX25519Identity());
    nextSerial();
    lastSerial = nextSerial();
    const done = await apply(host, FORMER, { serial: lastSerial });
    assert.deepEqual([done.code, done.stderr], [0, ""]);
  });
  after(() => host.close());

  for (const [what, word, code, make] of FORGERIES) {
    it(`${what}: ${word}, and file, records and services are as before`, async () => {
      const before = await snapshot(host);
      assert.deepEqual(await send(await make(host)), { code, stdout: "", stderr: `p24-host: ${word}\n` });
      assert.deepEqual(await snapshot(host), before);
    });
  }

  it("a right one is applied after all of them", async () => {
    const { code, stdout } = await send(await sealDraft(host, NEW));
    assert.equal(code, 0);
    assert.match(stdout, /^applied \d+ (?:as-applied|other|none)\n$/);
    assert.equal(host.readEnv("app"), NEW);
  });

  function send(payload: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const client = new ssh2.Client();
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
      client.on("error", reject);
      client.on("ready", () => {
        client.exec("p24-host apply app", (error, stream) => {
          if (error !== undefined) {
            reject(error);
            return;
          }
          const said = { code: -1, stdout: "", stderr: "" };
          stream.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
          stream.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
          stream.on("error", () => undefined);
          stream.on("exit", (code: number) => (said.code = code));
          stream.on("close", () => {
            resolve(said);
          });
          stream.end(payload);
        });
      });
      client.connect({ host: "127.0.0.1", port: host.port, username: "claude-admin", privateKey: host.syncKey });
    }).finally(() => client.end());
  }
});

/** One bit of the base64 in the middle of the armor. */
function flipped(whole: string): string {
  const at = whole.length - 90;
  const bit = whole.charCodeAt(at) === 0x0a ? at + 1 : at;
  return `${whole.slice(0, bit)}${String.fromCharCode(whole.charCodeAt(bit) ^ 1)}${whole.slice(bit + 1)}`;
}
