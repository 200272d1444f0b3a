import { bodyOf, type Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';

/** Asks what a change of a destination would do. */
export function useDestinationPreview(destination: string) {
  const api = useApi();
  const sandbox = useSandbox();
  return (body: Schemas['PatchDestination'], signal: AbortSignal) =>
    bodyOf(
      api.PATCH('/sandboxes/{sandbox}/destinations/{destination}', {
        params: { path: { sandbox, destination }, query: { dryRun: true } },
        body,
        signal,
      }),
    ) as Promise<Schemas['DestinationPreview']>;
}
