import { ProblemError } from '../../api/problem';

/** What a dry run answers, or null from a deployment that does not know this one. */
export async function orUnknown<T>(dryRun: Promise<T>): Promise<T | null> {
  try {
    return await dryRun;
  } catch (error) {
    if (error instanceof ProblemError && error.reason === 'unknown_parameter') return null;
    throw error;
  }
}
