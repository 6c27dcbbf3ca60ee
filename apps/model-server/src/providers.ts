/** Injection tokens of what is made before the application starts. */

/** `Engine` of libs/engine. */
export const ENGINE = Symbol('Engine');
/** `RequestLimits`. */
export const REQUEST_LIMITS = Symbol('RequestLimits');
/** `ServerConfig`. */
export const SERVER_CONFIG = Symbol('ServerConfig');
