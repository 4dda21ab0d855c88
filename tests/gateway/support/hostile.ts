/** Tokens that are refused, each for its own reason. */
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

import { createIssuer } from "../../../sandbox/oidc/issuer.js";
import { type Bench, JOB, POLICY } from "./gateway.js";

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** Makes the value of the Authorization header. */
export type Forge = (bench: Bench) => string | undefined;

/** The right claims but for some; `undefined` takes one away. */
const claims =
  (changes: Readonly<Record<string, unknown>>): Forge =>
  (bench) =>
    bench.bearer(changes);
const now = () => Math.floor(Date.now() / 1000);
const rightClaims = ({ issuer }: Bench) => issuer.claimsOf(JOB, POLICY.audience);
/** The right claims under another header. */
const header =
  (changes: Readonly<Record<string, unknown>>): Forge =>
  (bench) =>
    `Bearer ${bench.issuer.sign(rightClaims(bench), { ...bench.issuer.header, ...changes })}`;
/** The right claims, written as a text that a function changes. */
const written =
  (change: (json: string) => string): Forge =>
  (bench) =>
    `Bearer ${bench.issuer.sign(change(JSON.stringify(rightClaims(bench))))}`;

const workflow = `${JOB.repository}/.github/workflows/dns.yml@refs/heads/main`;
const otherIssuer = createIssuer();
const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
/** The right header and claims, signed by somebody else. */
const signedBy =
  (header: (bench: Bench) => object, signer: (input: string, bench: Bench) => string): Forge =>
  (bench) => {
    const input = `${encode(header(bench))}.${encode(rightClaims(bench))}`;
    return `Bearer ${input}.${signer(input, bench)}`;
  };
const attackers = (input: string) => sign("sha256", Buffer.from(input), attacker.privateKey).toString("base64url");

