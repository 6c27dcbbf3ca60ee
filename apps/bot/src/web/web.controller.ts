import {
  BadRequestException,
  Body,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Headers,
  HttpCode,
  Inject,
  type PipeTransform,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import { Chat } from '../contract/index.js';
import { findMissingImages, questionOf, referToStored, senderOf } from './answer-request.js';
import { abortWhenClosed, openAnswerStream } from './answer-stream.js';
import { ImageStore } from './image-store.js';
import {
  type AnswerRequest,
  answerRequest,
  type FeedbackRequest,
  feedbackRequest,
  type MissingImages,
  type ShownModel,
  type UploadedImage,
} from './protocol.js';

const imageFile = z.instanceof(Uint8Array);

const header = 'x-image-name';

/** The name of an uploaded picture, from its header. */
const ImageName = createParamDecorator((_: unknown, context: ExecutionContext) =>
  decodeName(context.switchToHttp().getRequest<Request>().get(header) ?? ''),
);

/**
 * Headers hold ASCII only, so the name comes percent-encoded.
 * @throws BadRequestException where it does not
 */
export function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new BadRequestException(`${header}: must be percent-encoded`, { cause });
  }
}

/** Checks the body of a request. @throws BadRequestException naming what is wrong */
class ZodPipe<Type> implements PipeTransform<unknown, Type> {
  constructor(private readonly schema: z.ZodType<Type>) {}

  transform(body: unknown): Type {
    const parsed = this.schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    throw new BadRequestException(wrong.join('; '));
  }
}

/** What the page asks of the bot. */
@Controller('api')
export class WebController {
  constructor(
    private readonly chat: Chat,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'conversation'>,
    private readonly images: ImageStore,
  ) {}

  /** The model behind the page, or 503 while there is none. */
  @Get('model')
  async model(@Res() response: Response): Promise<void> {
    const model: ShownModel | undefined = await this.chat.describeModel();
    if (model) response.json(model);
    else response.status(503).json({ error: 'The model is not running.' });
  }

  /** Takes an image and has the model look at it ahead of the question. */
  @Post('images')
  async image(
    @Body(new ZodPipe(imageFile)) bytes: Uint8Array,
    @ImageName() name: string,
    @Headers('accept-language') locale: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const digest = this.images.add(bytes);
    const image = referToStored({ digest, name }, this.images);
    const sender = senderOf(request.ip ?? 'unknown', 'composer', locale ?? 'en');
    const prepared = await this.chat.prepareImage(image, sender, abortWhenClosed(response));
    const refused = prepared.kind === 'refused' ? prepared.reason : undefined;
    response.json({ digest, refused } satisfies UploadedImage);
  }

  /** Streams an answer, or says with 409 which images must be uploaded first. */
  @Post('answers')
  async answer(
    @Body(new ZodPipe(answerRequest)) wanted: AnswerRequest,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const missing = findMissingImages(wanted, this.images);
    if (missing.length > 0) {
      response.status(409).json({ missing } satisfies MissingImages);
      return;
    }
    const { maxMessages } = this.config.conversation;
    const question = questionOf(wanted, request.ip ?? 'unknown', maxMessages, this.images);
    const closed = abortWhenClosed(response);
    await this.chat.answer(question, openAnswerStream(response, closed), closed);
  }

  @Post('feedback')
  @HttpCode(204)
  feedback(@Body(new ZodPipe(feedbackRequest)) { vote }: FeedbackRequest): void {
    this.chat.countFeedback('web', vote);
  }
}
