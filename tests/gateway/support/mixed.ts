/** A mixture of requests, right and hostile, of which each knows what has to come of it; and the suite that sends them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Reply, Sent } from "../../../sandbox/gateway/runtime.js";
import { generator, SEED } from "../../support/random.js";
import { type Bench, HOST, OTHER_ZONE, RECORD, RECORDS, useGateway, ZONE } from "./gateway.js";
import { HOSTILE } from "./hostile.js";

/** One request and what it has to lead to. */
interface Expected {
  readonly sent: Sent;
  /** The gateway's word for the refusal; `undefined`: it is forwarded. */
  readonly reason: string | undefined;
  /** `METHOD path` at the API, when it is forwarded. */
  readonly forwarded?: string;
  readonly title: string;
}

const PATHS: readonly (readonly [method: string, path: string, reason: string | undefined])[] = [
  ["GET", RECORDS, undefined],
  ["GET", `${RECORDS}?name=www.example.com`, undefined],
  ["GET", `${RECORDS}/${RECORD}`, undefined],
  ["GET", `/client/v4/zones/${ZONE}`, undefined],
  ["POST", RECORDS, undefined],
  ["PATCH", `${RECORDS}/${RECORD}`, undefined],
  ["DELETE", `${RECORDS}/${RECORD}`, undefined],
  ["GET", `${RECORDS}/..%2fsettings`, "path"],
  ["GET", `/client/v4/zones/${OTHER_ZONE}/dns_records`, "zone"],
  ["DELETE", `/client/v4/zones/${ZONE}`, "method"],
  ["GET", `${RECORDS}?name=a&name=b`, "query"],
  ["POST", `${RECORDS}/batch`, "path"],
];

/** Requests that share tokens. To sign is dear; but tokens age, and one from the future comes to be of the present. */
const REQUESTS_A_BATCH = 1_000;

/** Makes requests, without end. Each carries its number as `cf-ray`, so that lines of the log can be told to belong to them. */
function* mixture(bench: Bench, seed: number): Generator<Expected> {
  const below = generator(seed);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  let right: string[] = [];
  let hostile: { title: string; reason: string; authorization: string | undefined }[] = [];
  for (let number = 0; ; number += 1) {
    if (number % REQUESTS_A_BATCH === 0) {
      right = Array.from({ length: 20 }, () => bench.bearer());
      hostile = Object.values(HOSTILE)
        .flat()
        .map(([title, reason, forge]) => ({ title, reason, authorization: forge(bench) }));
    }
    const [method, path, ofPath] = pick(PATHS);
    const bad = below(100) < 60 ? pick(hostile) : undefined;
    const authorization = bad === undefined ? pick(right) : bad.authorization;
    const writes = method === "POST" || method === "PATCH";
    const name = `m${String(number)}.example.com`;
    // The path is looked at before the token.
    const reason = ofPath ?? bad?.reason;
    yield {
      title: `${method} ${path}, ${bad?.title ?? "a right token"}`,
      reason,
      ...(reason === undefined
        ? { forwarded: `${method} ${path.replace("/client/v4", "")} ${writes ? name : ""}` }
        : {}),
      sent: {
        method,
        path,
        headers: {
          host: HOST,
          ...(authorization === undefined ? {} : { authorization }),
          ...(writes ? { "content-type": "application/json" } : {}),
          "cf-ray": number.toString(16).padStart(16, "0"),
        },
        ...(writes ? { body: JSON.stringify({ type: "A", name, content: "192.0.2.1" }) } : {}),
      },
    };
  }
}

const AT_ONCE = 64;
const REQUESTS_A_ROTATION = 2_500;

/** The suite. */
export function mixedRequests(count: number): void {
  describe(`${count.toLocaleString("en")} mixed requests (P24_SEED=${String(SEED)})`, () => {
    const bench = useGateway();

    it("get no wrong answer, with the issuer's keys rotated in their midst", async () => {
      const { expected, sent } = await sendAll(bench(), count);
      const wanted = expected.flatMap(({ forwarded }) => forwarded ?? []);
      assert.deepEqual(bench().forwarded.map(summary).sort(), wanted.sort());
      assert.ok(wanted.length > count / 10, "many were let in");
      const bearer = `Bearer ${bench().credential}`;
      assert.ok(bench().forwarded.every(({ headers }) => headers["authorization"] === bearer));

      await bench().settle(sent);
      const said = new Map(
        bench().lines.map(({ ray, reason }) => [Number.parseInt(String(ray), 16), reason as string]),
      );
      const wrong = expected.flatMap(({ title, reason }, number) =>
        said.has(number) && isWord(said.get(number), reason)
          ? []
          : [`${title}: logged ${said.get(number) ?? "no reason"}`],
      );
      assert.deepEqual(wrong, []);
    });
  });
}

/** A kid that nobody knows is refused at once, or for now. */
function isWord(said: string | undefined, reason: string | undefined): boolean {
  return said === reason || (reason === "jwt.kid.unknown" && said === "issuer.pause");
}

/** Sends them, many at once, and says how often. Fails with the list of those that got a wrong answer. */
async function sendAll(bench: Bench, count: number): Promise<{ expected: Expected[]; sent: number }> {
  const expected: Expected[] = [];
  const wrong: string[] = [];
  let sent = 0;
  /** Who is told to comes again, as official clients do. */
  const send = async (next: Expected): Promise<Reply> => {
    for (;;) {
      sent += 1;
      const reply = await bench.runtime.send(next.sent);
      if (reply.status !== 503 || next.reason === "jwt.kid.unknown") {
        return reply;
      }
      await sleep(Number(reply.headers["retry-after"]) * 1000);
    }
  };
  const source = mixture(bench, SEED);
  const client = async (): Promise<void> => {
    while (expected.length < count) {
      const next = source.next().value as Expected;
      expected.push(next);
      if (expected.length % REQUESTS_A_ROTATION === REQUESTS_A_ROTATION / 5) {
        bench.issuer.rotate();
      }
      const { status } = await send(next);
      const right = next.reason === undefined ? [200] : next.reason === "jwt.kid.unknown" ? [403, 503] : [403];
      if (!right.includes(status)) {
        wrong.push(`${next.title}: ${String(status)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  assert.deepEqual(wrong, []);
  return { expected, sent };
}

function summary({ method, url, body }: Bench["forwarded"][number]): string {
  const name = body === "" ? "" : (JSON.parse(body) as { name: string }).name;
  return `${method} ${url.replace("https://api.cloudflare.com/client/v4", "")} ${name}`;
}
