import { problemOf, thisSystem } from './system.js';

describe('the system that ONNX Runtime is loaded on', () => {
  it('is this one, as these tests load it', () => {
    expect(problemOf(thisSystem())).toBeUndefined();
  });

  it.each([
    { platform: 'linux', processor: 'x64', glibc: '2.28' },
    { platform: 'linux', processor: 'arm64', glibc: '2.100' },
    { platform: 'darwin', processor: 'arm64' },
    { platform: 'win32', processor: 'x64' },
  ])('may be $platform on $processor with glibc $glibc', (system) => {
    expect(problemOf(system)).toBeUndefined();
  });

  it.each([
    [{ platform: 'linux', processor: 'x64' }, /another C library, as Alpine has: take Debian/],
    [{ platform: 'linux', processor: 'x64', glibc: '2.9' }, /2\.28 or later, and this Linux has 2\.9/],
    [{ platform: 'linux', processor: 'arm', glibc: '2.36' }, /not made for linux on arm:/],
    [{ platform: 'darwin', processor: 'x64' }, /not made for darwin on x64/],
  ])('is refused in a sentence: %j', (system, sentence) => {
    expect(problemOf(system)).toMatch(sentence);
  });
});
