import { BadRequestException } from '@nestjs/common';

import { decodeName } from './web.controller.js';

describe('the name of an uploaded picture', () => {
  it('may hold any letters', () => {
    expect(decodeName(encodeURIComponent('Kätzchen #1.png'))).toBe('Kätzchen #1.png');
  });

  it('is refused where it is not percent-encoded', () => {
    expect(() => decodeName('100%.png')).toThrow(BadRequestException);
  });
});
