// Whether the service of this container is ready; says what is wrong where `docker inspect` shows it.
const url = `http://127.0.0.1:${process.env.PORT || 3000}/health/ready`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!answer.ok) fail(await answer.text());
} catch (error) {
  fail(error.cause?.message ?? error.message);
}

function fail(reason) {
  process.stderr.write(`not ready: ${reason}\n`);
  process.exitCode = 1;
}
