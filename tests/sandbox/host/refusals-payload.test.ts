import { strict as assert } from "node:assert";
import { generateKeyPairSync, sign } from "node:crypto";

import { type Draft, nextSerial, sealDraft } from "./seal.js";
import { moveAway } from "./spoil.js";
import { apply, assertRefused, on, runProgram, startTestHost, type TestHost } from "./support.js";

const FORMER = "WEB_PASSWORD=former\nQUEUE_PASSWORD=former\n";
const NEW = "WEB_PASSWORD=new\nQUEUE_PASSWORD=new\n";

/** What a payload is refused for: docs/host-protocol.md, exits 13-22. Nothing is touched. */
describe("host program: refusals because of the payload", () => {
  let host: TestHost;
  before(async () => {
    host = await startTestHost();
    const done = await apply(host, FORMER);
    assert.deepEqual([done.code, done.stderr], [0, ""]);
  });
  after(() => host.close());

  it("13: more than 1 MiB, and the sender is not left waiting", async () => {
    const whole = await sealDraft(host, NEW);
    await assertRefused(host, ["apply", "app"], whole + "\n".repeat(1048577 - whole.length), 13, "refused oversized");
    await assertRefused(host, ["apply", "app"], "x".repeat(5_000_000), 13, "refused oversized");
  });

  const malformed: [what: string, change: (whole: string) => string][] = [
    ["nothing at all", () => ""],
    ["only a header", (whole) => whole.split("\n").slice(0, 4).join("\n")],
    ["no armor", (whole) => `${whole.split("\n").slice(0, 5).join("\n")}\n`],
    ["another version", (whole) => whole.replace("p24-payload 1", "p24-payload 2")],
    ["no host line", (whole) => whole.replace(/^host .*$/m, "guest vps-t1")],
    ["lines in another order", (whole) => whole.replace(/^(host .*)\n(target .*)$/m, "$2\n$1")],
    ["serial 0", (whole) => whole.replace(/^serial .*$/m, "serial 0")],
    ["serial with a leading zero", (whole) => whole.replace(/^serial .*$/m, "serial 09")],
    ["negative serial", (whole) => whole.replace(/^serial .*$/m, "serial -1")],
    ["serial too long", (whole) => whole.replace(/^serial .*$/m, `serial ${"9".repeat(16)}`)],
    ["line ends of Windows", (whole) => whole.replaceAll("\n", "\r\n")],
    ["a line between signature and armor", (whole) => whole.replace("\n-----BEGIN", "\n\n-----BEGIN")],
  ];
  for (const [what, change] of malformed) {
    it(`14: ${what}`, async () =>
      assertRefused(host, ["apply", "app"], change(await sealDraft(host, NEW)), 14, "refused malformed"));
  }

  const lines = (...all: string[]) => `${all.join("\n")}\n`;
  const badContents: [what: string, draft: Draft][] = [
    ["content of another version", { content: lines("p24-content 2", "name A", "env", "A=1") }],
    ["no content", { content: "" }],
    ["no env line", { content: lines("p24-content 1", "name A") }],
    ["an unknown word", { content: lines("p24-content 1", "name A", "drop B", "env", "A=1") }],
    ["a name that is none", { content: lines("p24-content 1", "name A-B", "env", "A-B=1") }],
    ["an empty name", { content: lines("p24-content 1", "name ", "env", "A=1") }],
    ["a name twice", { content: lines("p24-content 1", "name A", "name A", "env", "A=1", "A=2") }],
    ["an assignment without a name line", { content: lines("p24-content 1", "name A", "env", "A=1", "B=2") }],
    ["a name without an assignment", { content: lines("p24-content 1", "name A", "name B", "env", "A=1") }],
    ["an assignment twice", { content: lines("p24-content 1", "name A", "env", "A=1", "A=2") }],
    ["text with a line that is no assignment", { content: lines("p24-content 1", "name A", "env", "A=1", "garbage") }],
    ["text with a quote that does not end", { content: lines("p24-content 1", "name A", "env", "A='1") }],
  ];
  for (const [what, draft] of badContents) {
    it(`14: signed, but ${what}`, async () =>
      assertRefused(host, ["apply", "app"], await sealDraft(host, "", draft), 14, "refused malformed"));
  }

  const forged: [what: string, change: (whole: string) => string][] = [
    ["no signature line", (whole) => whole.replace(/^signature .*\n/m, "")],
    ["an empty signature", (whole) => whole.replace(/^signature .*$/m, "signature ")],
    ["a signature that is no base64", (whole) => whole.replace(/^signature .*$/m, "signature $(reboot)")],
    [
      "a signature of 63 bytes",
      (whole) => whole.replace(/^signature .*$/m, `signature ${Buffer.alloc(63, 1).toString("base64")}`),
    ],
    [
      "a signature of zeros",
      (whole) => whole.replace(/^signature .*$/m, `signature ${Buffer.alloc(64).toString("base64")}`),
    ],
    ["another host behind the signature", (whole) => whole.replace(/^host .*$/m, "host vps-t2")],
    ["another target behind the signature", (whole) => whole.replace(/^target .*$/m, "target web")],
    ["a higher serial behind the signature", (whole) => whole.replace(/^serial .*$/m, "serial 999999")],
    ["cut in the middle of the armor", (whole) => whole.slice(0, Math.floor(whole.length * 0.8))],
    ["the last line end is missing", (whole) => whole.trimEnd()],
    ["something behind the armor", (whole) => `${whole}\n`],
    ["one bit of the armor flipped", (whole) => flipBit(whole, whole.length - 60)],
    ["a NUL byte in the header", (whole) => whole.replace("host vps-t1", "host vps-t1\0x")],
  ];
  for (const [what, change] of forged) {
    it(`15: ${what}`, async () =>
      assertRefused(host, ["apply", "app"], change(await sealDraft(host, NEW)), 15, "refused signature"));
  }

  it("15: signed by another key", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    await assertRefused(
      host,
      ["apply", "app"],
      await sealDraft(host, NEW, { signer: privateKey }),
      15,
      "refused signature",
    );
  });

  it("15: no signer on the host", async () => {
    const undo = moveAway(on(host, "etc/p24-host/signer.pem"));
    try {
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 15, "refused signature");
    } finally {
      undo();
    }
  });

  it("16: signed for another host", async () =>
    assertRefused(host, ["apply", "app"], await sealDraft(host, NEW, { host: "vps-t2" }), 16, "refused host"));

  it("17: signed for another target", async () =>
    assertRefused(
      host,
      ["apply", "app"],
      await sealDraft(host, NEW, { target: "web" }),
      17,
      "refused target-mismatch",
    ));

  it("18: an equal, an older, and a replayed serial", async () => {
    const serial = nextSerial();
    const played = await sealDraft(host, FORMER, { serial });
    assert.equal(
      (await runProgram(host.program, ["apply", "app"], played)).stdout,
      `unchanged ${String(serial)} as-applied\n`,
    );
    await assertRefused(host, ["apply", "app"], played, 18, "refused serial");
    await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW, { serial }), 18, "refused serial");
    await assertRefused(
      host,
      ["apply", "app"],
      await sealDraft(host, NEW, { serial: serial - 1 }),
      18,
      "refused serial",
    );
  });

  it("20: encrypted to somebody else", async () => {
    const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
    const recipient = await identityToRecipient(await generateX25519Identity());
    await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW, { recipient }), 20, "refused recipient");
  });

  it("20: cut before it was signed", async () => {
    const whole = (await sealDraft(host, `WEB_PASSWORD=${"long".repeat(50_000)}\n`)).split("\n");
    const armor = [...whole.slice(5, 1500), "-----END AGE ENCRYPTED FILE-----", ""].join("\n");
    const header = `${whole.slice(0, 4).join("\n")}\n`;
    const signature = sign(null, Buffer.from(header + armor), host.signer).toString("base64");
    await assertRefused(host, ["apply", "app"], `${header}signature ${signature}\n${armor}`, 20, "refused recipient");
  });

  for (const name of [
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "DOCKER_HOST",
    "PATH",
    "LD_PRELOAD",
    "HOME",
    "SHELL",
    "IFS",
    "ENV",
    "BASH_ENV",
  ]) {
    it(`21: ${name}`, async () =>
      assertRefused(host, ["apply", "app"], await sealDraft(host, `${NEW}${name}=x\n`), 21, "refused reserved-name"));
  }

  for (const [what, text] of [
    ["an assignment", "SOMEBODYS=x"],
    ["an assignment with export", "export SOMEBODYS=x"],
    ["an assignment behind another on one line", "WEB_PASSWORD='x' SOMEBODYS='y'"],
    ["a value that does not end", "SOMEBODYS='x"],
    ["a name behind a value of ours that does not end", "WEB_PASSWORD='x\nSOMEBODYS=y"],
    ["a name that Compose reads and we cannot print", "żółw=x"],
    ["a name with a colon", "somebodys.name: x"],
  ]) {
    it(`22: the file has a name that is not ours: ${what ?? ""}`, async () => {
      host.writeEnv("app", `${FORMER}${text ?? ""}\n`);
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 22, "refused foreign-names");
      host.writeEnv("app", FORMER);
    });
  }

  it("the stand-in for Docker was asked nothing that it does not know", () => {
    assert.deepEqual(host.docker.refused, []);
  });
});
function flipBit(whole: string, at: number): string {
  return whole.slice(0, at) + (whole[at] === "A" ? "B" : "A") + whole.slice(at + 1);
}
