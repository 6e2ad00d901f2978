/** Whether what was asked for is there; any other error is thrown. */
export async function exists(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (/not found/i.test(String((error as Error).message))) return false;
    throw error;
  }
}
