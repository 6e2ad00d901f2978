import { BadRequestException } from '@nestjs/common';

/** 400 that names the field, in the shape of every refused input. */
export class InvalidFieldException extends BadRequestException {
  constructor(field: string, reason: string) {
    super({ code: 'validation_failed', message: `${field}: ${reason}`, problems: [{ field, reason }] });
  }
}
