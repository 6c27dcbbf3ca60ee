import { Metadata, status } from '@grpc/grpc-js';

import { type ImageFault, imageNotices } from '#libs/images';

import { decodeErrorDetails, encodeErrorDetails } from './error-details.js';
import { imageNoticesFromWire, imageNoticesToWire } from './image-messages.js';

describe('error details', () => {
  it('reach the client as the server wrote them', () => {
    const violations = [
      { field: 'segments[0].image.digest', description: 'Too short.' },
      { field: 'sampling.top_p', description: 'Must be above 0.' },
    ];
    const metadata = encodeErrorDetails(status.INVALID_ARGUMENT, 'No.', {
      reason: 'INVALID_REQUEST',
      violations,
      retryAfterSeconds: 2.5,
    });
    expect(decodeErrorDetails(metadata)).toMatchObject({
      reason: 'INVALID_REQUEST',
      violations,
      retryAfterSeconds: 2.5,
    });
  });

  it.each<ImageFault>([
    { code: 'empty' },
    { code: 'not-an-image' },
    { code: 'unsupported-format', format: 'jxl' },
    { code: 'unsupported-kind', kind: 'tiff-float' },
    { code: 'damaged', format: 'png' },
    { code: 'too-many-pixels', width: 30_000, height: 20_000, most: 50_000_000 },
    { code: 'sides-too-long', width: 1, height: 300_000 },
    { code: 'too-costly', resource: 'memory' },
  ])('tell what is wrong with an image: $code', (imageFault) => {
    const details = { reason: 'INVALID_IMAGE', violations: [], imageFault } as const;
    const metadata = encodeErrorDetails(status.INVALID_ARGUMENT, 'No.', details);
    expect(decodeErrorDetails(metadata).imageFault).toEqual(imageFault);
  });

  it.each(imageNotices)('stand beside notices, which cross the wire as they are: %s', (notice) => {
    expect(imageNoticesFromWire(imageNoticesToWire([notice]))).toEqual([notice]);
  });

  it('are empty where a status has none, as those of the network', () => {
    expect(decodeErrorDetails(new Metadata())).toEqual({ violations: [] });
  });
});
