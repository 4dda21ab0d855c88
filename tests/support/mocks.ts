/**
 * Pulumi's mock monitor with the requests kept, so that a test sees inputs as they go over the wire (secrets in their
 * envelope), resource options and registered outputs. It is no engine: options are recorded, not obeyed, and a failed
 * operation is answered as the real engine answered it when it was recorded (Pulumi 3.259, `--continue-on-error`).
 */
import * as pulumi from "@pulumi/pulumi";

/** One registered resource. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parent: string;
  readonly inputs: Record<string, unknown>;
  readonly ignoreChanges: string[];
  readonly deletedWith: string;
  readonly additionalSecretOutputs: string[];
  readonly retainOnDelete: boolean;
  readonly replacementTrigger: unknown;
  /** URNs. */
  readonly dependencies: string[];
  /** What a component registered at its end; `undefined` while it has not. */
  outputs: Record<string, unknown> | undefined;
}

/** How the engine answers the registration of one resource. */
export type Outcome =
  /** Done; the provider's outputs. */
  | { readonly done: Record<string, unknown> }
  /** Failed, and the run goes on: what the engine knows of the resource, nothing for one that was never made. */
  | { readonly failed: Record<string, unknown> };

interface Struct {
  toJavaScript(): Record<string, unknown>;
}
interface Value {
  toJavaScript(): unknown;
}
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): Struct;
  getIgnorechangesList(): string[];
  getDeletedwith(): string;
  getAdditionalsecretoutputsList(): string[];
  getRetainondelete(): boolean;
  getReplacementTrigger(): Value | undefined;
  getDependenciesList(): string[];
}
interface OutputsRequest {
  getUrn(): string;
  getOutputs(): Struct;
}
interface Response {
  getUrn(): string;
  setResult(result: number): void;
}
type Answer<T> = (error: unknown, response?: T) => void;
interface Monitor {
  registerResource(request: Request, answer: Answer<Response>): Promise<void>;
  registerResourceOutputs(request: OutputsRequest, answer: Answer<unknown>): void;
}

/** `Result.FAIL` of pulumi/resource.proto. */
const FAIL = 1;

/** A secret input as it goes over the wire. */
export const ENVELOPE = "4dabf18193072939515e22adb298388d";

/**
 * Runs `program` under mocks and gives every resource in the order of registration. `outcomes` answers for custom
 * resources, by name; what is not in it is done with its inputs as outputs.
 */
export async function record<T>(
  program: () => T,
  outcomes: Readonly<Record<string, Outcome>> = {},
  options: { readonly preview?: boolean } = {},
): Promise<{ readonly result: T; readonly resources: Registered[] }> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: (args) => args.inputs as Record<string, unknown>,
      newResource: (args) => {
        const outcome = args.custom === true ? outcomes[args.name] : undefined;
        const state = outcome === undefined ? {} : "done" in outcome ? outcome.done : outcome.failed;
        return { id: `${args.name}-id`, state: outcome === undefined ? (args.inputs as object) : state };
      },
    },
    "p24-infra",
    "test",
    options.preview ?? false,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  watch(monitor, resources, outcomes);
  const result = program();
  await settled();
  return { result, resources };
}

function watch(monitor: Monitor, resources: Registered[], outcomes: Readonly<Record<string, Outcome>>): void {
  const register = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request, answer) =>
    register(request, (error, response) => {
      const outcome = outcomes[request.getName()];
      if (
        response !== undefined &&
        outcome !== undefined &&
        "failed" in outcome &&
        !request.getType().startsWith("p24:")
      ) {
        response.setResult(FAIL);
      }
      resources.push({
        type: request.getType(),
        name: request.getName(),
        urn: response?.getUrn() ?? "",
        parent: request.getParent(),
        inputs: request.getObject().toJavaScript(),
        ignoreChanges: request.getIgnorechangesList(),
        deletedWith: request.getDeletedwith(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        retainOnDelete: request.getRetainondelete(),
        replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
        dependencies: request.getDependenciesList(),
        outputs: undefined,
      });
      answer(error, response);
    });
  monitor.registerResourceOutputs = (request, answer) => {
    const component = resources.find(({ urn }) => urn === request.getUrn());
    if (component !== undefined) {
      component.outputs = request.getOutputs().toJavaScript();
    }
    registerOutputs(request, answer);
  };
}

/** Resolves when the SDK has no registration under way. `waitForRPCs` is not in its types. */
function settled(): Promise<void> {
  return (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
}

/** The one resource of a type and name. */
export function find(resources: readonly Registered[], type: string, name: string): Registered {
  const found = resources.filter((resource) => resource.type === type && resource.name === name);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${String(found.length)} resources are ${type} ${name}`);
  }
  return found[0];
}
