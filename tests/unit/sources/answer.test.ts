/**
 * Proves how a host's answer is read: every kind of line, and that an answer which is cut off, foreign or odd gives a
 * sentence and no observation. The answers are written by hand after docs/host-protocol.md; that the host program
 * writes the same is proved with the program itself in tests/sandbox.
 */
import assert from "node:assert/strict";

import type { HostObservation } from "../../../core/observe/host.js";
import { openAnswer } from "../../../core/sources/answer.js";
import { canary, leaked } from "../../support/canary.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageArmor, type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { fingerprinter, printOf } from "../../support/secrets.js";
import { emptyHome } from "../../support/sopsFiles.js";

const HEAD = ["p24-observe 1", "program 1", "host vps-i1", "target monitoring"];
const STATE = ["identity ok", "recipient age1host", "serial 41", "pending no", "file present 600 root:root"];
const REST = ["want 600 root:root", "unread 0", "docker ok", "end", ""];

/** An answer with lines exchanged (by their first word) or, as an array, put before `unread`. */
function answer(changes: Record<string, string | undefined> = {}, more: readonly string[] = []): string {
  const lines = [...HEAD, ...STATE, ...REST].flatMap((line) => {
    const word = line.split(" ")[0] ?? "";
    const here = word in changes ? changes[word] : line;
    return [...(word === "unread" ? more : []), ...(here === undefined ? [] : [here])];
  });
  return lines.join("\n");
}

const NOT_MINE = {
  ok: false,
  what: "its answer is not encrypted to any of your age identities, or was cut off",
  repair: "add your recipient to /etc/p24-host/observers on the host",
} as const;
const ODD = {
  ok: false,
  what: "its answer is not of the form that this program knows",
  repair: "update the host program",
} as const;

