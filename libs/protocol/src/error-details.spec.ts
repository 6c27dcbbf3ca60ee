import { Metadata, status } from '@grpc/grpc-js';

import { decodeErrorDetails, encodeErrorDetails } from './error-details.js';

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

  it('are empty where a status has none, as those of the network', () => {
    expect(decodeErrorDetails(new Metadata())).toEqual({ violations: [] });
  });
});