/** By group: what the token is, the reason with which it is refused, and how it is made. */
export const HOSTILE: Readonly<Record<string, readonly (readonly [title: string, reason: string, forge: Forge])[]>> = {
  "no token, or none of ours": [
    ["none", "bearer.missing", () => undefined],
    ["an empty header", "bearer.missing", () => ""],
    ["another scheme", "bearer.form", () => `Basic ${encode("user:secret")}`],
    ["a token of Cloudflare's", "bearer.form", () => `Bearer ${"A".repeat(40)}`],
    ["one part", "bearer.form", () => "Bearer abc"],
    ["two parts", "bearer.form", () => "Bearer abc.def"],
    ["five parts, an encrypted token's form", "bearer.form", () => "Bearer a.b.c.d.e"],
    ["two tokens", "bearer.form", (bench) => `${bench.bearer()}, ${bench.bearer()}`],
    ["something behind it", "bearer.form", (bench) => `${bench.bearer()} x`],
    ["base64 in place of base64url", "bearer.form", (bench) => bench.bearer().replace(/.$/, "+")],
    ["padding", "bearer.form", (bench) => `${bench.bearer()}==`],
    ["oversized: 9 KiB", "bearer.size", claims({ padding: "x".repeat(7000) })],
    ["oversized: 60 KiB", "bearer.size", () => `Bearer ${"x".repeat(60_000)}`],
  ],
  algorithm: [
    [
      "none",
      "jwt.algorithm",
      (bench) =>
        `Bearer ${encode({ alg: "none", typ: "JWT", kid: bench.issuer.header["kid"] })}.${encode(rightClaims(bench))}.`,
    ],
    ["None", "jwt.algorithm", header({ alg: "None" })],
    ["no algorithm", "jwt.algorithm", header({ alg: undefined })],
    [
      "HS256 with the public part as its secret",
      "jwt.algorithm",
      signedBy(
        ({ issuer }) => ({ ...issuer.header, alg: "HS256" }),
        (input, { issuer }) => createHmac("sha256", issuer.publicPem).update(input).digest("base64url"),
      ),
    ],
    [
      "HS256 with the public part's modulus as its secret",
      "jwt.algorithm",
      signedBy(
        ({ issuer }) => ({ ...issuer.header, alg: "HS256" }),
        (input, { issuer }) =>
          createHmac("sha256", createPublicKey(issuer.publicPem).export({ format: "jwk" }).n ?? "")
            .update(input)
            .digest("base64url"),
      ),
    ],
    ["RS512", "jwt.algorithm", header({ alg: "RS512" })],
    ["PS256", "jwt.algorithm", header({ alg: "PS256" })],
    ["rs256 in lower case", "jwt.algorithm", header({ alg: "rs256" })],
    ["a list", "jwt.algorithm", header({ alg: ["RS256"] })],
  ],
  "header and signature": [
    ["no kid", "jwt.kid", header({ kid: undefined })],
    ["a kid that is a path", "jwt.kid", header({ kid: "../../etc/passwd" })],
    ["a kid that is a number", "jwt.kid", header({ kid: 1 })],
    ["a wrong kid", "jwt.kid.unknown", header({ kid: "another" })],
    ["a kid that is every object's name", "jwt.kid.unknown", header({ kid: "constructor" })],
    [
      "a key of the caller's in the header",
      "jwt.header",
      signedBy(({ issuer }) => ({ ...issuer.header, jwk: attacker.publicKey.export({ format: "jwk" }) }), attackers),
    ],
    ["an address of keys in the header", "jwt.header", header({ jku: "https://evil.test/jwks" })],
    ["an address of a certificate in the header", "jwt.header", header({ x5u: "https://evil.test/cert" })],
    ["a critical extension", "jwt.header", header({ crit: ["b64"], b64: false })],
    ["another type", "jwt.header", header({ typ: "at+jwt" })],
    ["a header that is no object", "jwt.header", (bench) => `Bearer ${bench.issuer.sign(rightClaims(bench), "[]")}`],
    [
      "alg twice in the header",
      "jwt.header",
      (bench) =>
        `Bearer ${bench.issuer.sign(rightClaims(bench), JSON.stringify(bench.issuer.header).replace("{", '{"alg":"none",'))}`,
    ],
    ["signed by somebody else", "jwt.signature", signedBy(({ issuer }) => issuer.header, attackers)],
    ["no signature", "jwt.signature", (bench) => bench.bearer().replace(/[^.]*$/, "")],
    ["a signature that is cut short", "jwt.signature", (bench) => bench.bearer().slice(0, -8)],
    [
      "other claims behind the signature",
      "jwt.signature",
      (bench) => {
        const [head, , signature] = bench.bearer().split(".");
        return [head, encode({ ...rightClaims(bench), actor: "mallory" }), signature].join(".");
      },
    ],
    [
      "another issuer with the same kid",
      "jwt.signature",
      (bench) => `Bearer ${otherIssuer.sign(rightClaims(bench), bench.issuer.header)}`,
    ],
  ],
  "issuer and audience": [
    ["another issuer", "claim.iss", claims({ iss: "https://evil.test" })],
    ["an enterprise's issuer", "claim.iss", claims({ iss: "https://token.actions.githubusercontent.com/evil" })],
    ["the issuer with a slash", "claim.iss", claims({ iss: "https://token.actions.githubusercontent.com/" })],
    ["no issuer", "claim.iss", claims({ iss: undefined })],
    ["GitHub's default audience", "claim.aud", claims({ aud: "https://github.com/radieu" })],
    ["an audience of somebody else", "claim.aud", claims({ aud: "sts.amazonaws.com" })],
    ["our audience with a slash", "claim.aud", claims({ aud: `${POLICY.audience}/` })],
    ["our audience in upper case", "claim.aud", claims({ aud: POLICY.audience.toUpperCase() })],
    ["a list with ours and another", "claim.aud", claims({ aud: [POLICY.audience, "https://evil.test"] })],
    ["a list with ours alone", "claim.aud", claims({ aud: [POLICY.audience] })],
    ["an object", "claim.aud", claims({ aud: { 0: POLICY.audience } })],
    ["no audience", "claim.aud", claims({ aud: undefined })],
  ],
  times: [
    ["expired a minute and more ago", "claim.exp", (bench) => bench.bearer({ iat: now() - 370, exp: now() - 70 })],
    ["expired long ago", "claim.exp", (bench) => bench.bearer({ nbf: 1, iat: 1, exp: 300 })],
    ["not yet valid", "claim.nbf", (bench) => bench.bearer({ nbf: now() + 90 })],
    ["issued in the future", "claim.iat", (bench) => bench.bearer({ iat: now() + 90, exp: now() + 390 })],
    ["valid for a day", "claim.lifetime", (bench) => bench.bearer({ exp: now() + 86_400 })],
    ["expires before it was issued", "claim.lifetime", (bench) => bench.bearer({ iat: now() + 30, exp: now() + 20 })],
    ["never expires", "claim.times", claims({ exp: undefined })],
    ["no start", "claim.times", claims({ nbf: undefined })],
    ["no time of issue", "claim.times", claims({ iat: undefined })],
    ["a time as text", "claim.times", (bench) => bench.bearer({ exp: String(now() + 300) })],
    ["a time that is none", "claim.times", claims({ exp: null })],
    ["a time that is endless", "claim.times", written((json) => json.replace(/"exp":\d+/, '"exp":1e999'))],
    ["a time with a fraction", "claim.times", (bench) => bench.bearer({ exp: now() + 100.5 })],
    ["milliseconds", "claim.nbf", (bench) => bench.bearer({ nbf: Date.now(), iat: Date.now(), exp: Date.now() + 300 })],
  ],
  "whose job it is": [
    ["the same name with another id", "claim.repository_id", claims({ repository_id: "700002" })],
    [
      "the same name and id with another owner's id",
      "claim.repository_owner_id",
      claims({ repository_owner_id: "9002" }),
    ],
    [
      "a fork: another id, owner and name",
      "claim.repository_owner_id",
      (bench) => {
        const fork = {
          repository: "mallory/p24-infra",
          repositoryId: 800_001,
          ownerId: 9999,
          environment: "production",
        };
        return `Bearer ${bench.issuer.sign(bench.issuer.claimsOf(fork, POLICY.audience))}`;
      },
    ],
    [
      "another repository of the same owner",
      "claim.repository_id",
      (bench) => {
        const other = { ...JOB, repository: "radieu/other", repositoryId: 700_009 };
        return `Bearer ${bench.issuer.sign(bench.issuer.claimsOf(other, POLICY.audience))}`;
      },
    ],
    ["an id as number", "claim.repository_id", claims({ repository_id: 700_001 })],
    ["an id with a zero before it", "claim.repository_id", claims({ repository_id: "0700001" })],
    ["an id with a blank behind it", "claim.repository_id", claims({ repository_id: "700001 " })],
    ["a list of ids", "claim.repository_id", claims({ repository_id: ["700001"] })],
    ["no id", "claim.repository_id", claims({ repository_id: undefined })],
    ["no owner's id", "claim.repository_owner_id", claims({ repository_owner_id: undefined })],
  ],
  "how it was started": [
    ["pull_request_target", "claim.event_name", claims({ event_name: "pull_request_target" })],
    [
      "a fork's pull request",
      "claim.event_name",
      claims({ event_name: "pull_request", ref: "refs/pull/7/merge", head_ref: "main" }),
    ],
    ["workflow_run", "claim.event_name", claims({ event_name: "workflow_run" })],
    ["an event in upper case", "claim.event_name", claims({ event_name: "PUSH" })],
    ["no event", "claim.event_name", claims({ event_name: undefined })],
    ["another branch", "claim.ref", claims({ ref: "refs/heads/feature" })],
    ["a branch that only begins alike", "claim.ref", claims({ ref: "refs/heads/main2" })],
    ["a branch whose name holds the ref", "claim.ref", claims({ ref: "refs/heads/refs/heads/main" })],
    ["a tag of the branch's name", "claim.ref", claims({ ref: "refs/tags/main", ref_type: "tag" })],
    ["the branch's short name", "claim.ref", claims({ ref: "main" })],
    ["a ref in upper case", "claim.ref", claims({ ref: "refs/heads/MAIN" })],
    ["a Cyrillic letter in the ref", "claim.ref", claims({ ref: "refs/heads/m\u0430in" })],
    ["full-width letters in the ref", "claim.ref", claims({ ref: "refs/heads/\uff4dain" })],
    ["a zero-width blank in the ref", "claim.ref", claims({ ref: "refs/heads/main\u200b" })],
    ["a right-to-left mark in the ref", "claim.ref", claims({ ref: "\u202erefs/heads/main" })],
    ["a soft hyphen in the ref", "claim.ref", claims({ ref: "refs/heads/ma\u00adin" })],
    ["a dotless letter that becomes another in upper case", "claim.ref", claims({ ref: "refs/heads/ma\u0131n" })],
    ["a NUL behind the ref", "claim.ref", claims({ ref: "refs/heads/main\u0000" })],
    ["a line's end behind the ref", "claim.ref", claims({ ref: "refs/heads/main\n" })],
    [
      "half of a surrogate pair behind the ref",
      "claim.ref",
      written((json) => json.replace('"refs/heads/main"', '"refs/heads/main\\ud800"')),
    ],
    ["a list of refs", "claim.ref", claims({ ref: ["refs/heads/main"] })],
    ["no ref", "claim.ref", claims({ ref: undefined })],
    ["a ref of another type than it says", "claim.ref_type", claims({ ref_type: "tag" })],
    [
      "another workflow",
      "claim.workflow_ref",
      claims({ workflow_ref: "radieu/p24-infra/.github/workflows/other.yml@refs/heads/main" }),
    ],
    [
      "the workflow at another ref",
      "claim.workflow_ref",
      claims({ workflow_ref: workflow.replace("main", "feature") }),
    ],
    [
      "another repository's workflow",
      "claim.workflow_ref",
      claims({ workflow_ref: workflow.replace("radieu", "mallory") }),
    ],
    [
      "the right workflow only as the reusable one",
      "claim.workflow_ref",
      claims({
        workflow_ref: "radieu/p24-infra/.github/workflows/evil.yml@refs/heads/main",
        job_workflow_ref: workflow,
      }),
    ],
    ["no workflow", "claim.workflow_ref", claims({ workflow_ref: undefined })],
    ["environment missing", "claim.environment", claims({ environment: undefined })],
    ["another environment", "claim.environment", claims({ environment: "staging" })],
    ["the environment in upper case", "claim.environment", claims({ environment: "Production" })],
    [
      "the environment only in the subject",
      "claim.environment",
      claims({ environment: "", sub: "repo:radieu/p24-infra:environment:production" }),
    ],
    ["a runner of one's own", "claim.runner_environment", claims({ runner_environment: "self-hosted" })],
    ["no actor", "claim.run", claims({ actor: undefined })],
    ["no run", "claim.run", claims({ run_id: "" })],
    ["an actor that is no text", "claim.run", claims({ actor: { login: "octocat" } })],
    ["an actor of a thousand letters", "claim.run", claims({ actor: "a".repeat(1000) })],
  ],
  "a payload that two readers understand differently": [
    ["aud twice, ours last", "jwt.payload", written((json) => json.replace("{", '{"aud":"https://evil.test",'))],
    [
      "repository_id twice, ours first",
      "jwt.payload",
      written((json) => json.replace(/}$/, ',"repository_id":"700002"}')),
    ],
    [
      "ref twice, once with an escape",
      "jwt.payload",
      written((json) => json.replace("{", '{"r\\u0065f":"refs/heads/feature",')),
    ],
    ["a claim nobody asks for twice", "jwt.payload", written((json) => json.replace("{", '{"jti":"1",'))],
    ["no object", "jwt.payload", (bench) => `Bearer ${bench.issuer.sign("[]")}`],
    ["no JSON", "jwt.payload", (bench) => `Bearer ${bench.issuer.sign("iss=me")}`],
    ["a byte order mark", "jwt.payload", written((json) => `\ufeff${json}`)],
    [
      "nested without end",
      "jwt.payload",
      written((json) => json.replace("{", `{"deep":${"[".repeat(500)}${"]".repeat(500)},`)),
    ],
  ],
};
