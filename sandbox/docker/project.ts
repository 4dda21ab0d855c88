import { setTimeout as sleep } from "node:timers/promises";

import { ComposeError, type Service } from "./compose.js";
import type { Container } from "./container.js";

const POLL_MS = 20;

/** The containers of one Compose project. Runs of `up` on it take turns. */
export class Project {
  readonly containers = new Map<string, Container>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly create: (service: Service) => Container,
  ) {}

  /**
   * `docker compose up -d --wait`: recreates the containers whose configuration changed, starts those that do not run, leaves
   * all others alone, and waits until every service is running and healthy. Throws a ComposeError otherwise. Without a
   * timeout it is `up -d` alone, which waits for what others depend on only.
   */
  async up(services: readonly Service[], timeout: number | undefined, caller: AbortSignal): Promise<void> {
    const run = this.#turn.then(async () => {
      const waiting = timeout === undefined ? caller : AbortSignal.any([caller, AbortSignal.timeout(timeout)]);
      for (const service of inOrder(services)) {
        await this.#awaitDependencies(service, waiting);
        await this.#converge(service);
      }
      if (timeout !== undefined) {
        for (const service of services) {
          await this.#awaitHealthy(service.name, waiting);
        }
      }
    });
    this.#turn = run.catch(() => undefined);
    await run;
  }

  /** The containers whose configuration is another one now. */
  outdated(services: readonly Service[]): Container[] {
    const hashes = new Map(services.map(({ name, hash }) => [name, hash]));
    return [...this.containers.values()].filter(({ service }) => {
      const hash = hashes.get(service.name);
      return hash !== undefined && hash !== service.hash;
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.containers.values()].map((container) => container.stop()));
  }

  /** `docker compose down`. */
  async down(): Promise<void> {
    await this.stop();
    this.containers.clear();
  }

  async #converge(service: Service): Promise<void> {
    const present = this.containers.get(service.name);
    if (present?.service.hash === service.hash) {
      if (present.state === "created" || present.state === "exited") {
        present.start();
      }
      return;
    }
    await present?.stop();
    const container = this.create(service);
    this.containers.set(service.name, container);
    container.start();
  }

  async #awaitDependencies(service: Service, waiting: AbortSignal): Promise<void> {
    for (const [other, condition] of service.dependsOn) {
      if (condition === "service_healthy") {
        await this.#awaitHealthy(other, waiting);
      }
    }
  }

  async #awaitHealthy(name: string, waiting: AbortSignal): Promise<void> {
    const container = this.containers.get(name);
    for (;;) {
      if (container === undefined || container.state === "exited" || container.state === "restarting") {
        throw new ComposeError(`container ${this.name}-${name}-1 exited (${String(container?.exitCode ?? 0)})`);
      }
      if (container.health === "unhealthy") {
        throw new ComposeError(`container ${this.name}-${name}-1 is unhealthy`);
      }
      if (container.state === "running" && container.health !== "starting") {
        return;
      }
      if (waiting.aborted) {
        throw new ComposeError("timeout waiting for the services to be healthy");
      }
      await sleep(POLL_MS);
    }
  }
}

/** Dependencies first, otherwise as written. */
function inOrder(services: readonly Service[]): Service[] {
  const done: Service[] = [];
  const visit = (service: Service, path: readonly string[]) => {
    if (path.includes(service.name)) {
      throw new ComposeError(`dependency cycle detected: ${[...path, service.name].join(" -> ")}`);
    }
    for (const other of service.dependsOn.keys()) {
      services
        .filter(({ name }) => name === other)
        .forEach((dependency) => {
          visit(dependency, [...path, service.name]);
        });
    }
    if (!done.includes(service)) {
      done.push(service);
    }
  };
  services.forEach((service) => {
    visit(service, []);
  });
  return done;
}
