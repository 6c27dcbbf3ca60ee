/** The bot's own words. The other languages have the same entries, or they do not compile. */
export const english = {
  // While a question is being answered
  thinking: 'Looking…',
  queued: (ahead: number) =>
    ahead === 1 ? 'One question is ahead of yours.' : `${ahead} questions are ahead of yours.`,
  slow: (seconds: number) => `This takes longer than usual: ${seconds} s so far.`,
  waitingForEarlierAnswer: 'I answer this as soon as the answer above is finished.',

  // How an answer ended
  stopped: 'Stopped.',
  replaced: 'Stopped for your next question.',
  timeIsOver: 'Stopped, as I cannot write here any longer.',
  interrupted: 'This answer broke off.',
  duration: (seconds: string) => `${seconds} s`,

  // Refusals
  notAllowed: 'I am not set up to answer you here.',
  directMessagesOff: 'I do not answer direct messages. Please ask me in a channel.',
  tooManyFromYou: (seconds: number) => `That was a lot of questions. Please ask again in ${seconds} s.`,
  tooManyHere: (seconds: number) => `This channel is busy. Please ask again in ${seconds} s.`,
  onlyAskerMayControl: 'Only the person who asked and moderators can do that.',

  // Failures
  modelNotRunning: 'The model is not running right now. Please try again in a minute.',
  modelBusy: (seconds: number) => `The model is busy. Please try again in ${seconds} s.`,
  modelTooSlow: 'The model took too long. Please try again.',
  modelRefused: (reason: string) => `The model could not take this question: ${reason}`,
  modelSaidNothing: 'The model found nothing to say, twice. Please ask in other words.',
  brokenOff: 'The answer broke off. Please try again.',
  unexpected: 'Something went wrong on my side. Please try again.',
  nothingAsked: 'Send me a picture, or ask me something.',
  noImage: 'I found no picture here. Please attach one.',
  questionTooLong: 'That is too long for me. Please ask in fewer words.',

  // Images that were skipped
  imageGone: (name: string) => `${name}: it is not there any more.`,
  imageNotAnImage: (name: string) => `${name}: this is not a picture.`,
  imageUnsupportedFormat: (name: string, format: string) =>
    `${name}: I cannot read ${format} files. PNG, JPEG, WebP, GIF, AVIF and TIFF work.`,
  imageUnsupportedKind: (name: string, kind: string) =>
    `${name}: I cannot read ${kind}. Please send it as PNG or JPEG.`,
  imageKinds: {
    'tiff-old-jpeg': 'TIFF files with JPEG of the old style inside',
    'tiff-float': 'TIFF files of floating-point numbers',
    'tiff-complex': 'TIFF files of complex numbers',
    'avif-sequence': 'animated AVIF files',
  },
  imageEmpty: (name: string) => `${name}: the file is empty.`,
  imageDamaged: (name: string) => `${name}: the file is damaged.`,
  imageUnreadable: (name: string) => `${name}: I cannot read this picture.`,
  imageTooManyPixels: (name: string, width: number, height: number) =>
    `${name}: the picture is too large, with ${width} × ${height} pixels.`,
  imageTooCostly: (name: string) =>
    `${name}: reading this file takes too long. Please save it anew as PNG or JPEG, or smaller.`,
  imageTooLarge: (name: string) => `${name}: the picture is too large.`,
  imageTooSlow: (name: string) => `${name}: fetching it took too long.`,
  imageAddressNotAllowed: (name: string) => `${name}: I do not fetch from this address.`,
  imageNoAccess: (name: string) => `${name}: I am not allowed to see it.`,
  imageHiddenByPlan: (name: string) => `${name}: the workspace's plan hides it.`,
  imageUnreachable: (name: string) => `${name}: I could not fetch it.`,
  tooManyImages: (limit: number, skipped: string) =>
    `I look at ${limit === 1 ? 'one picture' : `${limit} pictures`} at a time. Not looked at: ${skipped}.`,
  earlierImagesLeftOut: (limit: number) =>
    limit === 1
      ? 'I looked at the newest picture only: this model cannot tell several apart.'
      : `I looked at the newest ${limit} pictures only: this model cannot tell more apart.`,

  // Remarks
  earlierTurnsDropped: 'The beginning of this conversation no longer fits and was left out.',
  earlierMessagesUnread: (limit: number) => `I read only the last ${limit} messages.`,
  repliedToUnreadable: 'I cannot see the message you replied to.',
  answerCutAtLimit: 'The answer reached its longest length.',
  noPictureLookedAt: 'No picture was looked at for this answer.',
  firstFrameOnly: 'Only the first frame of the animation was used.',
  firstPageOnly: 'Only the first page of the file was used.',
  partlyDamaged: 'The picture’s file is damaged. I saw what was left of it.',
  brightened: 'The picture was all but black. I brightened it.',

  // Buttons and commands
  stop: 'Stop',
  regenerate: 'Try again',
  feedbackUp: 'Good answer',
  feedbackDown: 'Bad answer',
  altTextHeading: 'Alt text',

  // Discord
  discord: {
    describe: 'describe',
    describeDescription: 'Describes a picture or answers a question about it',
    altText: 'alt-text',
    altTextDescription: 'Writes a short description of a picture, to be pasted as alt text',
    image: 'image',
    imageDescription: 'The picture to look at',
    question: 'question',
    questionDescription: 'What you want to know; leave it out for a description',
    describeMenu: 'Describe this image',
    altTextMenu: 'Alt text',
    thanks: 'Thank you.',
    mentionMe: 'I cannot read this. Please mention me (@) in your message.',
    questionGone: 'I cannot find that question any more.',
    moderated: 'The moderation of this server does not let my answer through.',
    answeredHere: (channel: string) => `I could not write in ${channel}, so I answer here.`,
    pictureNotPosted: 'The picture is too large to be posted here.',
  },

  // Slack
  slack: {
    asked: (who: string, question: string) => `${who} asked: ${question}`,
    askedForDescription: (who: string) => `${who} asked what this shows.`,
    describeTitle: 'Describe a picture',
    pictures: 'Pictures',
    question: 'Your question',
    questionHint: 'Leave it empty for a description.',
    submit: 'Ask',
    cancel: 'Cancel',
    usage: (command: string) => `Write ${command} and the address of a picture or a link to a message.`,
    questionGone: 'I cannot find that question any more.',
    answeredHere: (channel: string) => `I cannot write in ${channel}, so I answer here.`,
    linkNotAllowed: 'I only follow links to messages in public channels and in this one.',
    greeting: 'Send me a picture and ask about it.',
    suggestions: [
      { title: 'Describe my latest picture', message: 'What is in this picture?' },
      { title: 'Count what is in it', message: 'How many things are in this picture?' },
      { title: 'Write alt text', message: 'Write alt text for this picture.' },
    ],
  },

  // The web page
  page: {
    tagline: 'Ask about a picture',
    newChat: 'New chat',
    chats: 'Chats',
    noChats: 'Your chats stay in this browser and are listed here.',
    deleteChat: 'Delete chat',
    openChats: 'Show chats',
    closeChats: 'Hide chats',
    appearance: 'Appearance',
    themeSystem: 'Like the system',
    themeLight: 'Light',
    themeDark: 'Dark',
    welcome: 'What is in your picture?',
    welcomeHint: 'Drop a picture anywhere, paste one, or choose a file.',
    choosePictures: 'Add pictures',
    removePicture: 'Remove',
    askLabel: 'Your question',
    askPlaceholder: 'Ask about the picture…',
    send: 'Ask',
    stop: 'Stop',
    regenerate: 'Try again',
    copy: 'Copy',
    copied: 'Copied',
    copyAltText: 'Alt text',
    altTextCopied: 'Alt text copied',
    altTextWriting: 'Writing alt text…',
    good: 'Good answer',
    bad: 'Bad answer',
    thanks: 'Thank you',
    tryExample: 'Ask “{question}” about this picture',
    dropHere: 'Drop pictures here',
    stopped: 'Stopped.',
    conversation: 'Conversation',
    you: 'You',
    bot: 'Answer',
    skipToQuestion: 'Skip to the question',
    connectionLost: 'The connection to the bot was lost. Please try again.',
    tooLarge: 'This picture is too large.',
    tooManyPictures: 'That is the most pictures I can look at at once.',
    notAPicture: 'This is not a picture.',
    preparing: 'Reading the picture…',
    model: 'Model',
    modelAway: 'The model is not running yet. This page keeps looking for it.',
    aboutModel: 'About this model',
    betterModel: 'For photographs, run the real MiniGPT-4: see “The real model” in README.md.',
    storageFull: 'This browser has no room left for more pictures. Delete some chats.',
  },
};

export type Words = typeof english;
