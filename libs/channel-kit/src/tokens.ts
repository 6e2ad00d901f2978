/** Injects the app's {@link Channel}. */
export const CHANNEL = Symbol('channel');
/** Injects the `SecretBox` that opens credentials. */
export const CREDENTIALS_BOX = Symbol('credentials box');
