/** Injection token of the `ModelClient`. */
export const MODEL_CLIENT = Symbol('ModelClient');
