import type { components } from './schema.ts';

type Problem = components['schemas']['Problem'];

/** An error that the API answered (RFC 9457), or that kept its answer from arriving (`status` 0). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** The last part of the problem's type, such as `refused`; `network` where no answer came. */
  readonly slug: string;
  readonly detail: string;
  /** What is wrong with which member of the body, by JSON pointer. */
  readonly errors: { pointer: string; message: string }[];
  readonly requestId: string | null;
  /** A stable code: of 422 the reason, of 409 the state that does not allow it, of 403 the missing permission. */
  readonly reason: string | null;
  /** All members of the problem, for those of its status. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.slug = problem.type?.split('/').at(-1) ?? 'unknown';
    this.detail = problem.detail ?? problem.title ?? '';
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId ?? null;
    this.reason = problem.reason ?? problem.current ?? problem.permission ?? null;
    this.members = problem;
  }

  static async from(response: Response): Promise<ProblemError> {
    const isJson = response.headers.get('Content-Type')?.includes('json');
    const body: unknown = isJson ? await response.json().catch(() => null) : null;
    const problem = body && typeof body === 'object' ? (body as Partial<Problem>) : {};
    return new ProblemError(response.status, problem);
  }

  static unreachable(cause: unknown): ProblemError {
    const error = new ProblemError(0, { type: 'network' });
    error.cause = cause;
    return error;
  }
}
