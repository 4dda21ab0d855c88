/** A project of one service that really answers: on its port 80 it says the value with which it was started. */
import { canary } from "../../support/canary.js";

/** It does not start with a value that begins with `bad`. */
export const ANSWERING = `
services:
  web:
    image: lab/web:1
    env_file: .env
    command:
      - sh
      - -c
      - |
        case $$WEB_PASSWORD in bad*) exit 1 ;; esac
        mkdir /www
        printf %s "$$WEB_PASSWORD" > /www/index.html
        trap 'exit 0' TERM
        httpd -f -h /www &
        wait
`;

/** A fresh value, and the file that holds it: whoever reads a part of it sees that it is one. */
export function freshEnv(word = "good"): { readonly value: string; readonly env: string } {
  const value = `${word}-${canary()}`;
  return { value, env: `WEB_PASSWORD=${value}\nQUEUE_PASSWORD='two\n${value}'\n` };
}
