#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), any system.
#
# A TIFF file of floating-point numbers from 0 to 1, as scientific programs write shades, is decoded without an error to
# another picture for each layout. Reds, greens and blues of 32 bits are taken for linear light, so that middle grey
# becomes light; greys of 32 bits are taken for numbers from 0 to 255, so that all is black; and numbers of 16 bits are
# read as whole ones, so that all is black. The samples themselves are handed out by `raw({ depth: 'float' })` in the
# space that `metadata()` names, for 32 bits.
#
# Seen, of the shades 0, 0.5 and 1:
#   grey, 32 bits      0 0 1
#   colours, 32 bits   0 188 255
#   grey, 16 bits      0 0 0
#   grey, 32 bits, raw 0 0.5 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sharp@0.35.5

cat >program.cjs <<'JS'
const sharp = require('sharp');

/** A TIFF file of one row (TIFF 6.0): its entries are a tag, a type, a count and a value or where the values stand. */
function tiff(samples, bits, perPixel) {
  const width = (samples.length * 8) / bits / perPixel;
  const entries = [
    [256, 4, 1, width], [257, 4, 1, 1], [258, 3, perPixel, bits], [259, 3, 1, 1], [262, 3, 1, perPixel === 3 ? 2 : 1],
    [273, 4, 1, 0], [277, 3, 1, perPixel], [278, 4, 1, 1], [279, 4, 1, samples.length], [339, 3, perPixel, 3],
  ];
  const lists = 14 + entries.length * 12;
  const file = Buffer.alloc(lists + 12);
  file.write('II*\0\x08\0\0\0', 'latin1');
  file.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12;
    const list = lists + (tag === 258 ? 0 : 6);
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(tag === 273 ? file.length : count === 1 ? value : list, at + 8);
    if (count > 1) for (let one = 0; one < count; one++) file.writeUInt16LE(value, list + one * 2);
  }
  return Buffer.concat([file, samples]);
}

const floats = (...values) => Buffer.from(Float32Array.from(values).buffer);
const halves = Buffer.from(Uint16Array.of(0x0000, 0x3800, 0x3c00).buffer); // 0, 0.5, 1
const grey = tiff(floats(0, 0.5, 1), 32, 1);
const colours = tiff(floats(0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1), 32, 3);
const reds = async (image) => (await image.removeAlpha().toColourspace('srgb').raw().toBuffer()).filter((_, at) => at % 3 === 0);
const raw = async (image) => new Float32Array((await image.toColourspace('b-w').raw({ depth: 'float' }).toBuffer()).buffer.slice(0, 12));
const work = {
  grey: () => reds(sharp(grey)),
  colours: () => reds(sharp(colours)),
  halves: () => reds(sharp(tiff(halves, 16, 1))),
  raw: () => raw(sharp(grey)),
};
work[process.argv[2]]().then((values) => console.log([...values].join(' ')));
JS

expect() {
  local found
  found=$(node program.cjs "$1")
  printf '%-18s %s\n' "$2" "$found"
  [ "$found" = "$3" ] || { echo "This changed: it was $3."; exit 1; }
}

expect grey 'grey, 32 bits' '0 0 1'
expect colours 'colours, 32 bits' '0 188 255'
expect halves 'grey, 16 bits' '0 0 0'
expect raw 'grey, 32 bits, raw' '0 0.5 1'
