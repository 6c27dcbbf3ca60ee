import sharp from 'sharp';

/**
 * The only decoders of libvips that exist here: those of the formats that are promised. The others are many, parse
 * whatever resembles their format, and some draw or run what a file says.
 */
const promised = ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Tiff', 'Heif'];

export function allowOnlyPromisedLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: promised.map((loader) => `VipsForeignLoad${loader}Buffer`) });
}
