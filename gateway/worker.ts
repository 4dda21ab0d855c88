/** The Worker's entry. The real issuer, the real API, the real clock: nothing here can be set to anything else. */
import { type Bindings, createGateway } from "./gateway.js";

const gateway = createGateway({
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  log: (text) => {
    console.log(text);
  },
});

export default {
  fetch(request: Request, bindings: Bindings, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const answer = gateway(request, bindings, (work) => {
      context.waitUntil(work);
    });
    // A change that is under way ends, and is recorded, although the caller has gone.
    context.waitUntil(answer);
    return answer;
  },
};
