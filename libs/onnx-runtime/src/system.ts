/** What decides whether the native libraries can be loaded. */
export interface System {
  readonly platform: string;
  readonly processor: string;
  /** Version of the C library on Linux; absent where it is another one, such as Alpine's musl. */
  readonly glibc?: string;
}

/** For which systems onnxruntime-node 1.30 holds binaries; those for Linux ask for symbols of this glibc. */
const supported: Readonly<Record<string, readonly string[]>> = {
  linux: ['x64', 'arm64'],
  darwin: ['arm64'],
  win32: ['x64', 'arm64'],
};
const OLDEST_GLIBC = '2.28';

export function thisSystem(): System {
  const system = { platform: process.platform, processor: process.arch };
  if (process.platform !== 'linux') return system;
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ? { ...system, glibc: header.glibcVersionRuntime } : system;
}

/** Why ONNX Runtime cannot run on a system, and what to do, in a sentence; undefined where it can. */
export function problemOf({ platform, processor, glibc }: System): string | undefined {
  if (!supported[platform]?.includes(processor)) {
    return `ONNX Runtime is not made for ${platform} on ${processor}: take Linux on x64 or arm64, macOS on arm64, or Windows.`;
  }
  if (platform !== 'linux') return undefined;
  if (glibc === undefined) {
    return `ONNX Runtime needs glibc ${OLDEST_GLIBC} or later, and this Linux has another C library, as Alpine has: take Debian, Ubuntu or Fedora, or the image node:22-slim.`;
  }
  const isOlder = glibc.localeCompare(OLDEST_GLIBC, 'en', { numeric: true }) < 0;
  return isOlder
    ? `ONNX Runtime needs glibc ${OLDEST_GLIBC} or later, and this Linux has ${glibc}: take Debian 10, Ubuntu 20.04, RHEL 8 or later.`
    : undefined;
}
