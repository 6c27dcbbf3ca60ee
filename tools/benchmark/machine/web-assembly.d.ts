/** The little of WebAssembly's JavaScript interface that is used here; Node's types leave it to the browser's. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports: { host: { memory: Memory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
