import { BadRequestException, type ValidationError, ValidationPipe } from '@nestjs/common';

/** Validates DTOs at the HTTP edges: unknown members are refused, and every problem names its field. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const problems = errors.flatMap((error) => flatten(error, ''));
      return new BadRequestException({
        code: 'validation_failed',
        message: problems.map(({ field, reason }) => `${field}: ${reason}`).join('; '),
        problems,
      });
    },
  });
}

function flatten(error: ValidationError, prefix: string): { field: string; reason: string }[] {
  const field = `${prefix}${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((reason) => ({ field, reason }));
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, `${field}.`))];
}
