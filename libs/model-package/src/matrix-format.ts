import type { EncoderFormat, MatrixFormat, PackageFile } from '#libs/minigpt4';

/** How a package file's matrices are stored. */
export function formatIn<Encoder extends EncoderFormat>(
  file: PackageFile,
  { decoder, encoder }: { readonly decoder: MatrixFormat; readonly encoder?: Encoder },
): MatrixFormat | Encoder {
  switch (file) {
    case 'decoder.safetensors':
      return decoder;
    case 'vision.safetensors':
      return encoder ?? { kind: 'none' };
    case 'projection.safetensors':
      return { kind: 'none' };
  }
}
