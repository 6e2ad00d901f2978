/** Something else listens on the port that a server was to use. */
export class PortTakenError extends Error {
  constructor(
    readonly server: string,
    readonly port: number,
  ) {
    super(`${server} cannot start: port ${port} of 127.0.0.1 is taken`);
  }
}
