import JSON5 from 'json5';
import { CodedError } from '#libs/errors';

/**
 * The text in a file of another program: UTF-8 with or without a byte order mark, or UTF-16 with one, as Windows
 * PowerShell and editors there write it.
 *
 * @throws CodedError `foreign-text`
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError('foreign-text', `it is not text in ${encoding.toUpperCase()}; save it as UTF-8`, {
      cause,
    });
  }
}

/**
 * Reads JSON as the programs that write it do: in any encoding of {@link decodeText}, and with the `NaN` and `Infinity`
 * that Python's json module writes and reads although the standard has them not.
 *
 * @throws CodedError `foreign-text`
 */
export function parseForeignJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (/\b(?:NaN|Infinity)\b/.test(text)) return parseWithNotANumber(text);
    throw new CodedError('foreign-text', 'it is not JSON, or only the beginning of it', { cause });
  }
}

function parseWithNotANumber(text: string): unknown {
  try {
    return JSON5.parse(text);
  } catch (cause) {
    throw new CodedError('foreign-text', 'it is not JSON, or only the beginning of it', { cause });
  }
}
