import {
  type ImageFault,
  type ImageNotice,
  readableFormats,
  unreadableFormats,
  unsupportedKinds,
} from '#libs/images';

import {
  ImageFaultCode,
  type ImageFault as ImageFaultMessage,
  ImageNotice as ImageNoticeMessage,
} from './generated/minigpt4/v1/chat_service.js';

const noticesOnWire: Readonly<Record<ImageNotice, ImageNoticeMessage>> = {
  'first-frame-only': ImageNoticeMessage.IMAGE_NOTICE_FIRST_FRAME_ONLY,
  'first-page-only': ImageNoticeMessage.IMAGE_NOTICE_FIRST_PAGE_ONLY,
  'partly-damaged': ImageNoticeMessage.IMAGE_NOTICE_PARTLY_DAMAGED,
  brightened: ImageNoticeMessage.IMAGE_NOTICE_BRIGHTENED,
  'values-spread': ImageNoticeMessage.IMAGE_NOTICE_VALUES_SPREAD,
  'all-black': ImageNoticeMessage.IMAGE_NOTICE_ALL_BLACK,
};

const codesOnWire: Readonly<Record<ImageFault['code'], ImageFaultCode>> = {
  empty: ImageFaultCode.IMAGE_FAULT_CODE_EMPTY,
  'not-an-image': ImageFaultCode.IMAGE_FAULT_CODE_NOT_AN_IMAGE,
  'unsupported-format': ImageFaultCode.IMAGE_FAULT_CODE_UNSUPPORTED_FORMAT,
  'unsupported-kind': ImageFaultCode.IMAGE_FAULT_CODE_UNSUPPORTED_KIND,
  damaged: ImageFaultCode.IMAGE_FAULT_CODE_DAMAGED,
  'too-many-pixels': ImageFaultCode.IMAGE_FAULT_CODE_TOO_MANY_PIXELS,
  'sides-too-long': ImageFaultCode.IMAGE_FAULT_CODE_SIDES_TOO_LONG,
  'too-costly': ImageFaultCode.IMAGE_FAULT_CODE_TOO_COSTLY,
};

export function imageNoticesToWire(notices: readonly ImageNotice[]): ImageNoticeMessage[] {
  return notices.map((notice) => noticesOnWire[notice]);
}

/** Those of a newer server that are unknown here are left out: the reply is right without them. */
export function imageNoticesFromWire(messages: readonly ImageNoticeMessage[]): ImageNotice[] {
  return messages.flatMap((message) => keyOf(noticesOnWire, message) ?? []);
}

export function imageFaultToWire(fault: ImageFault): Partial<ImageFaultMessage> {
  const { code, most, ...parameters } = { most: undefined, ...fault };
  return { ...parameters, code: codesOnWire[code], mostPixels: most };
}

/** Undefined for what a newer server says and this client does not know: then the status's message is left. */
export function imageFaultFromWire(message: ImageFaultMessage): ImageFault | undefined {
  const code = keyOf(codesOnWire, message.code);
  const { width, height, mostPixels } = message;
  switch (code) {
    case undefined:
      return undefined;
    case 'empty':
    case 'not-an-image':
      return { code };
    case 'unsupported-format': {
      const format = unreadableFormats.find((known) => known === message.format);
      return format && { code, format };
    }
    case 'unsupported-kind': {
      const kind = unsupportedKinds.find((known) => known === message.kind);
      return kind && { code, kind };
    }
    case 'damaged': {
      const format = readableFormats.find((known) => known === message.format);
      return format && { code, format };
    }
    case 'too-many-pixels':
      return { code, width, height, most: mostPixels };
    case 'sides-too-long':
      return { code, width, height };
    case 'too-costly':
      return { code, resource: message.resource === 'memory' ? 'memory' : 'time' };
  }
}

function keyOf<Key extends string, Value>(
  table: Readonly<Record<Key, Value>>,
  value: Value,
): Key | undefined {
  return (Object.keys(table) as Key[]).find((key) => table[key] === value);
}