describe("a host's answer", () => {
  const folder = temporaryFolder();
  let me: AgeIdentity;
  let other: AgeIdentity;

  before(async () => {
    [me, other] = await Promise.all([ageIdentity(), ageIdentity()]);
  });

  function open(armored: string, identities = me.identity) {
    const env = emptyHome(folder(), { SOPS_AGE_KEY: identities });
    return openAnswer(armored, "vps-i1", "monitoring", fingerprinter, env);
  }

  async function read(text: string): Promise<HostObservation> {
    const opened = await open(await ageArmor(text, me.recipient, other.recipient));
    assert.ok(opened.ok, "the answer could not be read");
    return opened.observation;
  }

  it("gives everything that the host said", async () => {
    assert.deepEqual(await read(answer()), {
      program: 1,
      identity: "ok",
      recipient: "age1host",
      serial: 41,
      pending: false,
      file: { mode: "600", owner: "root:root" },
      want: { mode: "600", owner: "root:root" },
      own: new Map(),
      foreign: [],
      unread: 0,
      docker: "ok",
      services: [],
      recreate: [],
    } satisfies HostObservation);
  });

  const said: readonly [Record<string, string>, Partial<HostObservation>][] = [
    [
      { identity: "identity absent", recipient: "recipient none" },
      { identity: "absent", recipient: undefined },
    ],
    [{ identity: "identity mode" }, { identity: "mode" }],
    [{ serial: "serial 0" }, { serial: 0 }],
    [{ pending: "pending yes" }, { pending: true }],
    [{ file: "file absent" }, { file: undefined }],
    [{ file: "file present 644 1000:docker" }, { file: { mode: "644", owner: "1000:docker" } }],
    [{ unread: "unread 12" }, { unread: 12 }],
    [{ docker: "docker down" }, { docker: "down" }],
    [{ docker: "docker absent" }, { docker: "absent" }],
  ];
  for (const [change, expected] of said) {
    it(`reads "${Object.values(change).join('" and "')}"`, async () => {
      const observation = await read(answer(change));
      assert.deepEqual(observation, { ...(await read(answer())), ...expected });
    });
  }

  const assignments: readonly [string, string[], string | undefined][] = [
    ["bare", ["|A=bare/value"], "bare/value"],
    ["quoted, over lines", ["|A='two", "|lines'"], "two\nlines"],
    ["with a bar at a line's start", ["|A='x", "||y'"], "x\n|y"],
    ["with a blank line", ["|A='x", "|", "|y'"], "x\n\ny"],
    ["exported by hand, with a comment", ["|export A = x # why"], "x"],
    ["with the end of a line of Windows", ["|A=x\r"], "x"],
    ["beyond ASCII", ["|A='größe 🔑'"], "größe 🔑"],
    ["empty", ["|A="], ""],
    ["interpolated", ["|A=$HOME"], undefined],
    ["without its closing quote", ["|A='x"], undefined],
    ["that is none", ["|A"], undefined],
    ["without text", [], undefined],
  ];
  for (const [title, lines, value] of assignments) {
    it(`reads an own assignment ${title}`, async () => {
      const { own } = await read(answer({}, ["own A", ...lines, "own B", "|B=1", "name OTHER"]));
      assert.deepEqual(
        [...own],
        [
          ["A", value === undefined ? undefined : printOf(value)],
          ["B", printOf("1")],
        ],
      );
    });
  }

  it("takes the last of two assignments of a name, as Compose does", async () => {
    const { own } = await read(answer({}, ["own A", "|A=1", "own A", "|A=2"]));
    assert.deepEqual([...own], [["A", printOf("2")]]);
  });

  it("lists foreign names in their order", async () => {
    assert.deepEqual((await read(answer({}, ["name ZED", "name A.B-c"]))).foreign, ["ZED", "A.B-c"]);
  });

  it("gives each environment to its own service", async () => {
    const { services } = await read(
      answer({}, [
        "service web running healthy",
        String.raw`env web "A=two\nlines=é\u003c\""`,
        "service web-worker exited none",
        'env web-worker "A="',
        "service web running healthy",
        'env web "A=second"',
        'env web-worker "B=late"',
      ]),
    );
    assert.deepEqual(services, [
      { name: "web", state: "running", health: "healthy", env: new Map([["A", printOf('two\nlines=é<"')]]) },
      {
        name: "web-worker",
        state: "exited",
        health: "none",
        env: new Map([
          ["A", printOf("")],
          ["B", printOf("late")],
        ]),
      },
      { name: "web", state: "running", health: "healthy", env: new Map([["A", printOf("second")]]) },
    ]);
  });

  it("lists the services that Compose would make anew", async () => {
    const lines = ["service web running none", "service db running none", "recreate db", "recreate web", "recreate db"];
    assert.deepEqual((await read(answer({}, lines))).recreate, ["db", "web", "db"]);
  });

  const odd: readonly [string, string][] = [
    ["of nothing", ""],
    ["of noise", "\0\x01noise\n"],
    ["cut off before its end", answer({ end: undefined })],
    ["cut off in a value", answer({}, ["own A", "|A=x"]).split("unread")[0] ?? ""],
    ["of another version", answer({ "p24-observe": "p24-observe 2" })],
    ["of another host", answer({ host: "host vps-h1" })],
    ["for another target", answer({ target: "target hostinger" })],
    ["with a value that belongs to nothing", answer({}, ["|A=1"])],
    ["with a service without state", answer({}, ["service web"])],
    ["with an environment of no service", answer({}, ['env web "A=1"'])],
    ["with an environment that is no JSON", answer({}, ["service web running none", "env web A=1"])],
    ["with an environment that is no assignment", answer({}, ["service web running none", 'env web "A"'])],
    ["with a service to make anew that is not there", answer({}, ["service web running none", "recreate we"])],
    ["with a line that nobody knows", answer({}, ["hello"])],
    ["with something after its end", `${answer()}\nname LATE\n`],
    ["with a serial that is no number", answer({ serial: "serial x" })],
    ["without its serial", answer({ serial: undefined })],
    ["with an identity state that nobody knows", answer({ identity: "identity fine" })],
    ["without Docker's state", answer({ docker: undefined })],
    ["without the file's state", answer({ file: undefined })],
    ["without what the target wants", answer({ want: undefined })],
    ["with a count that is no number", answer({ unread: "unread" })],
  ];
  for (const [title, text] of odd) {
    it(`${title} is no observation`, async () => {
      assert.deepEqual(await open(await ageArmor(text, me.recipient)), ODD);
    });
  }

  it("that is for other observers, cut off or no armor at all is not opened", async () => {
    const armored = await ageArmor(answer(), other.recipient);
    const mine = await ageArmor(answer(), me.recipient);
    const lines = mine.trimEnd().split("\n");
    const flipped = mine.replace(/^(.*\n)([\s\S]{300})./, (_, head: string, rest: string) => `${head}${rest}#`);
    for (const text of [armored, lines.slice(0, -1).join("\n"), lines.toSpliced(-2, 1).join("\n"), flipped, "", "no"]) {
      assert.deepEqual(await open(text), NOT_MINE);
    }
    assert.deepEqual(await open(mine, ""), NOT_MINE);
  });

  it("is opened although another identity of the caller is malformed", async () => {
    const armored = await ageArmor(answer(), me.recipient);
    const opened = await open(
      armored,
      `AGE-SECRET-KEY-1TYPO\nAGE-SECRET-KEY-PQ-1TYPO\nAGE-SECRET-KEY-?\n${me.identity}`,
    );
    assert.ok(opened.ok);
  });

  it("leaves no value behind, in an observation or in a sentence", async () => {
    const secret = canary();
    const lines = ["own A", `|A=${secret}`, "service web running none", `env web "A=${secret}"`];
    const inspected = [
      await read(answer({}, lines)),
      await open(await ageArmor(answer({ end: undefined }, lines), me.recipient)),
    ];
    assert.deepEqual(
      leaked(
        JSON.stringify(inspected, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
        [secret],
      ),
      [],
    );
  });
});
