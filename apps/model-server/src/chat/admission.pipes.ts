import { Inject, Injectable, type PipeTransform } from '@nestjs/common';

import type { GenerateRequest, Segment } from '#libs/engine';
import type * as wire from '#libs/protocol';

import { REQUEST_LIMITS } from '../providers.js';
import { admitGenerate, admitImageFile, admitPrompt, type RequestLimits } from './admission.js';

@Injectable()
export class AdmitGenerate
  implements PipeTransform<wire.GenerateRequest | wire.GenerateOnceRequest, GenerateRequest>
{
  constructor(@Inject(REQUEST_LIMITS) private readonly limits: RequestLimits) {}

  transform(request: wire.GenerateRequest | wire.GenerateOnceRequest): GenerateRequest {
    return admitGenerate(request, this.limits);
  }
}

@Injectable()
export class AdmitPrompt implements PipeTransform<wire.CountTokensRequest, Segment[]> {
  constructor(@Inject(REQUEST_LIMITS) private readonly limits: RequestLimits) {}

  transform(request: wire.CountTokensRequest): Segment[] {
    return admitPrompt(request, this.limits);
  }
}

@Injectable()
export class AdmitImageFile implements PipeTransform<wire.EncodeImageRequest, Uint8Array> {
  constructor(@Inject(REQUEST_LIMITS) private readonly limits: RequestLimits) {}

  transform(request: wire.EncodeImageRequest): Uint8Array {
    return admitImageFile(request, this.limits);
  }
}
