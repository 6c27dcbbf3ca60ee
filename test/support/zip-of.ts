import { crc32 } from 'node:zlib';

/** A zip file of uncompressed entries, as `torch.save` writes them. */
export function zipOf(entries: Readonly<Record<string, Uint8Array>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(entries)) {
    const common = commonHeader(name, data);
    const local = Buffer.concat([signature(0x04034b50), common, Buffer.from(name), data]);
    directory.push(
      Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), common, Buffer.alloc(10), uint32(offset)]),
      Buffer.from(name),
    );
    files.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const count = Object.keys(entries).length;
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listing, signature(0x06054b50), end]);
}

/** The fields that local headers and the directory share (PKWARE's APPNOTE, 4.3.7 and 4.3.12). */
function commonHeader(name: string, data: Uint8Array): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt32LE(crc32(data), 10);
  header.writeUInt32LE(data.length, 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt16LE(Buffer.byteLength(name), 22);
  return header;
}

const signature = uint32;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
