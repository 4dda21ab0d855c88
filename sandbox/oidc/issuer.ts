/**
 * GitHub's issuer of OIDC tokens for jobs, as far as a verifier and a job use it. A stand-in: its keys are made when it
 * starts, and its tokens say the real issuer's name, under which the fence answers with this.
 *
 * Form of header and claims: the example in docs.github.com, "OpenID Connect reference", with the claims of its table.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

export const ISSUER_HOST = "token.actions.githubusercontent.com";
export const ISSUER = `https://${ISSUER_HOST}`;
/** Seconds from `iat` to `exp`, and from `nbf` to `iat`, as in GitHub's example. */
const LIFE_S = 300;
const BEFORE_S = 600;

/** A key of the issuer. */
interface SigningPair {
  readonly kid: string;
  readonly privatePart: KeyObject;
  readonly publicPart: KeyObject;
}

/** The job that a token is for; what is left out is the default of {@link claimsOf}. */
export interface Job {
  readonly repository: string;
  readonly repositoryId: number;
  readonly ownerId: number;
  /** File in .github/workflows; `dns.yml` unless told. */
  readonly workflow?: string;
  readonly ref?: string;
  readonly event?: string;
  readonly environment?: string;
  readonly actor?: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** Makes an issuer with one key. */
export function createIssuer(now: () => Date = () => new Date()): Issuer {
  return new Issuer(now);
}

export class Issuer {
  /** How often the keys were asked for. */
  asked = 0;
  /** What happens to who asks for the keys; `undefined`: they are told. */
  fault: "status 500" | "no JSON" | "dropped" | "silent" | undefined;
  private current: SigningPair;
  private published: readonly SigningPair[];

  constructor(private readonly now: () => Date) {
    this.current = makePair();
    this.published = [this.current];
  }

  /** The claims of a job's token, as GitHub would sign them now. */
  claimsOf(job: Job, audience: string): Claims {
    const iat = Math.floor(this.now().getTime() / 1000);
    const ref = job.ref ?? "refs/heads/main";
    const [owner = ""] = job.repository.split("/");
    const workflow = `${job.repository}/.github/workflows/${job.workflow ?? "dns.yml"}@${ref}`;
    const sha = createHash("sha1").update(ref).digest("hex");
    const about = job.environment === undefined ? `ref:${ref}` : `environment:${job.environment}`;
    return {
      jti: randomUUID(),
      sub: `repo:${owner}@${String(job.ownerId)}/${job.repository.slice(owner.length + 1)}@${String(job.repositoryId)}:${about}`,
      ...(job.environment === undefined ? {} : { environment: job.environment }),
      aud: audience,
      ref,
      sha,
      repository: job.repository,
      repository_owner: owner,
      repository_owner_id: String(job.ownerId),
      run_id: "16823001234",
      run_number: "10",
      run_attempt: "1",
      repository_visibility: "private",
      repository_id: String(job.repositoryId),
      actor_id: "12",
      actor: job.actor ?? "octocat",
      workflow: job.workflow ?? "dns.yml",
      head_ref: "",
      base_ref: "",
      event_name: job.event ?? "push",
      ref_protected: "true",
      ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
      workflow_ref: workflow,
      workflow_sha: sha,
      job_workflow_ref: workflow,
      job_workflow_sha: sha,
      runner_environment: "github-hosted",
      iss: ISSUER,
      nbf: iat - BEFORE_S,
      exp: iat + LIFE_S,
      iat,
    };
  }

  /** The header that a token of the current key has. */
  get header(): Claims {
    return { typ: "JWT", alg: "RS256", x5t: "stand-in", kid: this.current.kid };
  }

  /** Signs any text as payload under any header with the current key: a compact JWS. */
  sign(payload: Claims | string, header: Claims | string = this.header): string {
    const input = [header, payload].map((part) => encode(typeof part === "string" ? part : JSON.stringify(part)));
    const signature = sign("sha256", Buffer.from(input.join(".")), this.current.privatePart);
    return [...input, signature.toString("base64url")].join(".");
  }

  /** The current key's public part, PEM: what anybody can have. */
  get publicPem(): string {
    return this.current.publicPart.export({ type: "spki", format: "pem" }).toString();
  }

  /** Signs with a new key from now on. The old one stays published, unless it is withdrawn. */
  rotate({ withdraw = false } = {}): void {
    this.current = makePair();
    this.published = withdraw ? [this.current] : [this.current, ...this.published];
  }

  /** The published keys (RFC 7517, 5). */
  jwks(): { keys: unknown[] } {
    return {
      keys: this.published.map(({ kid, publicPart }) => ({
        ...publicPart.export({ format: "jwk" }),
        kid,
        alg: "RS256",
        use: "sig",
      })),
    };
  }

  /** Answers a request for the issuer's host. Mount it as it is. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== "GET" || request.url !== "/.well-known/jwks") {
      response.writeHead(404).end();
      return;
    }
    this.asked += 1;
    switch (this.fault) {
      case "status 500":
        response.writeHead(500).end("the stand-in was told to fail");
        return;
      case "no JSON":
        response.writeHead(200, { "content-type": "text/html" }).end("<html>");
        return;
      case "dropped":
        request.socket.destroy();
        return;
      case "silent":
        return;
      case undefined:
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.jwks()));
    }
  };

  describe(): string {
    return "GitHub's OIDC issuer: stand-in (keys made at the start, answers on loopback)";
  }
}

function makePair(): SigningPair {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { kid: randomUUID(), privatePart: privateKey, publicPart: publicKey };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
