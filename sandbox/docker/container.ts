import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

import type { Service } from "./compose.js";
import { environmentIn } from "./environ.js";
import { runHealthcheck } from "./healthcheck.js";

export type State = "created" | "running" | "restarting" | "exited";
export type Health = "none" | "starting" | "healthy" | "unhealthy";

/** What Docker's images set. */
const IMAGE_ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
const STOP_GRACE_MS = 1000;
const RESTART_DELAY_MS = 100;

/** One container: a small real process (service.sh) that holds the service's environment from its start on. */
export class Container {
  readonly id = randomBytes(32).toString("hex");
  /** The configured environment, as `docker inspect` shows it. */
  readonly environment: Readonly<Record<string, string>>;
  state: State = "created";
  health: Health;
  exitCode = 0;
  startedAt: Date | undefined;
  #process: ChildProcess | undefined;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #misses = 0;
  #tests = new AbortController();

  constructor(
    readonly project: string,
    readonly service: Service,
    private readonly program: string,
    private readonly pidsChanged: () => void,
  ) {
    this.environment = { ...IMAGE_ENVIRONMENT, ...Object.fromEntries(service.environment) };
    this.health = service.healthcheck === undefined ? "none" : "starting";
  }

  get name(): string {
    return `${this.project}-${this.service.name}-1`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const child = spawn("/bin/sh", [this.program], {
      env: this.environment,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
    });
    child.stdin.on("error", () => undefined);
    child.on("error", () => {
      this.#ended(child, 127);
    });
    child.on("exit", (code) => {
      this.#ended(child, code ?? 137);
    });
    this.#process = child;
    this.#tests = new AbortController();
    this.#stopping = false;
    this.#misses = 0;
    this.state = "running";
    this.startedAt = new Date();
    this.pidsChanged();
    if (this.service.healthcheck !== undefined) {
      this.health = "starting";
      // Docker waits one interval before the first test; the sandbox does not, to be quick.
      void this.#test(child);
    }
  }

  /** Ends the process as `docker stop` does; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === undefined) {
      return;
    }
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
    await gone;
    clearTimeout(force);
  }

  /** The environment that the running process really has, told by the kernel; empty when it does not run (any more). */
  processEnvironment(): Record<string, string> {
    return this.pid === undefined ? {} : environmentIn(`/proc/${String(this.pid)}/environ`);
  }

  #ended(child: ChildProcess, code: number): void {
    if (this.#process !== child) {
      return;
    }
    this.#process = undefined;
    this.#tests.abort();
    clearTimeout(this.#timer);
    this.exitCode = code;
    this.pidsChanged();
    if (this.#stopping || !this.service.restart) {
      this.state = "exited";
      return;
    }
    this.state = "restarting";
    this.#timer = setTimeout(() => {
      this.start();
    }, RESTART_DELAY_MS);
  }

  async #test(child: ChildProcess): Promise<void> {
    const check = this.service.healthcheck;
    if (check === undefined) {
      return;
    }
    const passed = await runHealthcheck(check, this.environment, this.#tests.signal);
    if (this.#process !== child || this.#stopping) {
      return;
    }
    const starting = Date.now() - (this.startedAt?.getTime() ?? 0) < check.startPeriod;
    this.#misses = passed || (starting && this.health === "starting") ? 0 : this.#misses + 1;
    this.health = passed ? "healthy" : this.#misses >= check.retries ? "unhealthy" : this.health;
    this.#timer = setTimeout(() => void this.#test(child), check.interval);
  }
}
