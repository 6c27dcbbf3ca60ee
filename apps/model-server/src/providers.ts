/** Injection token of the `ServerConfig`, which is made before the application starts. */
export const SERVER_CONFIG = Symbol('ServerConfig');
