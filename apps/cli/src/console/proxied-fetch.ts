import { EnvHttpProxyAgent, fetch as fetchOfUndici } from 'undici';

const dispatcher = new EnvHttpProxyAgent();

/** A `fetch` that goes through the proxy in http_proxy and https_proxy, which Node's own passes by, but for no_proxy. */
export const proxiedFetch = ((input: string | URL, init?: object) =>
  fetchOfUndici(input, { ...init, dispatcher })) as unknown as typeof fetch;
