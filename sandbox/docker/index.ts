import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";

import { answer, type Answer, type Call, STAND_IN, Unsupported } from "./commands.js";
import { Container, type Health, type State } from "./container.js";
import { killIfThere } from "./kill.js";
import { Project } from "./project.js";
import { endRecorded, recordPids } from "./recorded.js";

/** One container as the sandbox's controls and tests see it, in this process only. */
export interface ServiceView {
  readonly project: string;
  readonly name: string;
  readonly id: string;
  readonly pid: number | undefined;
  readonly startedAt: Date | undefined;
  readonly state: State;
  readonly health: Health;
  /** What the running process really has; empty when it does not run. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the command line program is written in: the cheaper one takes Perl, which every Debian has. */
export type DockerClient = "node" | "perl";

/** A stand-in for one host's Docker Engine with Compose. */
export interface Docker {
  readonly socket: string;
  /** Calls that were refused because the stand-in does not know them. Empty in a healthy run. */
  readonly refused: readonly string[];
  services(project?: string): Promise<ServiceView[]>;
  /** Ends one service's process as `kill -9` would; its restart policy applies. */
  kill(project: string, service: string): void;
  /** The daemon stops or comes back; containers go on running meanwhile (as with live-restore). */
  setDaemon(up: boolean): void;
  /** `docker compose down`: a project's containers end and are gone. */
  removeProject(project: string): Promise<void>;
  /** Writes the command line program `docker` into a folder. */
  installClient(bin: string, client?: DockerClient): void;
  describe(): string;
  close(): Promise<void>;
}

/** Starts an engine that listens on a Unix socket (a short path: at most 100 characters). `dir` holds its files. */
export async function startDocker({ dir, socket }: { dir: string; socket: string }): Promise<Docker> {
  if (socket.length > 100) {
    throw new Error(`the path of a Unix socket has at most 100 characters: ${socket}`);
  }
  const engine = new Engine(dir, socket);
  await engine.listen();
  return engine;
}

class Engine implements Docker {
  readonly refused: string[] = [];
  daemonUp = true;
  readonly #projects = new Map<string, Project>();
  readonly #server: Server;
  readonly #program: string;
  readonly #connections = new Set<Socket>();

  constructor(
    private readonly dir: string,
    readonly socket: string,
  ) {
    mkdirSync(dir, { recursive: true });
    mkdirSync(dirname(socket), { recursive: true });
    endRecorded(dir);
    // A copy in a folder of this engine: its path in a process's arguments tells whose process it is.
    this.#program = join(dir, "service.sh");
    copyFileSync(join(__dirname, "service.sh"), this.#program);
    this.#server = createServer({ allowHalfOpen: true }, (connection) => {
      this.#serve(connection);
    });
  }

  async listen(): Promise<void> {
    rmSync(this.socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(this.socket, resolve);
    });
    chmodSync(this.socket, 0o600);
  }

  project(name: string): Project {
    const project =
      this.#projects.get(name) ??
      new Project(
        name,
        (service) =>
          new Container(name, service, this.#program, () => {
            this.#record();
          }),
      );
    this.#projects.set(name, project);
    return project;
  }

  containers(): Container[] {
    return [...this.#projects.values()].flatMap((project) => [...project.containers.values()]);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- asking a process is quick here; callers need not know
  async services(project?: string): Promise<ServiceView[]> {
    const wanted = this.containers().filter((container) => project === undefined || container.project === project);
    return wanted.map((container) => {
      const { id, pid, startedAt, state, health } = container;
      const env = container.processEnvironment();
      return { project: container.project, name: container.service.name, id, pid, startedAt, state, health, env };
    });
  }

  kill(project: string, service: string): void {
    const pid = this.#projects.get(project)?.containers.get(service)?.pid;
    if (pid !== undefined) {
      killIfThere(pid);
    }
  }

  setDaemon(up: boolean): void {
    this.daemonUp = up;
  }

  async removeProject(project: string): Promise<void> {
    await this.#projects.get(project)?.down();
  }

  installClient(bin: string, client: DockerClient = "node"): void {
    const program = client === "perl" ? ["/usr/bin/perl", "client.pl"] : [process.execPath, "client.cjs"];
    const quoted = [program[0] ?? "", join(__dirname, program[1] ?? ""), this.socket].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    writeFileSync(join(bin, "docker"), `#!/bin/sh\n# ${STAND_IN}\nexec ${quoted.join(" ")} "$@"\n`);
    chmodSync(join(bin, "docker"), 0o755);
  }

  describe(): string {
    return `docker: ${STAND_IN}`;
  }

  async close(): Promise<void> {
    this.#connections.forEach((connection) => connection.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.all([...this.#projects.values()].map((project) => project.stop()));
    this.#record();
    rmSync(this.socket, { force: true });
  }

  #record(): void {
    recordPids(
      this.dir,
      this.containers().flatMap(({ pid }) => pid ?? []),
    );
  }

  #serve(connection: Socket): void {
    const gone = new AbortController();
    let question = "";
    this.#connections.add(connection);
    connection.setEncoding("utf8");
    connection.on("error", () => undefined);
    connection.on("close", () => {
      this.#connections.delete(connection);
      gone.abort();
    });
    connection.on("end", () => connection.end());
    connection.on("data", (chunk: string) => {
      question += chunk;
      if (question.endsWith("\n")) {
        void this.#answer(question, gone.signal).then((said) => connection.end(said));
      }
    });
  }

  async #answer(question: string, gone: AbortSignal): Promise<string> {
    const call = JSON.parse(question) as Omit<Call, "gone"> & { plain?: boolean };
    const { code, out = "", err = "" } = await this.#answered({ ...call, gone });
    return call.plain === true ? [code, out, err].join("\0") : JSON.stringify({ code, out, err });
  }

  async #answered(call: Call): Promise<Answer> {
    try {
      return await answer(call, this);
    } catch (error) {
      const what = error instanceof Unsupported ? `unsupported: docker ${error.message}` : `broken: ${String(error)}`;
      this.refused.push(what);
      return { code: 125, err: `the sandbox's stand-in for Docker: ${what}\n` };
    }
  }
}
