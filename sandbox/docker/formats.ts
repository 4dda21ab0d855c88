import type { Container } from "./container.js";

const SERVICE = '{{index .Config.Labels "com.docker.compose.service"}}';
const HEALTH = "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}";

/**
 * The two formats of `docker inspect` that host/p24-host uses, letter for letter. Go templates are not emulated: any
 * other format is refused.
 */
export const FORMATS: ReadonlyMap<string, (container: Container) => string> = new Map([
  [
    `called {{.Name}} ${SERVICE}{{println}}service ${SERVICE} {{.State.Status}} ${HEALTH}{{println}}` +
      '{{range .Config.Env}}env {{index $.Config.Labels "com.docker.compose.service"}} {{json .}}{{println}}{{end}}',
    ({ name, service, state, health, environment }) =>
      [
        `called /${name} ${service.name}\n`,
        `service ${service.name} ${state} ${health}\n`,
        ...Object.entries(environment).map(([name, value]) => `env ${service.name} ${goJson(`${name}=${value}`)}\n`),
      ].join(""),
  ],
  [
    `${SERVICE} {{.State.Status}} {{.State.ExitCode}} ${HEALTH}`,
    ({ service, state, exitCode, health }) => `${service.name} ${state} ${String(exitCode)} ${health}`,
  ],
]);

/** JSON as the `json` of Docker's templates writes it: `<`, `>` and `&` as they are, two line separators escaped. */
function goJson(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16)}`,
  );
}
