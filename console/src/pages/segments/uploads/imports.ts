import { useQuery } from '@tanstack/react-query';
import { bodyOf, type Client, type Schemas } from 'handfast-client';
import { useApi } from '../../../api/context';
import { useAction } from '../../../api/queries';
import { type Import, importsKey } from '../queries';
import type { NewUpload } from './body';
import type { Chosen } from './files';
import { type Numbered, sendParts } from './transfers';

export type Part = Schemas['ImportPart'];
const PARTS_PAGE = 200;
const AWAITED_MS = 15_000;
/** Links live an hour; what is sent takes its time, too. */
const LINKS_FOR_MS = 40 * 60_000;

/** The parts of an import from a page on, in their order, with a link each as long as they may be put. */
async function partsOf(api: Client, sandbox: string, id: string, from: string | null = null): Promise<Part[]> {
  const found: Part[] = [];
  let cursor = from;
  do {
    const query = { limit: PARTS_PAGE, ...(cursor && { cursor }) };
    const page: Schemas['ImportPartList'] = await bodyOf(
      api.GET('/sandboxes/{sandbox}/imports/{imported}/parts', {
        params: { path: { sandbox, imported: id }, query },
      }),
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

/** All parts of an import, as they are in this state of it. */
export function useParts(sandbox: string, { importId, status, parts }: Import, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [...importsKey(sandbox), importId, 'parts', status, parts.failedTotal],
    queryFn: () => partsOf(api, sandbox, importId),
    enabled,
    // Another window, or a program, may be sending them.
    refetchInterval: status === 'awaiting_file' && AWAITED_MS,
  });
}

/** Where parts are put: links as they were answered, and new ones once those have become old. */
function linksOf(api: Client, sandbox: string, id: string, known: (string | null)[], next: string | null) {
  let links = known;
  let asked = Date.now();
  let reading: Promise<void> | null = null;
  const read = async (from: string | null) => {
    const urls = (await partsOf(api, sandbox, id, from)).map(({ uploadUrl }) => uploadUrl);
    links = from ? [...links, ...urls] : urls;
    if (!from) asked = Date.now();
  };
  return async (number: number, isNew: boolean): Promise<string> => {
    const isOld = isNew || Date.now() - asked > LINKS_FOR_MS;
    if (!reading && (isOld || number >= links.length))
      reading = read(isOld ? null : next).finally(() => {
        reading = null;
      });
    await reading;
    const link = links[number];
    if (!link) throw new Error(`no link to part ${number}`);
    return link;
  };
}

interface Input {
  files: Chosen[];
  body: NewUpload;
}

/** Announce an import and begin to send its files; the answer, its id, comes once it is announced. */
export function useStartImport(sandbox: string) {
  const api = useApi();
  const start = useStart(sandbox);
  return useAction(
    async ({ files, body }: Input) => {
      const created = await bodyOf(
        api.POST('/sandboxes/{sandbox}/imports', {
          params: { path: { sandbox } },
          body: { ...body, files: files.map(({ name }) => name) },
        }),
      );
      const { importId, uploadUrls, nextCursor } = created;
      const numbered = files.map(({ file }, number) => ({ number, file }));
      const links = linksOf(api, sandbox, importId, uploadUrls, nextCursor);
      // Its failure stands at the transfer, where it can be tried again.
      void sendParts(importId, numbered, links, () => start(importId)).catch(() => undefined);
      return importId;
    },
    { invalidates: [importsKey(sandbox)] },
  );
}

function useStart(sandbox: string) {
  const api = useApi();
  return (imported: string) =>
    api.POST('/sandboxes/{sandbox}/imports/{imported}/start', { params: { path: { sandbox, imported } } });
}

/** Send parts of an import that is there, by the links of its parts, and start it. */
export function useSendAgain(sandbox: string, { importId }: Import) {
  const api = useApi();
  const start = useStart(sandbox);
  return useAction(
    async (files: Numbered[]) => {
      const links = linksOf(api, sandbox, importId, [], null);
      await sendParts(importId, files, links, () => start(importId)).catch(() => undefined);
    },
    { invalidates: [importsKey(sandbox)] },
  );
}

export function useCancel(sandbox: string, imported: string) {
  const api = useApi();
  return useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/imports/{imported}/cancel', {
          params: { path: { sandbox, imported } },
          headers: once,
        }),
      ),
    { invalidates: [importsKey(sandbox)] },
  );
}
