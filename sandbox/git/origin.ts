/**
 * The emulated github.com, as far as git asks it: one repository over HTTP, served by git's own `git http-backend`
 * (git-http-backend(1)) to whoever shows a token that the emulated API would take. A protected branch refuses pushes as GitHub's
 * rules do (docs.github.com, "Troubleshooting rules": GH013).
 */
import { spawn } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";

import { run } from "../../core/process.js";

/** What a pusher may do, by the value of the token. */
export type MayPush = (credential: string) => boolean;

export interface Origin {
  /** For `git remote add origin`. */
  readonly url: string;
  /** The bare repository. */
  readonly folder: string;
  /** Requests without a token that counts. */
  readonly refused: string[];
  /** Answers a request for github.com. Mount it as it is. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  describe(): string;
  /** Makes the bare repository. */
  start(): Promise<void>;
  /** Whether `main` takes pushes. */
  protect(isProtected: boolean): Promise<void>;
  /** Called when somebody has begun to push: what it does happens before that push is judged. */
  beforePush?: (() => Promise<void>) | undefined;
}

const HOOK = `#!/bin/sh
# Stand-in for a rule of GitHub: the branch takes no push.
while read -r before after ref; do
  if [ "$ref" = refs/heads/main ]; then
    echo "error: GH013: Repository rule violations found for refs/heads/main." >&2
    exit 1
  fi
done
`;

/** `mayRead` and `mayPush` judge the token of a request. */
export function createOrigin(repository: string, folder: string, mayRead: MayPush, mayPush: MayPush): Origin {
  const hook = join(folder, "hooks/pre-receive");
  const refused: string[] = [];
  const origin: Origin = {
    url: `https://github.com/${repository}`,
    folder,
    refused,
    handle: (request, response) => {
      const { pathname: path, search } = new URL(request.url ?? "/", "https://github.com");
      const below = [`/${repository}`, `/${repository}.git`].find((base) => path.startsWith(`${base}/`));
      const isPush = path.endsWith("/git-receive-pack") || search === "?service=git-receive-pack";
      if (below === undefined || !(isPush ? mayPush : mayRead)(credentialOf(request))) {
        refused.push(`${request.method ?? ""} ${path}${search}`);
        // git asks a first time without credentials when it has none of its own: ours always has.
        const status = credentialOf(request) === "" ? 401 : 403;
        response.writeHead(status, { "www-authenticate": 'Basic realm="GitHub"' }).end();
        return;
      }
      const judged = path.endsWith("/git-receive-pack") ? origin.beforePush : undefined;
      void (judged?.() ?? Promise.resolve()).then(() => {
        serve(folder, request, response, path.slice(below.length), search.slice(1));
      });
    },
    describe: () => "github.com: stand-in (git http-backend on loopback)",
    start: async () => {
      await mkdir(folder, { recursive: true });
      await run("git", ["init", "--quiet", "--bare", "--initial-branch=main", folder]);
      await run("git", ["config", "http.receivepack", "true"], { cwd: folder });
      // As at GitHub, any commit that a branch reaches can be asked for by its name.
      await run("git", ["config", "uploadpack.allowReachableSHA1InWant", "true"], { cwd: folder });
    },
    protect: async (isProtected) => {
      if (!isProtected) {
        await rm(hook, { force: true });
        return;
      }
      await mkdir(join(folder, "hooks"), { recursive: true });
      await writeFile(hook, HOOK);
      await chmod(hook, 0o755);
    },
  };
  return origin;
}

/** The password of a Basic authorization: the form in which GitHub takes a token from git. */
function credentialOf({ headers }: IncomingMessage): string {
  const basic = /^basic (\S+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  return Buffer.from(basic, "base64").toString("utf8").split(":").slice(1).join(":");
}

/** Runs the CGI program for one request. */
function serve(folder: string, request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
  const encoding = request.headers["content-encoding"];
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "token",
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let isBody = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (isBody) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end !== -1) {
      isBody = true;
      writeHead(response, head.subarray(0, end).toString("utf8"));
      response.write(head.subarray(end + 4));
    }
  });
  child.on("close", () => response.end());
}

/** CGI's own header of the answer (RFC 3875, 6.3). */
function writeHead(response: ServerResponse, text: string): void {
  const headers = text.split("\r\n").map((line) => line.split(/:\s*/, 2) as [string, string]);
  const status = headers.find(([name]) => name.toLowerCase() === "status")?.[1];
  for (const [name, value] of headers.filter(([name]) => name.toLowerCase() !== "status")) {
    response.setHeader(name, value);
  }
  response.writeHead(status === undefined ? 200 : Number(status.slice(0, 3)));
}
