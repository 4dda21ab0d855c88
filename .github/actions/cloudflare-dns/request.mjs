// Asks GitHub for the job's OIDC token with the gateway as audience, and hands it to later steps. Runs on a runner: Node and
// nothing else. No text but the runner's own commands ever holds the token; it is masked before it is written anywhere.
import { appendFileSync } from "node:fs";

const TRIES = 3;
const TIMEOUT_MS = 10_000;
const WAIT_MS = 1_000;

/** What is wrong, and how to repair it: the only thing that this script throws. */
class Fault extends Error {}

function readGateway(text = "") {
  const host = /^https:\/\/((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)$/.exec(text)?.[1];
  if (host === undefined) {
    throw new Fault(
      "input `gateway` is not https:// and a host name: with: { gateway: https://dns-gateway.example.com }",
    );
  }
  return `https://${host}`;
}

function readExport(text = "true") {
  if (text !== "true" && text !== "false") {
    throw new Fault("input `export` is neither true nor false");
  }
  return text === "true";
}

/** The runner's address for tokens, and what authenticates the job there. */
function readRunner({ ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential }) {
  if (!url || !credential) {
    throw new Fault(
      "the job may not ask GitHub for an OIDC token: add `permissions: { id-token: write, contents: read }` to the job" +
        " (GitHub never grants it to pull requests of forks)",
    );
  }
  return { url, credential };
}

async function request({ url, credential }, audience) {
  const asked = `${url}${url.includes("?") ? "&" : "?"}audience=${encodeURIComponent(audience)}`;
  let status = "no answer";
  for (let left = TRIES; left > 0; left -= 1) {
    try {
      const response = await fetch(asked, {
        headers: { authorization: `Bearer ${credential}`, accept: "application/json; api-version=2.0" },
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) {
        return readAnswer(await response.text());
      }
      status = `status ${response.status}`;
      await response.body?.cancel();
      if (response.status < 500 && response.status !== 429) {
        break;
      }
    } catch (error) {
      if (error instanceof Fault) {
        throw error;
      }
    }
    if (left > 1) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
  throw new Fault(`GitHub gave no OIDC token (${status}): run the job again; githubstatus.com tells of outages`);
}

/** The token. Its form is checked, so that nothing else gets into the runner's files. */
function readAnswer(text) {
  let value;
  try {
    value = JSON.parse(text).value;
  } catch {
    value = undefined;
  }
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(value)) {
    throw new Fault("GitHub's answer is no OIDC token: run the job again; githubstatus.com tells of outages");
  }
  return value;
}

function expiryOf(token) {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    return new Date(exp * 1000).toISOString();
  } catch {
    return "";
  }
}

async function main(environment) {
  const gateway = readGateway(environment.P24_GATEWAY);
  const exported = readExport(environment.P24_EXPORT);
  const value = await request(readRunner(environment), gateway);
  process.stdout.write(`::add-mask::${value}\n`);
  // The slash at its end is for clients that resolve paths against it; others take it as well.
  const baseUrl = `${gateway}/client/v4/`;
  const expiresAt = expiryOf(value);
  write(environment.GITHUB_OUTPUT, { "api-token": value, "base-url": baseUrl, "expires-at": expiresAt });
  if (exported) {
    write(environment.GITHUB_ENV, { CLOUDFLARE_API_TOKEN: value, CLOUDFLARE_BASE_URL: baseUrl });
  }
  process.stdout.write(`DNS records can be changed through ${gateway} until ${expiresAt}.\n`);
}

function write(file, values) {
  if (!file) {
    throw new Fault("GITHUB_OUTPUT or GITHUB_ENV is not set: this runs as a step of a workflow only");
  }
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(file, lines.join(""));
}

try {
  await main(process.env);
} catch (error) {
  process.stdout.write(`::error title=Cloudflare DNS::${error instanceof Fault ? error.message : "failed"}\n`);
  process.exitCode = 1;
}
