/** The request is not proven genuine; answered 401 (no proof) or 403 (wrong proof), before anything has an effect. */
export class UnprovenRequestError extends Error {
  override name = 'UnprovenRequestError';
  constructor(
    readonly status: 401 | 403,
    message: string,
  ) {
    super(message);
  }
}

/** The body is not what the provider sends; answered 400 with the reason. */
export class MalformedRequestError extends Error {
  override name = 'MalformedRequestError';
}

/** The content type is not one that the channel takes; answered 415. */
export class UnsupportedMediaError extends Error {
  override name = 'UnsupportedMediaError';
}
