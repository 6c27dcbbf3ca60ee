import { CodedError } from '#libs/errors';

/** `token-refused`: the platform does not take a token. `unreachable`: nothing was learned of it. */
export class AccountError extends CodedError<'token-refused' | 'unreachable'> {}
